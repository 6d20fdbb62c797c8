"""Expected value by value group: a dot, and how sure it is."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from app.charts.drawing import Canvas, Drawing, money_ticks
from app.words.groups import segment_names
from clvcore.records.columns import HIGH, SEGMENTS
from clvcore.records.config import Segmentation

HEIGHT = 360
PALE, DARK = 0.34, 0.68


def segment_values(
    totals: pd.DataFrame,
    *,
    rule: Segmentation,
    level: float,
    canvas: Canvas,
    inner: pd.DataFrame | None = None,
) -> Drawing:
    """Draw a dot at the expected value of each group, and a bar over its interval.

    Parameters
    ----------
    totals
        ``clvcore.records.columns.TOTALS_FRAME``; only the scope ``segment`` is drawn.
    rule
        The shares of customers the groups are made by.
    level
        Nominal share of the intervals.
    inner
        The same totals at one time in two, where known.
    """
    w = canvas.w
    shown = by_segment(totals)
    measured = bool(shown[["clv_lower", "clv_upper"]].notna().all(axis=None))
    figure = canvas.figure(
        height=HEIGHT, barmode="overlay", margin={"l": 0, "r": 12, "t": 6, "b": 0}
    )
    if measured:
        _bars(figure, shown, PALE, canvas)
        if inner is not None:
            _bars(figure, by_segment(inner), DARK, canvas)
    _dots(figure, shown, measured=measured, canvas=canvas)
    _axes(figure, shown, rule, canvas)
    return Drawing(
        name=w("value by group"),
        title=high_share_title(shown, canvas),
        subtitle=_subtitle(level, measured=measured, both=inner is not None, canvas=canvas),
        alt=_alt(shown, canvas),
        figure=figure,
        table=_table(shown, level, measured=measured, canvas=canvas),
        height=HEIGHT,
    )


def by_segment(totals: pd.DataFrame) -> pd.DataFrame:
    """Return the totals of the value groups, the highest first; an empty group holds nothing."""
    rows = totals[totals["scope"] == "segment"].set_index("key")
    columns = ["customers", "clv", "clv_lower", "clv_upper"]
    empty = [segment for segment in SEGMENTS if segment not in rows.index]
    shown = rows[columns].reindex(list(SEGMENTS)).astype(float)
    shown.loc[empty] = 0.0
    return shown


def group_shares(rule: Segmentation, canvas: Canvas) -> list[str]:
    """Say what share of the customers each group is, the highest first."""
    w = canvas.w
    return [
        w("top {share}", share=w.percent(rule.high)),
        w("next {share}", share=w.percent(rule.medium)),
        w("last {share}", share=w.percent(1 - rule.high - rule.medium)),
    ]


def high_share_title(shown: pd.DataFrame, canvas: Canvas) -> str:
    """Say what share the high group carries, where that is more than its share of heads."""
    w, total = canvas.w, float(shown["clv"].sum())
    share = float(shown.loc[HIGH, "clv"]) / total if total > 0 else 0.0
    heads = float(shown.loc[HIGH, "customers"]) / max(float(shown["customers"].sum()), 1.0)
    if share > 1.5 * heads:
        return w("High-value customers carry {share} of the total", share=w.percent(share))
    return w("Expected value by value group")


def _bars(figure: go.Figure, shown: pd.DataFrame, alpha: float, canvas: Canvas) -> None:
    colors = [getattr(canvas.colors, segment) for segment in shown.index]
    figure.add_bar(
        y=list(range(len(shown))),
        x=shown["clv_upper"] - shown["clv_lower"],
        base=shown["clv_lower"],
        orientation="h",
        width=0.1,
        marker={"color": colors, "opacity": alpha, "line": {"width": 0}},
        hoverinfo="skip",
        name="interval",
    )


def _dots(figure: go.Figure, shown: pd.DataFrame, *, measured: bool, canvas: Canvas) -> None:
    w, colors = canvas.w, canvas.colors
    names = segment_names(w)
    hover = [
        [
            names[segment],
            canvas.money(row["clv"]),
            w.money_range(row["clv_lower"], row["clv_upper"], canvas.currency) if measured else "",
        ]
        for segment, row in shown.iterrows()
    ]
    figure.add_scatter(
        x=shown["clv"],
        y=list(range(len(shown))),
        mode="markers+text",
        marker={
            "size": 12,
            "color": [getattr(colors, segment) for segment in shown.index],
            "line": {"color": colors.ground, "width": 2},
        },
        text=[f"<b>{canvas.money(v)}</b><br> " for v in shown["clv"]],
        textposition="top center",
        textfont={"size": 12.5, "color": colors.ink},
        cliponaxis=False,
        customdata=hover,
        hovertemplate="%{customdata[0]}<br><b>%{customdata[1]}</b><br>%{customdata[2]}"
        "<extra></extra>",
        name="expected",
    )


def _axes(figure: go.Figure, shown: pd.DataFrame, rule: Segmentation, canvas: Canvas) -> None:
    w, colors = canvas.w, canvas.colors
    largest = float(shown[["clv", "clv_upper"]].max(axis=None))
    ticks = money_ticks(largest, steps=3)
    figure.update_xaxes(
        showgrid=True,
        tickvals=ticks,
        ticktext=canvas.ticks(ticks),
        # the value written above a dot near zero needs room at its left
        range=[-0.05 * max(ticks[-1], largest), max(ticks[-1], largest) * 1.08],
    )
    rows = zip(segment_names(w).values(), shown["customers"], group_shares(rule, canvas),
               strict=True)  # fmt: skip
    figure.update_yaxes(
        showgrid=False,
        tickvals=list(range(len(shown))),
        ticktext=[
            f"<b>{name}</b><br><span style='color:{colors.muted}'>{w.count(count)} · {share}</span>"
            for name, count, share in rows
        ],
        tickfont={"color": colors.ink, "size": 12.5},
        range=[len(shown) - 0.5, -0.6],
    )


def _subtitle(level: float, *, measured: bool, both: bool, canvas: Canvas) -> str:
    w = canvas.w
    what = w("Expected value by value group{unit}.", unit=canvas.unit)
    if not measured:
        return what + " " + w("Ranges are not measured yet, so none is drawn.")
    odds = w.odds(level)
    how = (
        w("Dot: expected; dark bar: 1 time in 2; pale bar: {odds}.", odds=odds)
        if both
        else w("Dot: expected; bar: {odds}.", odds=odds)
    )
    return f"{what} {how}"


def _alt(shown: pd.DataFrame, canvas: Canvas) -> str:
    names = segment_names(canvas.w)
    parts = [f"{names[segment]} {canvas.money(v)}" for segment, v in shown["clv"].items()]
    return canvas.w(
        "Dot and bar chart of expected value by value group: {parts}.", parts=", ".join(parts)
    )


def _table(shown: pd.DataFrame, level: float, *, measured: bool, canvas: Canvas) -> pd.DataFrame:
    w, names = canvas.w, segment_names(canvas.w)
    return pd.DataFrame(
        {
            w("Value"): [names[segment] for segment in shown.index],
            w("Customers"): [w.count(v) for v in shown["customers"]],
            w("Expected"): [canvas.money(v) for v in shown["clv"]],
            w.odds(level): [
                w.money_range(low, high, canvas.currency) if measured else "–"
                for low, high in zip(shown["clv_lower"], shown["clv_upper"], strict=True)
            ],
        }
    )
