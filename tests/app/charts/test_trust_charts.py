"""The measurements of the Trust page: drawn as they are, with findings that the numbers hold."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from app.charts.calibration import calibration, top_share
from app.charts.coverage import coverage
from app.charts.drawing import MOST_MARKS, Canvas, marks
from app.charts.past_totals import past_totals
from app.charts.pit import pit
from app.charts.theme import DARK, LIGHT
from app.words.coverage import must_exceed, off_promise, points, worst
from app.words.groups import group_name
from app.words.past_totals import at_level, inside
from app.words.text import LANGUAGES, words_for

W = words_for("en")
NEUTRAL = "What was promised, and what was held"


def _canvas(language="en", colors=LIGHT) -> Canvas:
    return Canvas(words_for(language), colors, "GBP")


def _all(trust, canvas):
    return {
        "coverage": coverage(trust.coverage, canvas=canvas),
        "totals": past_totals(trust.totals, window="12 months", canvas=canvas),
        "calibration": calibration(trust.calibration, canvas=canvas),
        "pit": pit(trust.pit, canvas=canvas),
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=lambda p: p.name)
def test_every_chart_has_words_a_table_and_few_marks(make_trust, colors, language):
    for drawing in _all(make_trust(), _canvas(language, colors)).values():
        assert all((drawing.name, drawing.title, drawing.subtitle, drawing.alt))
        assert len(drawing.table)
        assert drawing.figure.layout.height == drawing.height
        assert 0 < marks(drawing.figure) <= MOST_MARKS
        assert "nan" not in (drawing.alt + drawing.table.to_string()).casefold()
        json.loads(drawing.figure.to_json())


def test_charts_leave_the_frames_they_are_given_alone(make_trust):
    trust = make_trust()
    before = [getattr(trust, name).copy() for name in ("coverage", "totals", "pit", "calibration")]
    _all(trust, _canvas())
    after = [trust.coverage, trust.totals, trust.pit, trust.calibration]
    for one, other in zip(before, after, strict=True):
        pd.testing.assert_frame_equal(one, other)


# Coverage ----------------------------------------------------------------------------------


def _trace(figure, name):
    return next(trace for trace in figure.data if trace.name == name)


def test_promise_and_fact_stand_where_the_numbers_put_them(make_trust):
    trust = make_trust()
    figure = coverage(trust.coverage, canvas=_canvas()).figure
    held = _trace(figure, "held")
    assert list(held.x) == [0.5, 0.8, 0.9, 0.95]
    assert list(held.y) == pytest.approx([0.531, 0.794, 0.888, 0.941])
    assert [text for text in held.text if text] == [
        "promised 80%<br>held <b>79.4%</b>", "promised 95%<br>held <b>94.1%</b>",
    ]  # fmt: skip
    lower, upper = (trace for trace in figure.data if trace.name == "good")
    assert np.subtract(upper.y, lower.y) == pytest.approx(0.06)
    assert np.add(upper.y, lower.y) / 2 == pytest.approx(list(lower.x))
    chance = _trace(figure, "chance")
    row = trust.coverage[trust.coverage["scope"] == "all"].iloc[-1]
    assert chance.y[-3:-1] == (row["wilson_lower"], row["wilson_upper"])


@pytest.mark.parametrize(
    ("held", "title"),
    [
        ((0.53, 0.77, 0.93, 0.94), "The ranges keep their promise at every level"),
        ((0.63, 0.77, 0.93, 0.94), "The ranges keep their promise at 80%, 90% and 95%"),
        ((0.40, 0.70, 0.85, 0.91), "The ranges hold less than they promise: they are too narrow"),
        ((0.60, 0.84, 0.94, 0.99),
         "The ranges hold more than they promise: they are wider than needed"),
        ((0.50, 0.80, 0.84, 0.95), "Promised 90%, the ranges hold only 84.0%"),
        ((0.50, 0.86, 0.90, 0.95), "Promised 80%, the ranges hold 86.0%: wider than needed"),
        ((0.50, 0.84, 0.86, 0.95), "Promised 90%, the ranges hold only 86.0%"),
        ((0.50, np.nan, 0.9, 0.95), NEUTRAL),
    ],
)  # fmt: skip
def test_the_title_claims_only_what_the_numbers_hold(make_trust, held, title):
    frame = make_trust().coverage
    whole = frame["scope"] == "all"
    frame = frame.assign(coverage=frame["coverage"].mask(whole, [*held, *frame["coverage"][4:]]))
    assert coverage(frame, canvas=_canvas()).title == title


def test_without_measured_levels_the_chart_stays_neutral(make_trust):
    drawing = coverage(make_trust().coverage.iloc[:0], canvas=_canvas())
    assert drawing.title == NEUTRAL
    assert drawing.alt == "No shares to show."


def test_being_over_counts_from_the_share_who_bought_nothing(make_trust):
    frame = make_trust(held={0.5: 0.75, 0.8: 0.84, 0.9: 0.8, 0.95: 0.95}).coverage
    many = frame[frame["scope"] == "all"].assign(zeros=0.83, least=0.83)
    assert list(off_promise(many)) == pytest.approx([0.0, 0.01, -0.1, 0.0])
    assert worst(many)["level"] == 0.9
    assert must_exceed(W, many).startswith("At 50% and 80% more had to be held than promised: 83%")
    assert must_exceed(W, make_trust().coverage) == ""


def test_too_little_weighs_more_than_as_much_too_much(make_trust):
    frame = make_trust(held={0.5: 0.5, 0.8: 0.86, 0.9: 0.84, 0.95: 0.95}).coverage
    assert worst(frame)["level"] == 0.9


@pytest.mark.parametrize(
    ("off", "words"), [(-0.009, "−0.9 pt"), (0.0123, "+1.2 pt"), (-0.0001, "0.0 pt")]
)
def test_points_carry_a_sign_unless_they_are_nothing(off, words):
    assert points(W, off) == words


# Past totals -------------------------------------------------------------------------------


def test_each_past_date_has_its_range_its_dot_and_its_diamond(make_trust):
    trust = make_trust()
    figure = past_totals(trust.totals, window="12 months", canvas=_canvas()).figure
    outer, inner = (trace for trace in figure.data if trace.name == "range")
    assert list(outer.base) == pytest.approx([6.2e6 * 0.7] * 2)
    assert list(outer.x) == pytest.approx([6.2e6 * 0.6] * 2)
    assert list(inner.x) == pytest.approx([6.2e6 * 0.2] * 2)
    assert list(_trace(figure, "expected").x) == [6.2e6, 6.2e6]
    happened = _trace(figure, "happened")
    assert list(happened.x) == [7.05e6, 6.44e6]  # the latest date first
    assert happened.marker.symbol == "diamond"
    assert happened.marker.color == LIGHT.ink
    assert "From 9 Dec 2010" in figure.layout.yaxis.ticktext[0]
    assert figure.layout.xaxis.range[0] == 0
    assert figure.layout.xaxis.range[1] > 6.2e6 * 1.3


@pytest.mark.parametrize(
    ("actual", "title"),
    [
        ((6.44e6, 7.05e6), "2 of 2 past totals landed inside their range"),
        ((6.44e6, 9.0e6), "1 of 2 past totals landed inside their range"),
        ((1.0e6, 9.0e6), "0 of 2 past totals landed inside their range"),
        ((6.44e6,), "The one past total landed inside its range"),
        ((9.0e6,), "The one past total fell outside its range"),
        ((), "Past totals, and what happened"),
    ],
)
def test_past_totals_are_counted_and_never_turned_into_a_share(make_trust, actual, title):
    drawing = past_totals(make_trust(actual=actual).totals, window="x", canvas=_canvas())
    assert drawing.title == title


def test_a_total_outside_is_said_and_set_apart(make_trust):
    trust = make_trust(actual=(6.44e6, 9.0e6))
    happened = _trace(past_totals(trust.totals, window="x", canvas=_canvas()).figure, "happened")
    assert happened.text[0].strip() == "really <b>£9.00\u202fM</b>, outside"
    assert happened.text[1].strip() == "really <b>£6.44\u202fM</b>"
    assert list(happened.textfont.color) == [LIGHT.attention, LIGHT.ink]


def test_a_single_past_date_is_drawn_with_its_value_groups(make_trust):
    trust = make_trust(actual=(6.44e6,))
    drawing = past_totals(trust.totals, window="x", canvas=_canvas())
    ticks = " ".join(drawing.figure.layout.yaxis.ticktext)
    names = ["From 9 Dec 2010", "High value", "Medium value", "Low value"]
    assert [ticks.index(name) for name in names] == sorted(ticks.index(name) for name in names)
    assert len(_trace(drawing.figure, "expected").x) == 4


def test_one_level_alone_draws_one_bar_and_says_so(make_trust):
    totals = make_trust().totals
    for level, odds in ((0.95, "19 times out of 20"), (0.5, "1 time out of 2")):
        alone = totals[totals["level"] == level]
        drawing = past_totals(alone, window="12 months", canvas=_canvas())
        assert [trace.name for trace in drawing.figure.data].count("range") == 1
        assert f"Dot: expected then; bar: {odds}" in drawing.subtitle


def test_totals_of_nothing_are_drawn_on_an_axis_of_their_own(make_trust):
    nothing = dict.fromkeys(("actual", "forecast", "lower", "upper"), 0.0)
    totals = make_trust().totals.assign(**nothing)
    drawing = past_totals(totals, window="x", canvas=_canvas())
    assert drawing.title == "2 of 2 past totals landed inside their range"
    assert drawing.figure.layout.xaxis.range[1] > 0


def test_the_table_of_past_totals_holds_every_group(make_trust):
    trust = make_trust(actual=(6.44e6, 9.0e6))
    table = past_totals(trust.totals, window="x", canvas=_canvas()).table
    assert len(table) == len(at_level(trust.totals)) == 10
    assert list(table["Group"].iloc[:5]) == [
        "Everybody", "High value", "Medium value", "Low value", "2009 Q4",
    ]  # fmt: skip
    assert list(table["Inside"]) == ["no"] * 5 + ["yes"] * 5
    assert list(inside(at_level(trust.totals))) == [False] * 5 + [True] * 5


# Calibration -------------------------------------------------------------------------------


def _tenths(expected, actual) -> pd.DataFrame:
    return pd.DataFrame(
        {"tenth": range(1, len(expected) + 1), "customers": 100, "forecast": expected,
         "actual": actual}
    )  # fmt: skip


UP = np.geomspace(5.0, 5_000.0, 10)


@pytest.mark.parametrize(
    ("actual", "title"),
    [
        (UP * 1.1, "From the least to the most valuable tenth, expected and real spend match"),
        (UP * 2.0, "The more we expected of a tenth, the more it really spent"),
        (UP[::-1], "Expected and real spend, by tenth of the forecast"),
        (UP * 0.0, "Expected and real spend, by tenth of the forecast"),
    ],
)
def test_the_tenths_are_said_to_match_only_where_they_do(actual, title):
    assert calibration(_tenths(UP, actual), canvas=_canvas()).title == title


def test_a_tenth_that_spent_nothing_has_a_place_on_a_scale_of_ratios():
    drawing = calibration(_tenths(UP, [0.0, *UP[1:]]), canvas=_canvas())
    low = 10 ** drawing.figure.layout.yaxis.range[0]
    spent = _trace(drawing.figure, "actual")
    assert 0 < low < spent.y[0] < UP[0]
    assert "really £0" in spent.customdata[0][2] or "really 0" in spent.customdata[0][2]
    assert "Scale: each step ten times." in drawing.subtitle


def test_tenths_without_any_money_are_drawn_without_a_claim():
    drawing = calibration(_tenths(UP * 0.0, UP * 0.0), canvas=_canvas())
    assert drawing.title == "Expected and real spend, by tenth of the forecast"
    assert all(np.isfinite(drawing.figure.layout.yaxis.range))


def test_a_short_scale_has_ticks_between_the_powers_of_ten():
    near = np.linspace(20.0, 90.0, 10)
    drawing = calibration(_tenths(near, near), canvas=_canvas())
    assert list(drawing.figure.layout.yaxis.tickvals) == [20.0, 50.0, 100.0]
    assert "Scale: equal steps, equal ratios." in drawing.subtitle


def test_the_top_tenth_holds_its_share_of_what_was_spent():
    assert top_share(_tenths(UP, [1.0] * 9 + [9.0])) == pytest.approx(0.5)
    assert top_share(_tenths(UP, UP * 0.0)) == 0.0


# Outcomes over the distribution ------------------------------------------------------------


def _shares(*shares) -> pd.DataFrame:
    n = len(shares)
    return pd.DataFrame(
        {"lower": np.arange(n) / n, "upper": np.arange(1, n + 1) / n, "share": shares}
    )


@pytest.mark.parametrize(
    ("shares", "title"),
    [
        ([0.1] * 10, "Real outcomes spread evenly over what was thought possible"),
        ([0.2, 0.1, 0.08, 0.08, 0.04, 0.04, 0.08, 0.08, 0.1, 0.2],
         "Real outcomes fall at both ends too often: the ranges are too narrow"),
        ([0.02, 0.06, 0.1, 0.15, 0.17, 0.17, 0.15, 0.1, 0.06, 0.02],
         "Real outcomes fall in the middle too often: the ranges are too wide"),
        ([0.2, 0.15, 0.1, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05],
         "Real outcomes fall at the low end too often: too much was expected"),
        ([0.05, 0.05, 0.05, 0.1, 0.1, 0.1, 0.1, 0.1, 0.15, 0.2],
         "Real outcomes fall at the high end too often: too little was expected"),
        ([0.1, 0.1, 0.1, 0.04, 0.16, 0.1, 0.1, 0.1, 0.1, 0.1], "Where real outcomes fell"),
        ([0.5, np.nan, 0.5, 0.0], "Where real outcomes fell"),
    ],
)  # fmt: skip
def test_the_shape_is_named_only_where_it_is_clear(shares, title):
    assert pit(_shares(*shares), canvas=_canvas()).title == title


def test_perfect_shares_are_drawn_as_a_line_of_their_own():
    figure = pit(_shares(*[0.25] * 4), canvas=_canvas()).figure
    assert list(_trace(figure, "even").y) == [0.25, 0.25]
    assert list(_trace(figure, "share").y) == [0.25] * 4


# Names -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "key", "name"),
    [
        ("all", "all", "Everybody"),
        ("frequency", "one_time", "Bought on 1 day"),
        ("segment", "high", "High value"),
        ("origin", "2010-12-09", "From 9 Dec 2010"),
        ("origin", pd.Timestamp("2010-12-09"), "From 9 Dec 2010"),
        ("cohort", "2009-Q4", "2009 Q4"),
        ("cohort", "web", "web"),
        ("frequency", "unheard_of", "unheard_of"),
    ],
)
def test_groups_are_called_as_people_call_them(scope, key, name):
    assert group_name(W, scope, key) == name
