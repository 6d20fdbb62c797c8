"""From one forecast to the next: what those who stayed, joined and left make of the difference."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from app.charts.drawing import Canvas, Drawing
from app.words.text import Words
from clvcore.runs.comparison import Comparison

ROW = 56
FREE_AT_RIGHT = 1.36


@dataclass(frozen=True)
class _Bar:
    name: str
    start: float
    length: float
    customers: int
    kind: str
    low: float = math.nan
    high: float = math.nan

    @property
    def end(self) -> float:
        return self.start + self.length

    @property
    def whole(self) -> bool:
        return self.kind in ("then", "now")


def signed_money(value: float, canvas: Canvas) -> str:
    """Write a change with its sign."""
    return ("+" if value > 0 else "") + canvas.money(value)


def change(comparison: Comparison, *, canvas: Canvas) -> Drawing:
    """Draw both totals with their ranges, and the three parts of the change between them."""
    w, bars = canvas.w, _bars(comparison, canvas.w)
    height = 24 + ROW * len(bars)
    figure = canvas.figure(
        height=height, barmode="overlay", margin={"l": 0, "r": 0, "t": 4, "b": 4}
    )
    _draw(figure, bars, canvas)
    _connect(figure, bars, canvas)
    _ranges(figure, bars, canvas)
    _labels(figure, bars, canvas)
    return Drawing(
        name=w("change in expected value"),
        title=_title(comparison, canvas),
        subtitle=w(
            "Expected value{unit}, from then to now. Thin line: range of the total. Green: more, "
            "orange: less.",
            unit=canvas.unit,
        ),
        alt=w(
            "Waterfall from {before} to {after}: stayed {stayed}, joined {joined}, left {left}.",
            before=canvas.money(comparison.before.clv),
            after=canvas.money(comparison.after.clv),
            stayed=signed_money(comparison.stayed.change, canvas),
            joined=signed_money(comparison.joined.change, canvas),
            left=signed_money(comparison.left.change, canvas),
        ),
        figure=figure,
        table=_table(bars, canvas),
        height=height,
    )


def _bars(comparison: Comparison, w: Words) -> list[_Bar]:
    before, after = comparison.before, comparison.after
    bars = [
        _Bar(w("Then, {day}", day=before.as_of), 0.0, before.clv, before.customers, "then",
             before.clv_lower, before.clv_upper),
    ]  # fmt: skip
    at = before.clv
    for name, part in (
        (w("Stayed"), comparison.stayed), (w("Joined"), comparison.joined),
        (w("Left"), comparison.left),
    ):  # fmt: skip
        kind = "more" if part.change >= 0 else "less"
        bars.append(_Bar(name, at, part.change, part.customers, kind))
        at += part.change
    now = _Bar(w("Now, {day}", day=after.as_of), 0.0, after.clv, after.customers, "now",
               after.clv_lower, after.clv_upper)  # fmt: skip
    return [*bars, now]


def _title(comparison: Comparison, canvas: Canvas) -> str:
    w = canvas.w
    if not comparison.change:
        return w("The expected value has not changed")
    stayed, joined, left = (
        part.change for part in (comparison.stayed, comparison.joined, comparison.left)
    )
    parts = {
        w("Those who stayed account for {value}", value=signed_money(stayed, canvas)): stayed,
        w("New customers bring {value}", value=canvas.money(joined)): joined,
        w("Those who left take {value} with them", value=canvas.money(-left)): left,
    }  # fmt: skip
    return max(parts, key=lambda said: abs(parts[said]))


def _draw(figure: go.Figure, bars: list[_Bar], canvas: Canvas) -> None:
    colors = canvas.colors
    tones = {
        "then": colors.low, "now": colors.expected, "more": colors.good, "less": colors.attention,
    }  # fmt: skip
    figure.add_bar(
        y=list(range(len(bars))),
        x=[bar.length for bar in bars],
        base=[bar.start for bar in bars],
        orientation="h",
        width=0.42,
        marker={"color": [tones[bar.kind] for bar in bars], "line": {"width": 0}},
        hoverinfo="skip",
        name="value",
    )


def _connect(figure: go.Figure, bars: list[_Bar], canvas: Canvas) -> None:
    x: list[float | None] = []
    y: list[float | None] = []
    for i, bar in enumerate(bars[:-1]):
        x += [bar.end, bar.end, None]
        y += [i + 0.21, i + 1 - 0.21, None]
    figure.add_scatter(
        x=x, y=y, mode="lines", hoverinfo="skip", name="connect",
        line={"color": canvas.colors.muted, "width": 1.2, "dash": "3px,3px"},
    )  # fmt: skip


def _ranges(figure: go.Figure, bars: list[_Bar], canvas: Canvas) -> None:
    x: list[float | None] = []
    y: list[float | None] = []
    for i, bar in enumerate(bars):
        if math.isfinite(bar.high):
            x += [bar.low, bar.high, None]
            y += [i + 0.33, i + 0.33, None]
    figure.add_scatter(
        x=x, y=y, mode="lines", hoverinfo="skip", name="ranges",
        line={"color": canvas.colors.expected, "width": 3},
    )  # fmt: skip


def _labels(figure: go.Figure, bars: list[_Bar], canvas: Canvas) -> None:
    w = canvas.w
    reach = [max(bar.start, bar.end) for bar in bars]
    figure.add_scatter(
        x=reach,
        y=list(range(len(bars))),
        mode="text",
        text=[f"  <b>{_value(bar, canvas)}</b>" for bar in bars],
        textposition="middle right",
        textfont={"size": 12.5, "color": canvas.colors.ink},
        hoverinfo="skip",
        name="labels",
    )
    ends = reach + [bar.high for bar in bars if math.isfinite(bar.high)]
    figure.update_xaxes(
        visible=False, range=[0, max(max(reach) * FREE_AT_RIGHT, max(ends) * 1.02, 1e-9)]
    )
    figure.update_yaxes(
        showgrid=False,
        tickvals=list(range(len(bars))),
        ticktext=[f"<b>{bar.name}</b><br>{_customers(bar, w)}" for bar in bars],
        tickfont={"size": 13, "color": canvas.colors.ink},
        range=[len(bars) - 0.45, -0.5],
    )


def _value(bar: _Bar, canvas: Canvas) -> str:
    return canvas.money(bar.length) if bar.whole else signed_money(bar.length, canvas)


def _customers(bar: _Bar, w: Words) -> str:
    return w.plural("{n} customer", "{n} customers", bar.customers)


def _table(bars: list[_Bar], canvas: Canvas) -> pd.DataFrame:
    w = canvas.w
    return pd.DataFrame(
        {
            w("Step"): [bar.name for bar in bars],
            w("Customers"): [w.count(bar.customers) for bar in bars],
            w("Expected"): [_value(bar, canvas) for bar in bars],
            w("Range"): [
                w.money_range(bar.low, bar.high, canvas.currency)
                if math.isfinite(bar.high)
                else "–"
                for bar in bars
            ],
        }
    )
