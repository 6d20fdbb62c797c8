"""Every chart: the right marks, words that follow the numbers, and nothing a user typed as code."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest

from app.charts.distribution import Scale, distribution
from app.charts.drawing import MOST_MARKS, Canvas, marks, money_ticks
from app.charts.history import history
from app.charts.quality import quality
from app.charts.segments import segments
from app.charts.theme import DARK, LIGHT, register, template
from app.charts.top import top
from app.words.text import LANGUAGES, words_for
from clvcore.records.columns import FORECAST, OBSERVED
from clvcore.records.transactions import QualityReport

AS_OF = dt.date(2011, 6, 9)
CUTOFFS = {"high_from": 1471.0, "medium_from": 455.0} | {
    "active_from": 0.8, "cooling_from": 0.5, "at_risk_from": 0.2,
}  # fmt: skip


def _canvas(language="en", colors=LIGHT, currency="GBP") -> Canvas:
    return Canvas(words_for(language), colors, currency)


def _customers(n=500) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    clv = np.exp(rng.normal(6.0, 1.3, n))
    frame = pd.DataFrame(
        {
            "clv": clv,
            "clv_lower": clv * 0.2,
            "clv_upper": clv * 2.0,
            "segment": np.select([clv >= 1471, clv >= 455], ["high", "medium"], "low"),
            "risk": rng.choice(["active", "cooling", "at_risk", "lost"], n),
        },
        index=pd.Index([f"C{i}" for i in range(n)], name="customer_id"),
    )
    return frame.assign(action=frame["segment"] + "_" + frame["risk"])


def _groups(customers: pd.DataFrame) -> pd.DataFrame:
    by = customers.groupby(customers["segment"] + "_" + customers["risk"])
    sums = by.agg(
        customers=("clv", "size"),
        total=("clv", "sum"),
        lower=("clv_lower", "sum"),
        upper=("clv_upper", "sum"),
    )
    return sums.rename_axis("key").reset_index()


def _timeline(before=100.0, after=80.0, *, measured=False) -> pd.DataFrame:
    months = pd.date_range("2010-07-09", periods=24, freq=pd.DateOffset(months=1))
    ahead = months > pd.Timestamp(AS_OF)
    revenue = np.where(ahead, after, before) * 1000.0
    return pd.DataFrame(
        {
            "month": months,
            "kind": np.where(ahead, FORECAST, OBSERVED),
            "revenue": revenue,
            "lower": np.where(ahead & measured, revenue * 0.8, np.nan),
            "upper": np.where(ahead & measured, revenue * 1.3, np.nan),
            "purchases": 900.0,
        }
    )


def _report() -> QualityReport:
    return QualityReport(
        rows_in=724_762,
        rows_used=550_527,
        rows_dropped={"missing_customer_id": 163_466, "returned": 10_769},
        amount_in=13.1e6,
        amount_used=11.714e6,
        amount_dropped={"missing_customer_id": 1.74e6, "returned": -354e3},
        customers_in=5_000,
        customers_used=4_955,
    )


def _history(timeline, canvas):
    return history(timeline, as_of=AS_OF, customers=4_955, level=0.95, canvas=canvas)


DRAWINGS = {
    "history": lambda canvas: _history(_timeline(), canvas),
    "distribution": lambda canvas: distribution(
        _customers(), cutoffs=CUTOFFS, months="12 months", canvas=canvas
    ),
    "top": lambda canvas: top(_customers(), level=0.95, months="12 months", canvas=canvas),
    "segments": lambda canvas: segments(
        _groups(_customers()), cutoffs=CUTOFFS, level=0.95, canvas=canvas
    ),
    "quality": lambda canvas: quality(_report(), canvas=canvas),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=lambda p: p.name)
@pytest.mark.parametrize("draw", DRAWINGS.values(), ids=DRAWINGS)
def test_every_chart_has_words_a_table_and_few_marks(draw, colors, language):
    drawing = draw(_canvas(language, colors))
    assert all((drawing.name, drawing.title, drawing.subtitle, drawing.alt))
    assert len(drawing.table)
    assert drawing.figure.layout.height == drawing.height
    assert 0 < marks(drawing.figure) <= MOST_MARKS
    assert "nan" not in drawing.alt.casefold()
    json.loads(drawing.figure.to_json())


@pytest.mark.parametrize("draw", DRAWINGS.values(), ids=DRAWINGS)
def test_no_chart_zooms_or_shows_a_legend(draw):
    layout = draw(_canvas()).figure.layout
    assert layout.template.layout.showlegend is False
    assert layout.template.layout.xaxis.fixedrange is True
    assert layout.template.layout.yaxis.fixedrange is True


def test_charts_leave_the_frames_they_are_given_alone():
    customers, timeline = _customers(), _timeline()
    before = customers.copy(), timeline.copy()
    _history(timeline, _canvas())
    distribution(customers, cutoffs=CUTOFFS, months="12 months", canvas=_canvas())
    top(customers, level=0.95, months="12 months", canvas=_canvas())
    segments(_groups(customers), cutoffs=CUTOFFS, level=0.95, canvas=_canvas())
    pd.testing.assert_frame_equal(customers, before[0])
    pd.testing.assert_frame_equal(timeline, before[1])


def test_history_joins_the_forecast_to_the_last_observed_month():
    figure = _history(_timeline(), _canvas()).figure
    observed, expected = figure.data
    assert len(observed.x) == 12
    assert len(expected.x) == 13
    assert expected.x[0] == observed.x[-1]
    assert expected.y[0] == observed.y[-1]
    assert expected.line.dash
    assert observed.line.dash is None


def test_history_draws_a_band_only_where_a_range_was_measured():
    without = _history(_timeline(), _canvas())
    assert [trace.name for trace in without.figure.data] == ["observed", "expected"]
    assert "not measured yet" in without.subtitle
    measured = _history(_timeline(measured=True), _canvas())
    assert [trace.name for trace in measured.figure.data][:2] == ["lower", "upper"]
    assert "19 times out of 20" in measured.subtitle


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [(100, 80, "after £100"), (100, 130, "up from £100"), (100, 101, "go on spending")],
)
def test_historys_title_follows_the_numbers(before, after, words):
    assert words in _history(_timeline(before, after), _canvas()).title


def test_historys_title_is_neutral_without_a_past():
    timeline = _timeline()
    young = timeline[timeline["kind"] == FORECAST]
    assert _history(young, _canvas()).title == "Spending so far, and what should follow"


def test_the_time_axis_speaks_the_language_and_stays_within_the_data():
    figure = _history(_timeline(), _canvas("es")).figure
    ticks = figure.layout.xaxis.ticktext
    assert ticks[0] == "Jul<br>2010"
    assert any(tick.startswith("Ene") or tick.startswith("Mar") for tick in ticks)
    assert len(ticks) <= 6
    assert figure.layout.xaxis.range[1] <= dt.date(2012, 7, 9)


def test_distribution_counts_every_customer_once():
    customers = _customers()
    drawing = distribution(customers, cutoffs=CUTOFFS, months="12 months", canvas=_canvas())
    counted = {trace.name: int(np.sum(trace.y)) for trace in drawing.figure.data}
    assert counted == customers["segment"].value_counts().to_dict()
    assert {a.text for a in drawing.figure.layout.annotations} == {
        "medium from £455", "high from £1,471",
    }  # fmt: skip


@pytest.mark.parametrize("values", [[0.0, 0.0], [7.0], [5.0, 5.0, 5.0], [0.0, 1e-9, 1e9]])
def test_distribution_holds_out_against_odd_values(values):
    frame = pd.DataFrame({"clv": values, "segment": "low"})
    drawing = distribution(frame, cutoffs={}, months="12 months", canvas=_canvas())
    assert sum(int(np.sum(trace.y)) for trace in drawing.figure.data) == len(values)


def test_the_scale_multiplies_and_never_grows_too_fine():
    scale = Scale.of(np.array([1.0, 1e6]))
    assert scale.bars <= 42
    assert scale.edge(1) / scale.edge(0) == pytest.approx(scale.ratio)
    assert float(scale.position(scale.edge(3))) == pytest.approx(3.0)


def test_top_shows_the_largest_first_with_their_intervals():
    customers = _customers()
    drawing = top(customers, level=0.95, months="12 months", canvas=_canvas())
    interval, dots, _ = drawing.figure.data
    assert list(dots.x) == sorted(customers["clv"], reverse=True)[:10]
    ends = np.asarray(interval.base, float) + np.asarray(interval.x, float)
    np.testing.assert_allclose(ends, np.asarray(dots.x, float) * 2.0)
    assert drawing.figure.layout.yaxis.range[0] > drawing.figure.layout.yaxis.range[1]


def test_top_draws_a_second_bar_where_one_time_in_two_is_known():
    customers = _customers()
    inner = customers[["clv_lower", "clv_upper"]]
    drawing = top(customers, level=0.95, months="12 months", canvas=_canvas(), inner=inner)
    assert [trace.name for trace in drawing.figure.data][:2] == ["interval", "inner"]
    assert "1 time in 2" in drawing.subtitle


def test_top_shows_ids_as_text_whatever_they_hold():
    customers = _customers(3).set_axis(["<b>x</b>", "%{y}", "a" * 90], axis=0)
    figure = top(customers, level=0.95, months="12 months", canvas=_canvas()).figure
    ticks = "".join(figure.layout.yaxis.ticktext)
    hover = "".join(row[0] for trace in figure.data if trace.customdata is not None
                    for row in trace.customdata)  # fmt: skip
    assert "<b>x" not in ticks
    assert "<b>x" not in hover
    assert "%{y}" not in ticks + hover
    assert "a" * 30 not in ticks
    assert "…" in ticks


def test_segments_sum_value_and_customers_per_cell():
    customers = _customers()
    drawing = segments(_groups(customers), cutoffs=CUTOFFS, level=0.95, canvas=_canvas())
    assert len(drawing.table) == 12
    texts = [t for trace in drawing.figure.data[1:] for t in trace.text]
    assert len(texts) == 12
    cell = customers[(customers["segment"] == "high") & (customers["risk"] == "active")]
    w = words_for("en")
    assert f"<b>{w.money(cell['clv'].sum(), 'GBP')}</b><br>{len(cell)}" in texts


def test_segments_say_the_cut_offs_of_each_risk_and_mark_empty_cells():
    customers = _customers()
    drawing = segments(
        _groups(customers[customers["risk"] != "lost"]),
        cutoffs=CUTOFFS,
        level=0.95,
        canvas=_canvas(),
    )
    heads = "".join(drawing.figure.layout.xaxis.ticktext)
    for words in ("80% and over", "50–79%", "20–49%", "under 20%"):
        assert words in heads
    texts = [t for trace in drawing.figure.data[1:] for t in trace.text]
    assert texts.count("–") == 3


def test_segments_title_is_neutral_when_active_customers_do_not_lead():
    customers = _customers().assign(risk="lost")
    title = segments(_groups(customers), cutoffs=CUTOFFS, level=0.95, canvas=_canvas()).title
    assert title == "Expected value by value group and risk"


def test_the_waterfall_closes_and_writes_the_sign_of_money():
    drawing = quality(_report(), canvas=_canvas())
    bars = drawing.figure.data[0]
    assert list(bars.x) == [724_762, 163_466, 10_769, 550_527]
    assert list(bars.base) == [0, 561_296, 550_527, 0]
    labels = drawing.figure.data[2].text
    assert "−163,466 rows" in labels[1]
    assert "−£1.74" in labels[1]
    assert "+£354" in labels[2]
    assert drawing.figure.layout.yaxis.ticktext[1] == "No customer number"


def test_the_waterfall_puts_many_reasons_together():
    dropped = {f"reason_{i}": 10 + i for i in range(9)}
    total = sum(dropped.values())
    report = QualityReport(
        rows_in=total + 5, rows_used=5, rows_dropped=dropped, amount_in=5.0, amount_used=5.0,
        amount_dropped={}, customers_in=1, customers_used=1,
    )  # fmt: skip
    bars = quality(report, canvas=_canvas()).figure.data[0]
    assert len(bars.x) == 8
    assert sum(bars.x[1:-1]) == total


@pytest.mark.parametrize("largest", [0.0, 0.03, 1.0, 97.0, 1_204.0, 8.1e6])
def test_ticks_start_at_zero_and_reach_the_largest_value(largest):
    ticks = money_ticks(largest)
    assert ticks[0] == 0
    assert ticks[-1] >= largest
    assert 2 <= len(ticks) <= 6


def test_the_template_is_known_by_name_only_after_asking():
    import plotly.io as pio

    register()
    assert pio.templates["clv"].layout.font.size == template(LIGHT).layout.font.size == 13
    assert pio.templates["clv_dark"].layout.font.color == DARK.muted
