"""When each cohort has earned back what it cost: a dot, and a bar for how sure that is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from app.charts.drawing import Canvas, Drawing, shorten
from app.words.cohorts import cohort_name
from app.words.text import plotly_text

ROW, FRAME, LEAST_HEIGHT = 44, 56, 240
MOST_ROWS = 16
LABEL_LENGTH = 14


def payback_chart(frame: pd.DataFrame, *, level: float, margin: float, canvas: Canvas) -> Drawing:
    """Draw the month of payback per cohort.

    Parameters
    ----------
    frame
        ``clvcore.value.payback.PAYBACK_FRAME``.
    level, margin
        Share of outcomes the bounds should hold; share of revenue that is kept.
    """
    w = canvas.w
    shown = frame.head(MOST_ROWS)
    height = max(LEAST_HEIGHT, FRAME + ROW * len(shown))
    figure = canvas.figure(height=height, margin={"l": 0, "r": 10, "t": 6, "b": 0})
    end = _end(shown)
    _bars(figure, shown, end, canvas)
    _dots(figure, shown, end, canvas)
    _axes(figure, shown, end, canvas)
    return Drawing(
        name=w("payback by cohort"),
        title=_title(frame, canvas),
        subtitle=w(
            "Month of life in which value × margin ({margin}) passes the cost of winning the "
            "customer. Dot: expected; bar: {odds}.",
            margin=w.percent(margin),
            odds=w.odds(level),
        ),
        alt=_alt(frame, canvas),
        figure=figure,
        table=_table(frame, level, canvas),
        height=height,
    )


def _end(shown: pd.DataFrame) -> float:
    """Return the last month drawn: where the bars end, or the curves do."""
    ends = shown["month_upper"].where(np.isfinite(shown["month_upper"]), shown["months"])
    return float(max(ends.max(), 1.0)) * 1.12


def _bars(figure: go.Figure, shown: pd.DataFrame, end: float, canvas: Canvas) -> None:
    low = shown["month_lower"].clip(upper=end)
    figure.add_bar(
        y=list(range(len(shown))),
        x=shown["month_upper"].clip(upper=end) - low,
        base=low,
        orientation="h",
        width=0.22,
        marker={"color": canvas.colors.expected_at(0.35), "line": {"width": 0}},
        hoverinfo="skip",
        name="range",
    )


def _dots(figure: go.Figure, shown: pd.DataFrame, end: float, canvas: Canvas) -> None:
    colors = canvas.colors
    paid = np.isfinite(shown["month"].to_numpy())
    figure.add_scatter(
        x=shown["month"].where(paid, end),
        y=list(range(len(shown))),
        mode="markers+text",
        marker={
            "size": 12,
            "color": np.where(paid, colors.expected, colors.muted),
            "symbol": np.where(paid, "circle", "triangle-right"),
            "line": {"color": colors.ground, "width": 2},
        },
        text=[f"<b>{_month(row.month, row.months, canvas)}</b>" for row in shown.itertuples()],
        textposition=np.where(paid, "top center", "top left"),
        textfont={"size": 12.5, "color": colors.ink},
        customdata=[
            [
                plotly_text(shorten(cohort_name(canvas.w, row.cohort))),
                _span(row, canvas),
                _times(row.ratio, canvas),
            ]
            for row in shown.itertuples()
        ],
        hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]}<br>%{customdata[2]}"
        "<extra></extra>",
        cliponaxis=False,
        name="payback",
    )


def _axes(figure: go.Figure, shown: pd.DataFrame, end: float, canvas: Canvas) -> None:
    step = next(s for s in (1, 2, 3, 6, 12, 24) if end / s <= 6 or s == 24)
    marks = list(range(0, int(end) + 1, step))
    text = [str(mark) for mark in marks]
    text[-1] = canvas.w.plural("{n} month", "{n} months", marks[-1])
    figure.update_xaxes(tickvals=marks, ticktext=text, range=[0, end * 1.03], showgrid=True)
    names = [plotly_text(shorten(cohort_name(canvas.w, c), LABEL_LENGTH)) for c in shown["cohort"]]
    figure.update_yaxes(
        tickvals=list(range(len(shown))),
        ticktext=[f"<b>{name}</b>" for name in names],
        tickfont={"color": canvas.colors.ink},
        range=[len(shown) - 0.4, -0.75],
        showgrid=False,
    )


def _month(month: float, reach: float, canvas: Canvas) -> str:
    if month < 1:
        return canvas.w("under {n}", n=1)
    if np.isfinite(month):
        return canvas.w.number(month, 1)
    return canvas.w.plural("not within {n} month", "not within {n} months", int(reach))


def _span(row: object, canvas: Canvas) -> str:
    low = _month(row.month_lower, row.months, canvas)
    high = _month(row.month_upper, row.months, canvas)
    return low if low == high else f"{low} – {high}"


def _times(ratio: float, canvas: Canvas) -> str:
    return canvas.w("{times} × its cost", times=canvas.w.number(ratio, 1))


def _title(frame: pd.DataFrame, canvas: Canvas) -> str:
    w, paid = canvas.w, frame[np.isfinite(frame["month"])]
    if paid.empty:
        return w("No cohort earns its cost back within the forecast")
    if len(paid) < len(frame):
        return w(
            "{paid} of {all} cohorts earn their cost back within the forecast",
            paid=len(paid),
            all=len(frame),
        )
    low, high = paid["month"].min(), paid["month"].max()
    if high < 1:
        return w("Every cohort pays back within its first month")
    if w.number(low, 1) == w.number(high, 1):
        return w("Payback takes {months} months", months=w.number(low, 1))
    return w(
        "Payback takes {low} to {high} months", low=w.number(low, 1), high=w.number(high, 1)
    )  # fmt: skip


def _alt(frame: pd.DataFrame, canvas: Canvas) -> str:
    return canvas.w(
        "Dot and bar chart of the month of payback for {n} cohorts. {finding}.",
        n=len(frame),
        finding=_title(frame, canvas),
    )


def _table(frame: pd.DataFrame, level: float, canvas: Canvas) -> pd.DataFrame:
    w = canvas.w
    return pd.DataFrame(
        [
            {
                w("Cohort"): cohort_name(w, row.cohort),
                w("Customers"): w.count(row.customers),
                w("Cost per customer"): canvas.money(row.cost),
                w("Payback, months"): _month(row.month, row.months, canvas),
                w("Payback, {odds}", odds=w.odds_short(level)): _span(row, canvas),
                w("Value ÷ cost"): w.number(row.ratio, 2),
                w("Value ÷ cost, {odds}", odds=w.odds_short(level)): (
                    f"{w.number(row.ratio_lower, 2)} – {w.number(row.ratio_upper, 2)}"
                ),
                w("At month"): w.count(row.months),
            }
            for row in frame.itertuples()
        ]
    )
