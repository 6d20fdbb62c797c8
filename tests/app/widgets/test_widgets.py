"""The pieces that compute or build markup: filters, figures, table, mapper."""

from __future__ import annotations

import pandas as pd
import pytest

from app.charts.theme import DARK, LIGHT
from app.widgets.customer_filters import Filters, select
from app.widgets.forecast_settings import MODELS, model_names
from app.widgets.kpi import below, strip
from app.words.figures import Interval, Kpi
from app.words.groups import action_words, reason_words
from app.words.run_in_view import horizon_words
from app.words.text import words_for
from clvcore.records.columns import RISKS
from clvcore.records.config import ForecastConfig
from clvcore.value.actions import WORDS

CUSTOMERS = pd.DataFrame(
    {
        "segment": ["high", "high", "medium", "low"],
        "risk": ["active", "cooling", "at_risk", "lost"],
        "cohort": ["2024-Q1", "2024-Q2", "2024-Q1", "2024-Q1"],
        "clv": [4.0, 3.0, 2.0, 1.0],
    },
    index=["Ana.1", "bob", "ANA-2", "(x"],
)


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        (Filters(), ["Ana.1", "bob", "ANA-2", "(x"]),
        (Filters(segments=("high",)), ["Ana.1", "bob"]),
        (Filters(risks=("cooling", "at_risk")), ["bob", "ANA-2"]),
        (Filters(segments=("high",), risks=("cooling", "at_risk")), ["bob"]),
        (Filters(cohort="2024-Q2"), ["bob"]),
        (Filters(search=" ana "), ["Ana.1", "ANA-2"]),
        (Filters(search="(x"), ["(x"]),
        (Filters(search="."), ["Ana.1"]),
        (Filters(search="nobody"), []),
    ],
)
def test_filters_keep_exactly_those_who_match(filters, left):
    assert list(select(CUSTOMERS, filters).index) == left


def test_only_one_choice_is_the_high_value_customers_who_slip_away():
    asked = Filters(segments=("high",), risks=("at_risk", "cooling"))
    assert asked.high_and_slipping
    assert not Filters(segments=("high",), risks=("cooling",)).high_and_slipping
    assert not Filters().any


def test_figures_escape_everything_and_draw_a_strip_only_where_there_is_an_interval():
    kpi = Kpi(label="x", value="1", words="<b>w</b>", definition="<img src=x>")
    markup = below(kpi, LIGHT)
    assert "<b>" not in markup
    assert "<img" not in markup
    assert "aria-hidden" not in markup
    unknown = Interval(value=5.0, low=float("nan"), high=float("nan"))
    assert "aria-hidden" not in below(Kpi(label="x", value="1", interval=unknown), LIGHT)
    known = Interval(value=5.0, low=2.0, high=10.0)
    assert "aria-hidden" in below(Kpi(label="x", value="1", interval=known), DARK)


def test_the_strip_starts_at_zero_and_leaves_room_above():
    markup = strip(Interval(value=5.9, low=2.36, high=10.0), LIGHT)
    assert "left:20.0%" in markup
    assert "width:64.7%" in markup
    assert "calc(50.0% - 1px)" in markup


def test_a_shared_scale_makes_strips_comparable():
    markup = strip(Interval(value=1.0, low=0.5, high=2.0, scale=20.0), LIGHT)
    assert "left:2.5%" in markup


def test_offered_models_can_be_asked_for_and_fit_the_select():
    for language in ("en", "es", "pt"):
        names = model_names(words_for(language))
        assert set(names) == set(MODELS)
        assert max(map(len, names.values())) < 25
    for model in MODELS:
        assert ForecastConfig(model=model).model == model


def test_every_action_and_risk_has_words_in_every_language():
    for language in ("en", "es", "pt"):
        w = words_for(language)
        assert set(action_words(w)) == set(WORDS)
        assert set(reason_words(w)) == set(RISKS)
        assert all(action_words(w).values())
    assert action_words(words_for("es"))["low_lost"] != WORDS["low_lost"]


def test_horizons_are_said_in_months_or_days():
    w = words_for("en")
    assert horizon_words(w, 12, None) == "12 months"
    assert horizon_words(w, 1, None) == "1 month"
    assert horizon_words(w, None, 273) == "273 days"
