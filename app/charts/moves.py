"""Who moved between value groups: nine cells, customers large and their value small."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from app.charts.drawing import Canvas, Drawing
from app.charts.theme import mixed, readable_on
from app.words.groups import segment_names
from app.words.text import Words
from clvcore.records.columns import SEGMENTS

HEIGHT = 318
FAINTEST = 0.22


def moves(table: pd.DataFrame, *, canvas: Canvas) -> Drawing:
    """Draw customers and their value now for every pair of value groups.

    Parameters
    ----------
    table
        ``Comparison.moves``.
    """
    w = canvas.w
    shape = (len(SEGMENTS), len(SEGMENTS))
    count = table["customers"].to_numpy(int).reshape(shape)
    value = table["clv_after"].to_numpy(float).reshape(shape)
    figure = canvas.figure(height=HEIGHT, margin={"l": 0, "r": 4, "t": 34, "b": 4})
    _cells(figure, count, value, canvas)
    _heads(figure, canvas)
    return Drawing(
        name=w("moves between value groups"),
        title=_title(w, count),
        subtitle=w(
            "Customers in both forecasts; rows: value group then, columns: now. Small: what they "
            "should spend now{unit}. Green: up, orange: down.",
            unit=canvas.unit,
        ),
        alt=w(
            "Grid of value groups then by value groups now: {up} customers moved up, {down} moved "
            "down, {same} stayed in their group.",
            up=_up(count),
            down=_down(count),
            same=int(np.trace(count)),
        ),
        figure=figure,
        table=_table(table, canvas),
        height=HEIGHT,
    )


def _up(count: npt.NDArray[np.int64]) -> int:
    return int(np.tril(count, -1).sum())


def _down(count: npt.NDArray[np.int64]) -> int:
    return int(np.triu(count, 1).sum())


def _title(w: Words, count: npt.NDArray[np.int64]) -> str:
    up, down = _up(count), _down(count)
    if not up and not down:
        return w("Nobody changed value group")
    return w("{up} moved up, {down} moved down", up=up, down=down)


def _cells(
    figure: go.Figure, count: npt.NDArray[np.int64], value: npt.NDArray[np.float64], canvas: Canvas
) -> None:
    colors = canvas.colors
    row, column = np.indices(count.shape)
    most = max(int(count[row != column].max()), 1)
    strength = np.where(count > 0, FAINTEST + (1 - FAINTEST) * np.sqrt(count / most), 0.0)
    depth = np.sign(row - column) * np.minimum(strength, 1.0)
    figure.add_heatmap(
        z=depth, zmin=-1, zmax=1, showscale=False, xgap=4, ygap=4, hoverinfo="skip", name="moves",
        colorscale=[(0, colors.attention), (0.5, colors.grid), (1, colors.good)],
    )  # fmt: skip
    inks = np.array([[readable_on(_ground(d, canvas)) for d in line] for line in depth])
    for ink in np.unique(inks):
        rows, columns = np.nonzero(inks == ink)
        figure.add_scatter(
            x=columns,
            y=rows,
            mode="text",
            text=[
                _cell(int(count[r, c]), value[r, c], canvas)
                for r, c in zip(rows, columns, strict=True)
            ],
            textfont={"size": 13, "color": str(ink)},
            hoverinfo="skip",
            name="text",
        )


def _ground(depth: float, canvas: Canvas) -> str:
    colors = canvas.colors
    return mixed(colors.grid, colors.good if depth > 0 else colors.attention, abs(depth))


def _cell(count: int, value: float, canvas: Canvas) -> str:
    return f"<b>{canvas.w.count(count)}</b><br>{canvas.money(value)}" if count else "–"


def _heads(figure: go.Figure, canvas: Canvas) -> None:
    w, at = canvas.w, list(range(len(SEGMENTS)))
    names = segment_names(w).values()
    ink = {"color": canvas.colors.ink, "size": 13}
    figure.update_yaxes(
        showgrid=False, tickvals=at, tickfont=ink, range=[2.5, -0.5],
        ticktext=[f"<b>{w('{group} then', group=name)}</b>" for name in names],
    )  # fmt: skip
    figure.update_xaxes(
        side="top", tickvals=at, tickfont=ink, range=[-0.5, 2.5], showline=False,
        ticktext=[f"<b>{w('{group} now', group=name)}</b>" for name in names],
    )  # fmt: skip


def _table(table: pd.DataFrame, canvas: Canvas) -> pd.DataFrame:
    w, names = canvas.w, segment_names(canvas.w)
    return pd.DataFrame(
        {
            w("Value then"): table["segment_before"].map(names),
            w("Value now"): table["segment_after"].map(names),
            w("Customers"): [w.count(n) for n in table["customers"]],
            w("Expected then"): [canvas.money(v) for v in table["clv_before"]],
            w("Expected now"): [canvas.money(v) for v in table["clv_after"]],
        }
    )
