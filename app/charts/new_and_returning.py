"""Who bought in each month: customers seen for the first time, and those who came back."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from app.charts.drawing import Canvas, Drawing, money_ticks
from app.charts.months import last_months, month_axis, month_bars, month_name, panel_name

HEIGHT = 330
RECENT = 12


def new_and_returning(months: pd.DataFrame, *, canvas: Canvas) -> Drawing:
    """Draw the buyers of each month, new ones on top of those who had bought in a month before.

    Parameters
    ----------
    months
        ``month`` (first day), ``new`` and ``returning`` (customers), no month left out.
    """
    w, shown = canvas.w, last_months(months)
    figure = canvas.figure(
        height=HEIGHT, barmode="stack", bargap=0.22, margin={"l": 0, "r": 8, "t": 30, "b": 0}
    )
    for column, color in (("returning", canvas.colors.ink), ("new", canvas.colors.lost)):
        month_bars(figure, shown[column], _notes(shown, canvas), color=color)
    _axes(figure, shown, canvas)
    month_axis(figure, shown, canvas)
    return Drawing(
        name=w("new and returning customers"),
        title=_title(shown, canvas),
        subtitle=w(
            "Customers who bought in each calendar month. New: their first purchase in these "
            "orders, so in the first months nearly everybody is new."
        ),
        alt=_alt(shown, canvas),
        figure=figure,
        table=_table(shown, canvas),
        height=HEIGHT,
    )


def _axes(figure: go.Figure, shown: pd.DataFrame, canvas: Canvas) -> None:
    w, colors = canvas.w, canvas.colors
    ticks = money_ticks(float((shown["new"] + shown["returning"]).max()), 4)
    figure.update_yaxes(
        tickvals=ticks, ticktext=[w.count(tick) for tick in ticks], range=[0, ticks[-1] * 1.02]
    )
    figure.update_layout(
        annotations=[
            panel_name(_square(colors.ink) + w("Returning"), color=colors.ink, y=1.02),
            panel_name(_square(colors.lost) + w("New"), color=colors.muted, y=1.02, x=0.3),
        ]
    )


def _square(color: str) -> str:
    return f'<span style="color:{color}">■</span> '


def _notes(shown: pd.DataFrame, canvas: Canvas) -> list[list[str]]:
    w = canvas.w
    return [
        [
            month_name(row.month.date(), w),
            w("{count} returning", count=int(row.returning)),
            w("{count} new", count=int(row.new)),
        ]
        for row in shown.itertuples()
    ]


def _share(shown: pd.DataFrame) -> float | None:
    """Return the share of the last year's monthly buyers who had bought before."""
    recent = shown.iloc[1:].tail(RECENT)
    buyers = float((recent["new"] + recent["returning"]).sum())
    return float(recent["returning"].sum()) / buyers if buyers else None


def _title(shown: pd.DataFrame, canvas: Canvas) -> str:
    share = _share(shown)
    if share is None:
        return canvas.w("Who is new, and who came back")
    return canvas.w(
        "Of a month’s buyers, {share} had bought in a month before",
        share=canvas.w.percent(share),
    )


def _alt(shown: pd.DataFrame, canvas: Canvas) -> str:
    w = canvas.w
    return w(
        "Stacked bar chart of customers who bought in each of {months} months from {first} to "
        "{last}: {new} new in all, and between {few} and {many} returning a month.",
        months=len(shown),
        first=month_name(shown["month"].iloc[0].date(), w),
        last=month_name(shown["month"].iloc[-1].date(), w),
        new=int(shown["new"].sum()),
        few=int(shown["returning"].min()),
        many=int(shown["returning"].max()),
    )


def _table(shown: pd.DataFrame, canvas: Canvas) -> pd.DataFrame:
    w = canvas.w
    return pd.DataFrame(
        {
            w("Month"): [month_name(day.date(), w) for day in shown["month"]],
            w("New"): [w.count(value) for value in shown["new"]],
            w("Returning"): [w.count(value) for value in shown["returning"]],
        }
    )
