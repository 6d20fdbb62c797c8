"""Revenue and orders of each past month, one above the other."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from app.charts.drawing import Canvas, Drawing, money_ticks
from app.charts.months import last_months, month_axis, month_bars, month_name, panel_name

HEIGHT = 330
UPPER, LOWER = [0.47, 0.93], [0.0, 0.33]


def orders_by_month(months: pd.DataFrame, *, canvas: Canvas) -> Drawing:
    """Draw revenue above and orders below, a bar per calendar month.

    Parameters
    ----------
    months
        ``month`` (first day), ``revenue`` and ``orders`` (purchase days), no month left out.
    """
    w, shown = canvas.w, last_months(months)
    figure = canvas.figure(height=HEIGHT, margin={"l": 0, "r": 8, "t": 4, "b": 0}, bargap=0.22)
    for column, axis in (("revenue", "y"), ("orders", "y2")):
        month_bars(
            figure, shown[column], _notes(shown, canvas), color=canvas.colors.ink, yaxis=axis
        )
    _axes(figure, shown, canvas)
    month_axis(figure, shown, canvas)
    return Drawing(
        name=w("revenue and orders by month"),
        title=_title(shown, canvas),
        subtitle=w(
            "Revenue{unit} and orders per calendar month; what a customer buys on one day is one "
            "order.",
            unit=canvas.unit,
        ),
        alt=_alt(shown, canvas),
        figure=figure,
        table=_table(shown, canvas),
        height=HEIGHT,
    )


def _axes(figure: go.Figure, shown: pd.DataFrame, canvas: Canvas) -> None:
    w = canvas.w
    money = money_ticks(float(shown["revenue"].max()), 3)
    counts = money_ticks(float(shown["orders"].max()), 2)
    lowest = min(0.0, float(shown["revenue"].min()))
    figure.update_layout(
        yaxis={
            "domain": UPPER, "tickvals": money, "ticktext": canvas.ticks(money),
            "range": [lowest * 1.05, money[-1] * 1.02],
        },
        yaxis2={
            "domain": LOWER, "tickvals": counts, "ticktext": [w.count(tick) for tick in counts],
            "range": [0, counts[-1] * 1.02], "fixedrange": True,
        },
        xaxis={"anchor": "y2"},
        annotations=[
            panel_name(w("Revenue"), color=canvas.colors.ink, y=UPPER[1]),
            panel_name(w("Orders"), color=canvas.colors.ink, y=LOWER[1]),
        ],
    )  # fmt: skip


def _notes(shown: pd.DataFrame, canvas: Canvas) -> list[list[str]]:
    w = canvas.w
    return [
        [
            month_name(row.month.date(), w),
            canvas.money(row.revenue),
            w.plural("{n} order", "{n} orders", int(row.orders)),
        ]
        for row in shown.itertuples()
    ]


def _title(shown: pd.DataFrame, canvas: Canvas) -> str:
    best = shown.loc[shown["revenue"].idxmax()]
    return canvas.w(
        "The strongest month was {month}, with {money}",
        month=month_name(best["month"].date(), canvas.w),
        money=canvas.money(best["revenue"]),
    )


def _alt(shown: pd.DataFrame, canvas: Canvas) -> str:
    w = canvas.w
    return w(
        "Bar charts of {months} months from {first} to {last}: revenue from {low} to {high}, "
        "orders from {few} to {many} a month.",
        months=len(shown),
        first=month_name(shown["month"].iloc[0].date(), w),
        last=month_name(shown["month"].iloc[-1].date(), w),
        low=canvas.money(shown["revenue"].min()),
        high=canvas.money(shown["revenue"].max()),
        few=int(shown["orders"].min()),
        many=int(shown["orders"].max()),
    )


def _table(shown: pd.DataFrame, canvas: Canvas) -> pd.DataFrame:
    w = canvas.w
    return pd.DataFrame(
        {
            w("Month"): [month_name(day.date(), w) for day in shown["month"]],
            w("Revenue"): [canvas.money(value) for value in shown["revenue"]],
            w("Orders"): [w.count(value) for value in shown["orders"]],
        }
    )
