"""The largest customers by expected value, each with its interval."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from app.charts.drawing import Canvas, Drawing, money_ticks, shorten
from app.words.text import plotly_text

ROW = 29


def top(
    customers: pd.DataFrame,
    *,
    level: float,
    months: str,
    canvas: Canvas,
    inner: pd.DataFrame | None = None,
    rows: int = 10,
) -> Drawing:
    """Draw a dot at the expected value and a bar over the interval, largest customer first.

    Parameters
    ----------
    customers
        ``clv``, ``clv_lower`` and ``clv_upper`` by customer id.
    level
        Nominal share of the interval.
    months
        The horizon in words.
    inner
        ``clv_lower`` and ``clv_upper`` at one time in two for the same customers, where known.
    """
    w = canvas.w
    shown = customers.sort_values("clv", ascending=False, kind="stable").head(rows)
    height = 60 + ROW * max(len(shown), 3)
    figure = canvas.figure(height=height, margin={"l": 0, "r": 12, "t": 6, "b": 0})
    names = [shorten(str(customer)) for customer in shown.index]
    y = list(range(len(shown)))
    both = inner is not None
    _bar(figure, y, shown, canvas.colors.expected_at(0.34), "interval")
    if inner is not None:
        _bar(figure, y, inner.loc[shown.index], canvas.colors.expected_at(0.68), "inner")
    _dots(figure, y, shown, canvas)
    _values(figure, y, shown, canvas)
    _axes(figure, shown, names, canvas)
    subtitle = w("Expected spend over {months}{unit}.", months=months, unit=canvas.unit) + " "
    odds = w.odds(level)
    subtitle += (
        w("Dot: expected; dark bar: 1 time in 2; pale bar: {odds}.", odds=odds)
        if both
        else w("Dot: expected; bar: {odds}.", odds=odds)
    )
    return Drawing(
        name=w("largest customers"),
        title=_title(customers, shown, canvas),
        subtitle=subtitle,
        alt=_alt(shown, level, canvas),
        figure=figure,
        table=_table(shown, level, canvas),
        height=height,
    )


def _bar(figure: go.Figure, y: list[int], frame: pd.DataFrame, color: str, name: str) -> None:
    figure.add_bar(
        y=y,
        x=frame["clv_upper"] - frame["clv_lower"],
        base=frame["clv_lower"],
        orientation="h",
        width=0.28,
        marker={"color": color, "line": {"width": 0}},
        hoverinfo="skip",
        name=name,
    )


def _dots(figure: go.Figure, y: list[int], shown: pd.DataFrame, canvas: Canvas) -> None:
    w = canvas.w
    hover = [
        [
            plotly_text(customer),
            canvas.money(row["clv"]),
            w.money_range(row["clv_lower"], row["clv_upper"], canvas.currency),
        ]
        for customer, row in shown.iterrows()
    ]
    figure.add_scatter(
        x=shown["clv"],
        y=y,
        mode="markers",
        marker={
            "size": 12,
            "color": canvas.colors.expected,
            "line": {"color": canvas.colors.ground, "width": 2},
        },
        customdata=hover,
        hovertemplate="%{customdata[0]}<br><b>%{customdata[1]}</b><br>%{customdata[2]}"
        "<extra></extra>",
        name="expected",
    )


def _values(figure: go.Figure, y: list[int], shown: pd.DataFrame, canvas: Canvas) -> None:
    figure.add_scatter(
        x=shown[["clv", "clv_upper"]].max(axis=1),
        y=y,
        mode="text",
        text=["  " + canvas.money(v) for v in shown["clv"]],
        textposition="middle right",
        textfont={"size": 12.5, "color": canvas.colors.ink},
        hoverinfo="skip",
        cliponaxis=False,
        name="value",
    )


def _axes(figure: go.Figure, shown: pd.DataFrame, names: list[str], canvas: Canvas) -> None:
    largest = float(shown[["clv", "clv_upper"]].max(axis=None)) if len(shown) else 0.0
    ticks = money_ticks(largest)
    figure.update_layout(barmode="overlay")
    figure.update_xaxes(
        showgrid=True,
        tickvals=ticks,
        ticktext=canvas.ticks(ticks),
        # Room at the right for the value written after the longest bar.
        range=[0, max(ticks[-1], largest * 1.2)],
    )
    figure.update_yaxes(
        showgrid=False,
        tickvals=list(range(len(names))),
        ticktext=[f"<b>{plotly_text(name)}</b>" for name in names],
        tickfont={"color": canvas.colors.ink, "size": 12.5},
        range=[len(names) - 0.4, -0.6],
    )


def _title(customers: pd.DataFrame, shown: pd.DataFrame, canvas: Canvas) -> str:
    w = canvas.w
    total = float(customers["clv"].sum())
    share = float(shown["clv"].sum()) / total if total > 0 else 0.0
    if len(customers) > 3 * len(shown) and share >= 0.05:
        return w(
            "The {n} largest customers hold {share} of what you can expect",
            n=len(shown),
            share=w.percent(share),
        )
    return w.plural(
        "The largest customer, and how sure we are",
        "The {n} largest customers, and how sure we are of each",
        len(shown),
    )


def _alt(shown: pd.DataFrame, level: float, canvas: Canvas) -> str:
    if shown.empty:
        return canvas.w("No customers to show.")
    first = shown.iloc[0]
    return canvas.w(
        "Dot and bar chart of the {n} largest customers. The largest, {customer}, is expected to "
        "spend {value}; {odds} between {low} and {high}.",
        n=len(shown),
        customer=str(shown.index[0]),
        value=canvas.money(first["clv"]),
        odds=canvas.w.odds(level),
        low=canvas.money(first["clv_lower"]),
        high=canvas.money(first["clv_upper"]),
    )


def _table(shown: pd.DataFrame, level: float, canvas: Canvas) -> pd.DataFrame:
    w = canvas.w
    return pd.DataFrame(
        {
            w("Customer"): [str(customer) for customer in shown.index],
            w("Expected"): [canvas.money(v) for v in shown["clv"]],
            w.odds(level): [
                w.money_range(low, high, canvas.currency)
                for low, high in zip(shown["clv_lower"], shown["clv_upper"], strict=True)
            ],
        }
    )
