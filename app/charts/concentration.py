"""How much of the expected value the top customers hold."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from app.charts.drawing import Canvas, Drawing

HEIGHT = 290
MARKED = (0.01, 0.1, 0.2, 0.5)
POINTS = 200
LEAST_CUSTOMERS = 20
UNEVEN = 1.5


def held_by_top(clv: npt.ArrayLike, share: float) -> float:
    """Return the share of all value that the top share of customers holds, 0 to 1.

    Between two customers the curve is a straight line, so that a share of any size has a value.

    Examples
    --------
    >>> held_by_top([5.0, 3.0, 1.0, 1.0], 0.5)
    0.8
    """
    return float(_curve(np.asarray(clv, dtype=np.float64), np.array([share]))[0])


def concentration(customers: pd.DataFrame, *, canvas: Canvas) -> Drawing:
    """Draw the share of expected value (y) held by the top share of customers (x).

    Parameters
    ----------
    customers
        ``clv`` of every customer.
    """
    w = canvas.w
    clv = customers["clv"].to_numpy(dtype=np.float64)
    at = np.unique(np.concatenate([np.linspace(0, 1, POINTS + 1) ** 2, MARKED]))
    figure = canvas.figure(height=HEIGHT, margin={"l": 0, "r": 12, "t": 12, "b": 0})
    _lines(figure, at, _curve(clv, at), canvas)
    marked = [share for share in MARKED if share * len(clv) >= 1]
    held = _curve(clv, np.array(marked)).tolist()
    _marks(figure, marked, held, canvas)
    _axes(figure, canvas)
    return Drawing(
        name=w("concentration of value"),
        title=concentration_title(clv, canvas),
        subtitle=w("Share of expected value held by the top x% of customers."),
        alt=w(
            "Curve of the share of expected value held by the top customers: {parts}.",
            parts=", ".join(_held_words(canvas, s, h) for s, h in zip(marked, held, strict=True)),
        ),
        figure=figure,
        table=pd.DataFrame(
            {
                w("Top customers"): [w.percent(share) for share in marked],
                w("Customers"): [w.count(share * len(clv)) for share in marked],
                w("Share of value"): [w.percent(share, 1) for share in held],
            }
        ),
        height=HEIGHT,
    )


def concentration_title(clv: npt.NDArray[np.float64], canvas: Canvas) -> str:
    """Say what one customer in ten holds, where that is more than an even share."""
    w = canvas.w
    held = held_by_top(clv, 0.1)
    if len(clv) >= LEAST_CUSTOMERS and held > UNEVEN * 0.1:
        return w("One customer in ten holds {share} of expected value", share=w.percent(held))
    return w("How expected value is spread over customers")


def _curve(clv: npt.NDArray[np.float64], at: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    ranked = np.sort(clv)[::-1]
    total = ranked.sum()
    if total <= 0:
        return at
    held = np.concatenate([[0.0], ranked.cumsum() / total])
    return np.interp(at, np.linspace(0.0, 1.0, len(held)), held)


def _held_words(canvas: Canvas, share: float, held: float) -> str:
    w = canvas.w
    return w("top {share} hold {held}", share=w.percent(share), held=w.percent(held))


def _lines(
    figure: go.Figure,
    at: npt.NDArray[np.float64],
    held: npt.NDArray[np.float64],
    canvas: Canvas,
) -> None:
    w, colors = canvas.w, canvas.colors
    figure.add_scatter(
        x=at,
        y=held,
        mode="lines",
        line={"color": colors.expected, "width": 2.4},
        fill="tozeroy",
        fillcolor=colors.expected_at(0.08),
        customdata=[[w.percent(a, 1 if a < 0.1 else 0), w.percent(h)] for a, h in
                    zip(at, held, strict=True)],
        hovertemplate=w("top {share} hold {held}", share="%{customdata[0]}",
                        held="<b>%{customdata[1]}</b>") + "<extra></extra>",
        name="held",
    )  # fmt: skip
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": colors.muted, "width": 1.2, "dash": "3px,3px"},
        hoverinfo="skip",
        name="even",
    )


def _marks(figure: go.Figure, shares: list[float], held: list[float], canvas: Canvas) -> None:
    w, colors = canvas.w, canvas.colors
    figure.add_scatter(
        x=shares,
        y=held,
        mode="markers",
        marker={
            "size": 10,
            "color": colors.expected,
            "line": {"color": colors.ground, "width": 2},
        },
        hoverinfo="skip",
        name="marked",
    )
    notes = [
        {
            "x": share,
            "y": value,
            "xanchor": "left",
            "yanchor": "top",
            "xshift": 8,
            "yshift": -3,
            "text": w(
                "top {share} hold {held}", share=w.percent(share), held=f"<b>{w.percent(value)}</b>"
            ),
            "font": {"size": 12.5, "color": colors.ink},
            "showarrow": False,
        }
        for share, value in zip(shares, held, strict=True)
    ]
    even = {
        "x": 1.0,
        "y": 0.3,
        "xanchor": "right",
        "text": w("if all were equal"),
        "font": {"size": 12, "color": colors.muted},
        "showarrow": False,
    }
    figure.update_layout(annotations=[*notes, even])


def _axes(figure: go.Figure, canvas: Canvas) -> None:
    ticks, text = [0, 0.25, 0.5, 0.75, 1], canvas.w.percent
    figure.update_xaxes(tickvals=ticks, ticktext=[text(v) for v in ticks], range=[-0.005, 1.03])
    figure.update_yaxes(
        tickvals=[0, 0.5, 1], ticktext=[text(v) for v in (0, 0.5, 1)], range=[0, 1.06]
    )
