"""Where outcomes fell within what was thought possible: even bars are a perfect distribution."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from app.charts.drawing import Canvas, Drawing

HEIGHT = 270
EVEN = 0.03
LEANS = 0.05
TOP = 1.12


def pit(frame: pd.DataFrame, *, canvas: Canvas) -> Drawing:
    """Draw the share of outcomes in each slice of the distribution forecast for them.

    Parameters
    ----------
    frame
        ``clvcore.records.columns.PIT_FRAME``, at least one row.
    """
    w, shown = canvas.w, frame.sort_values("lower").reset_index(drop=True)
    figure = canvas.figure(height=HEIGHT, bargap=0.1, margin={"l": 0, "r": 10, "t": 22, "b": 0})
    _bars(figure, shown, canvas)
    _even(figure, shown, canvas)
    _axes(figure, shown, canvas)
    return Drawing(
        name=w("where outcomes fell"),
        title=_title(shown, canvas),
        subtitle=w(
            "Each customer’s outcomes thought possible, from least to most, in {n} slices of equal "
            "chance; bars: share of real outcomes in each. Customers who bought nothing are "
            "spread over the slices that mean nothing.",
            n=len(shown),
        ),
        alt=_alt(shown, canvas),
        figure=figure,
        table=_table(shown, canvas),
        height=HEIGHT,
    )


def _bars(figure: go.Figure, shown: pd.DataFrame, canvas: Canvas) -> None:
    w = canvas.w
    figure.add_bar(
        x=(shown["lower"] + shown["upper"]) / 2,
        y=shown["share"],
        marker={"color": canvas.colors.ink, "line": {"width": 0}},
        customdata=[[_slice(row, canvas), w.percent(row.share, 1)] for row in shown.itertuples()],
        hovertemplate="%{customdata[0]}<br><b>%{customdata[1]}</b><extra></extra>",
        name="share",
    )


def _even(figure: go.Figure, shown: pd.DataFrame, canvas: Canvas) -> None:
    """Draw what perfect ranges would give, and say so at its end."""
    w, level = canvas.w, 1.0 / max(len(shown), 1)
    figure.add_scatter(
        x=[0.0, 1.0],
        y=[level, level],
        mode="lines",
        line={"color": canvas.colors.good, "width": 1.6, "dash": "3px,3px"},
        hoverinfo="skip",
        name="even",
    )
    figure.update_layout(
        annotations=[
            {
                "x": 1.0, "y": 1.0, "xref": "paper", "yref": "paper", "xanchor": "right",
                "yanchor": "bottom", "yshift": 2, "showarrow": False,
                "text": w("dotted: perfectly even, {share} each", share=w.percent(level)),
                "font": {"size": 12, "color": canvas.colors.muted},
            }
        ]
    )  # fmt: skip


def _axes(figure: go.Figure, shown: pd.DataFrame, canvas: Canvas) -> None:
    w = canvas.w
    top = max([*shown["share"], 2.0 / max(len(shown), 1)])
    ticks = [step for step in (0.0, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0) if step <= top * TOP]
    figure.update_yaxes(
        tickvals=ticks, ticktext=[w.percent(t) for t in ticks], range=[0, top * TOP]
    )
    figure.update_xaxes(
        tickvals=[0.0, 0.5, 1.0],
        ticktext=[w("least possible"), w("middle"), w("most possible")],
        range=[-0.06, 1.06],
    )


def _slice(row: object, canvas: Canvas) -> str:
    w = canvas.w
    return w("{low} to {high}", low=w.percent(row.lower), high=w.percent(row.upper))


def _title(shown: pd.DataFrame, canvas: Canvas) -> str:
    w, share, n = canvas.w, shown["share"], len(shown)
    if n < 4 or share.isna().any():
        return w("Where real outcomes fell")
    if (share - 1.0 / n).abs().max() <= EVEN:
        return w("Real outcomes spread evenly over what was thought possible")
    side = n // 5 or 1
    low, high = float(share[:side].sum()), float(share[-side:].sum())
    fair = side / n
    if low > fair + LEANS and high > fair + LEANS:
        return w("Real outcomes fall at both ends too often: the ranges are too narrow")
    if low < fair - LEANS and high < fair - LEANS:
        return w("Real outcomes fall in the middle too often: the ranges are too wide")
    if low > fair + LEANS:
        return w("Real outcomes fall at the low end too often: too much was expected")
    if high > fair + LEANS:
        return w("Real outcomes fall at the high end too often: too little was expected")
    return w("Where real outcomes fell")


def _alt(shown: pd.DataFrame, canvas: Canvas) -> str:
    w = canvas.w
    if shown.empty:
        return w("No outcomes to show.")
    return w(
        "Histogram of real outcomes over {n} slices of equal chance: the fullest slice holds "
        "{most}, the emptiest {least}; perfect would be {even} each.",
        n=len(shown),
        most=w.percent(shown["share"].max(), 1),
        least=w.percent(shown["share"].min(), 1),
        even=w.percent(1.0 / len(shown), 1),
    )


def _table(shown: pd.DataFrame, canvas: Canvas) -> pd.DataFrame:
    w = canvas.w
    return pd.DataFrame(
        {
            w("Slice"): [_slice(row, canvas) for row in shown.itertuples()],
            w("Share"): [w.percent(row.share, 1) for row in shown.itertuples()],
        }
    )
