"""Value against risk: twelve cells, the money large and the customers small."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from app.charts.drawing import Canvas, Drawing
from app.charts.theme import readable_on
from app.words.groups import risk_names, risk_ranges, segment_names
from clvcore.records.columns import RISKS, SEGMENTS

HEIGHT = 340


def segments(
    groups: pd.DataFrame, *, cutoffs: dict[str, float], level: float, canvas: Canvas
) -> Drawing:
    """Draw expected value and customers for every pair of value group and risk.

    Parameters
    ----------
    groups
        ``key`` (``<segment>_<risk>``), ``customers``, ``total``, ``lower`` and ``upper``.
    cutoffs
        ``active_from``, ``cooling_from`` and ``at_risk_from``.
    level
        Share of outcomes the bounds should hold.
    """
    w = canvas.w
    keys = [f"{segment}_{risk}" for segment in SEGMENTS for risk in RISKS]
    full = groups.set_index("key").reindex(keys, fill_value=0)
    value = full["total"].to_numpy(float).reshape(len(SEGMENTS), len(RISKS))
    count = full["customers"].to_numpy(int).reshape(value.shape)
    figure = canvas.figure(height=HEIGHT, margin={"l": 0, "r": 4, "t": 54, "b": 4})
    _cells(figure, value, count, canvas)
    _heads(figure, cutoffs, canvas)
    return Drawing(
        name=w("value by segment and risk"),
        title=_title(value, canvas),
        subtitle=w(
            "Expected value by value group and risk{unit}. Stronger color: more value. Small: "
            "customers.",
            unit=canvas.unit,
        ),
        alt=_alt(value, canvas),
        figure=figure,
        table=_table(full, level, canvas),
        height=HEIGHT,
    )


def _cells(
    figure: go.Figure, value: npt.NDArray[np.float64], count: npt.NDArray[np.int64], canvas: Canvas
) -> None:
    colors = canvas.colors
    positive = value[value > 0]
    top = float(positive.max()) if positive.size else 1.0
    floor = max(float(positive.min()), top / 1e4) if positive.size else 0.1
    depth = np.clip(np.log(np.maximum(value, floor) / floor) / max(np.log(top / floor), 1e-9), 0, 1)
    depth = np.where(value > 0, 0.12 + 0.66 * depth, 0.0)
    figure.add_heatmap(
        z=depth,
        zmin=0,
        zmax=1,
        colorscale=list(colors.sequential),
        showscale=False,
        xgap=4,
        ygap=4,
        hoverinfo="skip",
        name="value",
    )
    inks = np.vectorize(lambda at: readable_on(colors.sequential_at(at)))(depth)
    for ink in np.unique(inks):
        rows, columns = np.nonzero(inks == ink)
        figure.add_scatter(
            x=columns,
            y=rows,
            mode="text",
            text=[
                _cell(value[r, c], int(count[r, c]), canvas)
                for r, c in zip(rows, columns, strict=True)
            ],
            textfont={"size": 13, "color": str(ink)},
            hoverinfo="skip",
            name="text",
        )


def _cell(value: float, count: int, canvas: Canvas) -> str:
    return f"<b>{canvas.money(value)}</b><br>{canvas.w.count(count)}" if count else "–"


def _heads(figure: go.Figure, cutoffs: dict[str, float], canvas: Canvas) -> None:
    w, colors = canvas.w, canvas.colors
    risks, ranges = risk_names(w), risk_ranges(cutoffs, w)
    figure.update_yaxes(
        showgrid=False,
        tickvals=[0, 1, 2],
        ticktext=[f"<b>{name}</b>" for name in segment_names(w).values()],
        tickfont={"color": colors.ink, "size": 13},
        range=[2.5, -0.62],
    )
    figure.update_xaxes(
        side="top",
        tickvals=[0, 1, 2, 3],
        ticktext=[
            f"<b><span style='color:{colors.ink}'>{risks[r]}</span></b><br>{ranges[r]}"
            for r in RISKS
        ],
        range=[-0.5, 3.5],
        showline=False,
    )
    figure.update_layout(
        shapes=[
            {
                "type": "rect",
                "x0": i - 0.48,
                "x1": i + 0.48,
                "y0": -0.6,
                "y1": -0.555,
                "fillcolor": getattr(colors, risk),
                "line": {"width": 0},
            }
            for i, risk in enumerate(RISKS)
        ]
    )


def _title(value: npt.NDArray[np.float64], canvas: Canvas) -> str:
    w = canvas.w
    total = float(value.sum())
    if total > 0 and float(value[:, 0].sum()) > 0.5 * total:
        return w(
            "{share} of the value sits with active customers; acting pays in the two middle "
            "columns",
            share=w.percent(float(value[:, 0].sum()) / total),
        )
    return w("Expected value by value group and risk")


def _alt(value: npt.NDArray[np.float64], canvas: Canvas) -> str:
    w = canvas.w
    parts = [
        f"{name} {canvas.money(amount)}"
        for name, amount in zip(risk_names(w).values(), value.sum(axis=0), strict=True)
    ]
    return w(
        "Grid of expected value, three value groups by four risks. Totals by risk: {parts}.",
        parts=", ".join(parts),
    )


def _table(full: pd.DataFrame, level: float, canvas: Canvas) -> pd.DataFrame:
    w = canvas.w
    segments_, risks = segment_names(w), risk_names(w)
    names = [(segments_[segment], risks[risk]) for segment in SEGMENTS for risk in RISKS]
    return pd.DataFrame(
        [
            {
                w("Value"): segment,
                w("Risk"): risk,
                w("Customers"): w.count(row.customers),
                w("Expected"): canvas.money(row.total),
                w.odds_short(level): w.money_range(row.lower, row.upper, canvas.currency),
                w("Average"): canvas.money(row.total / row.customers if row.customers else 0.0),
            }
            for (segment, risk), row in zip(names, full.itertuples(), strict=True)
        ]
    )
