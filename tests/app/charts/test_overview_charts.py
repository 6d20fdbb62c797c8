"""The Overview's charts: a fan, value by group, concentration."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from app.charts.concentration import MARKED, concentration, held_by_top
from app.charts.drawing import Canvas
from app.charts.history import history
from app.charts.segment_values import segment_values
from app.charts.theme import DARK, LIGHT
from app.words.text import LANGUAGES, words_for
from clvcore.records.config import Segmentation
from tests.app.charts.test_charts import AS_OF, _timeline


def _canvas(language="en", colors=LIGHT) -> Canvas:
    return Canvas(words_for(language), colors, "GBP")


def _totals(high=4_660.0, medium=1_620.0, low=463.0) -> pd.DataFrame:
    rows = {"high": (991, high), "medium": (1_982, medium), "low": (1_982, low)}
    return pd.DataFrame(
        [
            ("segment", key, customers, clv, 0.8 * clv, 1.3 * clv)
            for key, (customers, clv) in rows.items()
            if clv
        ],
        columns=["scope", "key", "customers", "clv", "clv_lower", "clv_upper"],
    )


def _fan(level=0.95, **levels: float):
    timeline = _timeline(measured=True)
    months = timeline[timeline["kind"] == "forecast"].set_index("month")["revenue"]
    inner = {
        share: pd.DataFrame({"lower": months * (1 - wide), "upper": months * (1 + wide)})
        for share, wide in ((0.5, 0.05), (0.8, 0.1))
    }
    return history(timeline, as_of=AS_OF, customers=10, level=level, canvas=_canvas(), inner=inner)


def test_a_fan_has_nested_bands_named_at_their_edge():
    drawn = _fan()
    filled = [trace for trace in drawn.figure.data if trace.fill == "tonexty"]
    ends = [trace.y[-1] for trace in filled]
    assert ends == sorted(ends, reverse=True)
    assert len(ends) == 3
    texts = [note.text for note in drawn.figure.layout.annotations]
    assert [t for t in texts if t in ("50%", "80%", "95%")] == ["50%", "80%", "95%"]
    assert "50, 80 and 95 times out of 100" in drawn.subtitle


def test_levels_beyond_the_runs_own_are_left_out_of_the_fan():
    drawn = _fan(level=0.8)
    assert len([t for t in drawn.figure.data if t.fill == "tonexty"]) == 2
    assert "50 and 80 times" in drawn.subtitle


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_new_charts_have_words_and_a_table(language, colors):
    canvas = _canvas(language, colors)
    clv = pd.DataFrame({"clv": np.geomspace(1, 1e4, 300)})
    for drawn in (
        segment_values(_totals(), rule=Segmentation(), level=0.95, canvas=canvas, inner=_totals()),
        concentration(clv, canvas=canvas),
    ):
        assert drawn.title
        assert drawn.alt
        assert len(drawn.table) in (3, 4)
        assert not drawn.figure.layout.showlegend


def test_groups_stand_where_their_value_is_and_an_empty_one_at_nothing():
    drawn = segment_values(_totals(medium=0.0), rule=Segmentation(), level=0.9, canvas=_canvas())
    dots = next(trace for trace in drawn.figure.data if trace.name == "expected")
    assert list(dots.x) == [4_660.0, 0.0, 463.0]
    assert drawn.table["Customers"].tolist() == ["991", "0", "1,982"]
    assert drawn.title == "High-value customers carry 91% of the total"


def test_groups_of_even_value_get_a_neutral_title_and_unmeasured_ones_no_bars():
    even = _totals(991.0, 1_982.0, 1_982.0).assign(clv_lower=np.nan, clv_upper=np.nan)
    drawn = segment_values(even, rule=Segmentation(), level=0.9, canvas=_canvas())
    assert drawn.title == "Expected value by value group"
    assert [trace.name for trace in drawn.figure.data] == ["expected"]
    assert "not measured" in drawn.subtitle


def test_concentration_reads_off_what_the_top_customers_hold():
    clv = np.array([50.0] + [50.0 / 99] * 99)
    drawn = concentration(pd.DataFrame({"clv": clv}), canvas=_canvas())
    marked = next(trace for trace in drawn.figure.data if trace.name == "marked")
    assert list(marked.x) == list(MARKED)
    assert marked.y[0] == pytest.approx(0.5)
    assert drawn.title == f"One customer in ten holds {held_by_top(clv, 0.1):.0%} of expected value"


@pytest.mark.parametrize("clv", [np.full(100, 3.0), np.zeros(30), np.array([9.0, 1.0])])
def test_concentration_is_neutral_where_there_is_none(clv):
    drawn = concentration(pd.DataFrame({"clv": clv}), canvas=_canvas())
    assert drawn.title == "How expected value is spread over customers"
