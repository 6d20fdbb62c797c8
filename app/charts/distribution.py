"""How customers spread over expected value: a histogram on a scale that multiplies."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from app.charts.drawing import Canvas, Drawing, money_ticks
from app.words.text import Words
from clvcore.records.columns import HIGH, LOW, MEDIUM

HEIGHT = 340
RATIO = 1.3
MOST_BARS = 40
STACK = (LOW, MEDIUM, HIGH)


@dataclass(frozen=True)
class Scale:
    """Bars that each start ``ratio`` times higher than the one before."""

    low: float
    ratio: float
    bars: int

    @classmethod
    def of(cls, value: npt.NDArray[np.float64]) -> Scale:
        """Fit a scale to the values; the lowest hundredth shares the first bar."""
        top = float(value.max(initial=0.0))
        if not top > 0:
            return cls(low=0.0, ratio=RATIO, bars=1)
        low = _round_down(max(float(np.quantile(value[value > 0], 0.01)), top / 1e6))
        ratio = max(RATIO, (top / low) ** (1.0 / MOST_BARS))
        return cls(low, ratio, max(1, math.floor(math.log(top / low) / math.log(ratio)) + 1))

    def position(self, value: npt.NDArray[np.float64] | float) -> npt.NDArray[np.float64]:
        """Return where values stand, in bars from the left edge."""
        if self.low == 0:
            return np.zeros_like(np.asarray(value, dtype=float))
        safe = np.maximum(np.asarray(value, dtype=float), self.low)
        return np.log(safe / self.low) / math.log(self.ratio)

    def edge(self, bar: int) -> float:
        """Return the value at which a bar starts."""
        return self.low * self.ratio**bar


def distribution(
    customers: pd.DataFrame, *, cutoffs: dict[str, float], months: str, canvas: Canvas
) -> Drawing:
    """Draw customers by expected value, colored by segment, with the cut-offs written on it.

    Parameters
    ----------
    customers
        ``clv`` and ``segment`` of every customer.
    cutoffs
        ``high_from`` and ``medium_from``, in money; a group without customers has no key.
    months
        The horizon in words.
    """
    w = canvas.w
    value = customers["clv"].to_numpy(float)
    scale = Scale.of(value)
    counts = _counts(customers["segment"], value, scale)
    spans = [_span(scale, bar, canvas) for bar in range(scale.bars)]
    figure = canvas.figure(
        height=HEIGHT, barmode="stack", bargap=0.1, margin={"l": 0, "r": 8, "t": 38, "b": 0}
    )
    for segment in STACK:
        _bars(figure, segment, counts[segment], spans, canvas)
    _axes(figure, scale, int(sum(counts.values()).max()), canvas)
    _cutoffs(figure, scale, cutoffs, canvas)
    subtitle = w(
        "Customers by expected value over {months}{unit}. Each bar starts {ratio} times higher "
        "than the one before; the first also holds everybody below it.",
        months=months,
        unit=canvas.unit,
        ratio=w.number(scale.ratio),
    )
    return Drawing(
        name=w("customers by expected value"),
        title=_title(value, canvas),
        subtitle=subtitle,
        alt=_alt(value, canvas),
        figure=figure,
        table=pd.DataFrame(
            {w("Expected value"): spans} | {_names(w)[s]: counts[s] for s in reversed(STACK)}
        ),
        height=HEIGHT,
    )


def _names(w: Words) -> dict[str, str]:
    return {LOW: w("Low"), MEDIUM: w("Medium"), HIGH: w("High")}


def _round_down(value: float) -> float:
    scale = 10.0 ** math.floor(math.log10(value))
    return scale * next((m for m in (5, 2) if value >= m * scale), 1)


def _counts(
    segment: pd.Series[str], value: npt.NDArray[np.float64], scale: Scale
) -> dict[str, npt.NDArray[np.int64]]:
    bar = np.clip(np.floor(scale.position(value)).astype(int), 0, scale.bars - 1)
    return {
        name: np.bincount(bar[(segment == name).to_numpy(bool)], minlength=scale.bars)
        for name in STACK
    }


def _span(scale: Scale, bar: int, canvas: Canvas) -> str:
    if scale.low == 0:
        return canvas.money(0.0)
    if bar == 0:
        return canvas.w("below {value}", value=canvas.money(scale.edge(1)))
    return canvas.w.money_range(scale.edge(bar), scale.edge(bar + 1), canvas.currency)


def _bars(
    figure: go.Figure,
    segment: str,
    counts: npt.NDArray[np.int64],
    spans: list[str],
    canvas: Canvas,
) -> None:
    w = canvas.w
    figure.add_bar(
        x=np.arange(len(counts)) + 0.5,
        y=counts,
        marker={"color": getattr(canvas.colors, segment), "line": {"width": 0}},
        customdata=[[span, w.count(n)] for span, n in zip(spans, counts, strict=True)],
        hovertemplate=f"{_names(w)[segment]} · %{{customdata[0]}}<br>"
        "<b>%{customdata[1]}</b><extra></extra>",
        name=segment,
    )


def _axes(figure: go.Figure, scale: Scale, top: int, canvas: Canvas) -> None:
    ticks = [t for t in money_ticks(top) if t == int(t)]
    figure.update_yaxes(
        tickvals=ticks, ticktext=[canvas.w.count(t) for t in ticks], range=[0, max(top, 1) * 1.05]
    )
    marks = [m for m in _round_values(scale) if scale.low <= m <= scale.edge(scale.bars)]
    figure.update_xaxes(
        tickvals=[float(scale.position(m)) for m in marks] or [0.5],
        ticktext=[canvas.ticks([m])[0] for m in marks] or [canvas.money(0.0)],
        range=[-0.3, scale.bars + 0.3],
    )


def _round_values(scale: Scale) -> list[float]:
    """Return powers of ten, or 1, 2 and 5 times them where the scale is short."""
    if scale.low == 0:
        return []
    span = scale.ratio**scale.bars
    steps = (1,) if span > 300 else (1, 2, 5)
    first = math.floor(math.log10(scale.low))
    last = math.ceil(math.log10(scale.low * span))
    return [m * 10.0**e for e in range(first, last + 1) for m in steps]


def _cutoffs(figure: go.Figure, scale: Scale, cutoffs: dict[str, float], canvas: Canvas) -> None:
    """Write each cut-off at its line, on the side that has room."""
    w, muted = canvas.w, canvas.colors.muted
    words = {"medium_from": w("medium from"), "high_from": w("high from")}
    known = [key for key in words if key in cutoffs and scale.low > 0]
    at = {key: float(scale.position(cutoffs[key])) for key in known}
    anchors = {key: _anchor(key, at[key] / scale.bars) for key in known}
    crowded = len(known) == 2 and len(set(anchors.values())) == 1
    figure.update_layout(
        shapes=[
            {
                "type": "line",
                "x0": at[key],
                "x1": at[key],
                "yref": "paper",
                "y0": 0,
                "y1": 1.0,
                "line": {"color": muted, "width": 1.2, "dash": "3px,3px"},
            }
            for key in known
        ],
        annotations=[
            {
                "x": at[key],
                "y": 1.0,
                "yref": "paper",
                "yanchor": "bottom",
                "yshift": 15 if crowded and key == "high_from" else 0,
                "xanchor": anchors[key],
                "xshift": 6 if anchors[key] == "left" else -6,
                "text": f"{words[key]} {canvas.money(cutoffs[key])}",
                "font": {"size": 12, "color": muted},
                "showarrow": False,
            }
            for key in known
        ],
    )


def _anchor(key: str, share: float) -> str:
    if key == "medium_from":
        return "right" if share > 0.35 else "left"
    return "left" if share < 0.65 else "right"


def _title(value: npt.NDArray[np.float64], canvas: Canvas) -> str:
    w = canvas.w
    median, mean = float(np.median(value)), float(value.mean())
    if median > 0 and mean > 1.5 * median:
        return w(
            "Half of your customers are worth less than {median}; a few are worth far more",
            median=canvas.money(median),
        )
    return w("Customers by expected value")


def _alt(value: npt.NDArray[np.float64], canvas: Canvas) -> str:
    return canvas.w(
        "Histogram of {count} customers by expected value, from {low} to {high}; half of them are "
        "below {median}.",
        count=len(value),
        low=canvas.money(value.min()),
        high=canvas.money(value.max()),
        median=canvas.money(float(np.median(value))),
    )
