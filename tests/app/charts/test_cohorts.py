"""Cohorts drawn: who is compared, what is pale, and that every figure is the run's."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest

from app.charts.cohort_curves import cohort_curves
from app.charts.cohort_heatmap import cohort_heatmap
from app.charts.drawing import MOST_MARKS, Canvas, marks
from app.charts.theme import DARK, LIGHT, contrast
from app.words.cohorts import Cohorts, cohort_name, pair, span_words
from app.words.text import LANGUAGES, words_for
from clvcore.records.columns import FORECAST, OBSERVED

QUARTERS = ("2023-Q1", "2023-Q2", "2023-Q3", "2023-Q4")
MEASURES = ("value", "retention")
HOSTILE = "<b>%{x}<img src=x>"


def frame(names=QUARTERS, *, first=100.0, slope=10.0, fall=0.9, size=200, months=24, ahead=12):
    """Cohorts three months apart, each worth ``fall`` of the one before."""
    rows = []
    for k, name in enumerate(names):
        known = months - ahead - 3 * k
        for month in range(known + ahead):
            value = (first + slope * month) * fall**k
            rows.append((name, size, month, OBSERVED if month < known else FORECAST,
                         1.0 if month == 0 else 0.3 / month**0.5, value))  # fmt: skip
    columns = ["cohort", "customers", "month_index", "kind", "retention",
               "cumulative_value_per_customer"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).assign(lower=np.nan, upper=np.nan)


def canvas(language="en", colors=LIGHT):
    return Canvas(words_for(language), colors, "GBP")


@pytest.mark.parametrize("fill", [True, False])
@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("draw", [cohort_heatmap, cohort_curves])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=lambda p: p.name)
def test_every_drawing_has_words_a_table_and_few_marks(draw, measure, fill, language, colors):
    drawing = draw(
        Cohorts.of(frame(), "quarter"), measure, fill=fill, canvas=canvas(language, colors)
    )
    assert all((drawing.name, drawing.title, drawing.subtitle, drawing.alt))
    assert len(drawing.table)
    assert drawing.figure.layout.height == drawing.height
    assert 0 < marks(drawing.figure) <= MOST_MARKS
    assert not re.search(r"\bnan\b", (drawing.alt + drawing.title).casefold())
    json.loads(drawing.figure.to_json())


def test_the_first_period_is_cut_off_and_no_attribute_is():
    assert Cohorts.of(frame(), "quarter").cut == "2023-Q1"
    assert Cohorts.of(frame(("web", "shop")), "channel").cut is None


def test_the_oldest_fair_cohort_is_compared_with_the_newest_after_a_year():
    found = pair(Cohorts.of(frame(), "quarter"), "value")
    assert (found.first, found.second, found.months) == ("2023-Q2", "2023-Q4", 12)
    assert found.before == pytest.approx(210 * 0.9)
    assert found.after == pytest.approx(210 * 0.9**3)
    assert found.expected


def test_without_the_forecast_only_observed_months_are_compared():
    cohorts = Cohorts.of(frame(), "quarter")
    found = pair(cohorts, "value", fill=False)
    assert found.months == cohorts.observed["2023-Q4"] == 3
    assert not found.expected


def test_the_best_and_the_weakest_attribute_are_compared():
    found = pair(Cohorts.of(frame(("web", "shop", "fair"), fall=0.8), "channel"), "value")
    assert (found.first, found.second) == ("web", "fair")
    assert found.ratio == pytest.approx(0.64)


@pytest.mark.parametrize(
    "alone",
    [frame(QUARTERS[:2]), frame(("all",)), frame(size=29), frame(first=0.0, slope=0.0)],
    ids=["one fair", "everybody", "handfuls", "no money"],
)
def test_where_nothing_can_be_compared_titles_stay_neutral(alone):
    by = "quarter" if alone["cohort"].iloc[0] != "all" else None
    cohorts = Cohorts.of(alone, by)
    assert pair(cohorts, "value") is None
    heatmap = cohort_heatmap(cohorts, "value", fill=True, canvas=canvas())
    assert heatmap.title == "Value per customer by cohort"
    curves = cohort_curves(cohorts, "value", fill=True, canvas=canvas())
    assert curves.title == "Value since the first purchase"


@pytest.mark.parametrize(("fall", "said"), [(0.7, "49% of"), (1.01, "about the same")])
def test_the_title_follows_the_numbers(fall, said):
    cohorts = Cohorts.of(frame(fall=fall), "quarter")
    assert said in cohort_curves(cohorts, "value", fill=True, canvas=canvas()).title


def test_forecast_cells_are_pale_italic_and_behind_the_staircase():
    cohorts = Cohorts.of(frame(), "quarter")
    figure = cohort_heatmap(cohorts, "value", fill=True, canvas=canvas()).figure
    observed = [t for t in figure.data if t.name == "observed"]
    pale = [t for t in figure.data if t.name == "forecast"]
    assert len(observed) == len(pale) == 2  # in blue, and in grey for the cohort cut off
    counted = sum(np.isfinite(np.array(t.z, dtype=float)).sum() for t in observed)
    ages = [int(tick) for tick in figure.layout.xaxis.ticktext]
    assert counted == sum(age <= known for known in cohorts.observed for age in ages)
    italic = [text for t in figure.data if t.name == "text" for text in t.text if "<i>" in text]
    assert len(italic) == sum(np.isfinite(np.array(t.z, dtype=float)).sum() for t in pale)
    (stairs,) = (t for t in figure.data if t.name == "last day of data")
    edges = [sum(age <= known for age in ages) - 0.5 for known in cohorts.observed]
    assert list(stairs.x[::2]) == edges


def test_hiding_the_forecast_hides_every_sign_of_it():
    cohorts = Cohorts.of(frame(), "quarter")
    drawing = cohort_heatmap(cohorts, "value", fill=False, canvas=canvas())
    assert not [t for t in drawing.figure.data if t.name in ("forecast", "last day of data")]
    assert set(drawing.table["Kind"]) == {"observed"}
    curves = cohort_curves(cohorts, "value", fill=False, canvas=canvas())
    assert {t.name for t in curves.figure.data} == {"observed"}


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=lambda p: p.name)
@pytest.mark.parametrize("measure", MEASURES)
def test_figures_can_be_read_on_every_cell(measure, colors):
    drawing = cohort_heatmap(
        Cohorts.of(frame(), "quarter"), measure, fill=True, canvas=canvas(colors=colors)
    )
    texts = [t for t in drawing.figure.data if t.name == "text"]
    assert texts
    for trace in texts:
        assert trace.textfont.size >= 11.5
        assert max(contrast(trace.textfont.color, side) for side in ("#000000", "#FFFFFF")) > 4.5


def test_the_cohort_cut_off_is_starred_and_not_among_the_curves():
    cohorts = Cohorts.of(frame(), "quarter")
    heatmap = cohort_heatmap(cohorts, "value", fill=True, canvas=canvas()).figure
    assert [("*" in label) for label in heatmap.layout.yaxis.ticktext] == [True] + [False] * 3
    curves = cohort_curves(cohorts, "value", fill=True, canvas=canvas()).figure
    assert not any("2023 Q1" in text for t in curves.data for text in t.customdata)


def test_dashes_go_on_where_the_solid_line_ends():
    curves = cohort_curves(Cohorts.of(frame(), "quarter"), "value", fill=True, canvas=canvas())
    solid, dashed = curves.figure.data[:2]
    assert solid.line.dash is None
    assert dashed.line.dash
    assert (dashed.x[0], dashed.y[0]) == (solid.x[-1], solid.y[-1])


def test_many_cohorts_are_cut_to_a_page_and_the_table_holds_them_all():
    names = [f"{2000 + k // 12}-{k % 12 + 1:02d}" for k in range(40)]
    rows = pd.concat([frame((name,), months=13, ahead=6) for name in names], ignore_index=True)
    cohorts = Cohorts.of(rows, "month")
    drawing = cohort_heatmap(cohorts, "value", fill=True, canvas=canvas())
    assert len(drawing.figure.layout.yaxis.ticktext) == 24
    assert "Apr 2003" in drawing.figure.layout.yaxis.ticktext[-1]
    assert drawing.table["Cohort"].nunique() == 40
    assert marks(drawing.figure) <= MOST_MARKS


@pytest.mark.parametrize("months", [1, 2, 14, 26, 40, 75, 130])
def test_a_whole_year_is_always_drawn_and_columns_stay_few(months):
    cohorts = Cohorts.of(frame(QUARTERS[:1], months=months, ahead=1), "quarter")
    drawing = cohort_heatmap(cohorts, "value", fill=True, canvas=canvas())
    ages = [int(age) for age in drawing.figure.layout.xaxis.ticktext]
    assert ages[0] == 1
    assert len(ages) <= 14
    assert months < 12 or 12 in ages
    assert ages[-1] <= months


def test_what_a_user_typed_is_text_in_every_label_and_hover():
    cohorts = Cohorts.of(frame((HOSTILE, "shop")), "land")
    for draw in (cohort_heatmap, cohort_curves):
        spec = draw(cohorts, "value", fill=True, canvas=canvas()).figure.to_json()
        assert "<img" not in spec
        assert "\\u003cimg" not in spec
        assert "<b>%{" not in spec


def test_the_table_holds_the_figures_of_the_run():
    cohorts = Cohorts.of(frame(), "quarter")
    table = cohort_heatmap(cohorts, "value", fill=True, canvas=canvas()).table
    row = table[(table["Cohort"] == "2023 Q2") & (table["Months"] == 12)]
    assert row["Value per customer"].tolist() == ["£189"]
    assert len(table) == len(frame())


@pytest.mark.parametrize(
    ("label", "language", "name"),
    [
        ("2010-Q1", "en", "2010 Q1"), ("2010-Q1", "es", "2010 T1"), ("2010-01", "en", "Jan 2010"),
        ("2010-01", "es", "ene 2010"), ("2010-13", "en", "2010-13"), ("2010", "en", "2010"),
        ("all", "pt", "Todos"), ("Germany", "en", "Germany"),
    ],
)  # fmt: skip
def test_cohorts_are_named_as_people_say_them(label, language, name):
    assert cohort_name(words_for(language), label) == name


def test_twelve_months_are_a_year():
    w = words_for("en")
    assert [span_words(w, months) for months in (1, 3, 12)] == ["1 month", "3 months", "a year"]


def test_frames_are_left_as_they_were():
    given = frame()
    before = given.copy()
    cohorts = Cohorts.of(given, "quarter")
    cohort_heatmap(cohorts, "retention", fill=True, canvas=canvas())
    cohort_curves(cohorts, "retention", fill=True, canvas=canvas())
    pd.testing.assert_frame_equal(given, before)
