"""What the ensemble is made of: one bar per member, its name above and its share at the end."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from app.charts.drawing import Canvas, Drawing

ROW = 72
BAR, NAME_ABOVE = 0.36, 0.36
EVERYBODY = "all"
MOST, CLEARLY = 0.5, 1.2
ROOM_FOR_SHARE = 1.18


def members(weights: pd.DataFrame) -> pd.DataFrame:
    """Return the members that have any weight for all customers, the heaviest first.

    Parameters
    ----------
    weights
        ``clvcore.records.columns.WEIGHTS_FRAME``; may be empty.
    """
    kept = weights[(weights["class"] == EVERYBODY) & (weights["weight"] > 0)]
    return kept.sort_values("weight", ascending=False, kind="stable").reset_index(drop=True)


def weights(frame: pd.DataFrame, *, canvas: Canvas) -> Drawing:
    """Draw the share of each member in the forecast.

    Parameters
    ----------
    frame
        ``clvcore.records.columns.WEIGHTS_FRAME`` with at least one member that has weight.
    """
    w, shown = canvas.w, members(frame)
    names = [w.model(name) for name in shown["model"]]
    height = 24 + ROW * len(shown)
    figure = canvas.figure(height=height, margin={"l": 0, "r": 8, "t": 0, "b": 8})
    _bars(figure, shown, names, canvas)
    _words(figure, shown, names, canvas)
    _axes(figure, shown)
    return Drawing(
        name=w("weights"),
        title=_title(shown, names, canvas),
        subtitle=w("Share of each model in the forecast, set by what past dates could teach."),
        alt=_alt(shown, names, canvas),
        figure=figure,
        table=pd.DataFrame(
            {
                w("Model"): names,
                w("Weight"): [w.percent(share, 1) for share in shown["weight"]],
            }
        ),
        height=height,
    )


def _bars(figure: go.Figure, shown: pd.DataFrame, names: list[str], canvas: Canvas) -> None:
    figure.add_bar(
        x=shown["weight"],
        y=list(range(len(shown))),
        orientation="h",
        width=BAR,
        marker={"color": canvas.colors.expected, "line": {"width": 0}},
        customdata=[
            [name, canvas.w.percent(share, 1)]
            for name, share in zip(names, shown["weight"], strict=True)
        ],
        hovertemplate="%{customdata[0]}<br><b>%{customdata[1]}</b><extra></extra>",
        name="weight",
    )


def _words(figure: go.Figure, shown: pd.DataFrame, names: list[str], canvas: Canvas) -> None:
    rows = range(len(shown))
    ink = {"size": 13, "color": canvas.colors.ink}
    figure.add_scatter(
        x=[0.0] * len(shown),
        y=[row - NAME_ABOVE for row in rows],
        mode="text",
        text=names,
        textposition="middle right",
        textfont=ink,
        hoverinfo="skip",
        cliponaxis=False,
        name="model",
    )
    figure.add_scatter(
        x=shown["weight"],
        y=list(rows),
        mode="text",
        text=[f"  <b>{_share(share, canvas)}</b>" for share in shown["weight"]],
        textposition="middle right",
        textfont=ink,
        hoverinfo="skip",
        cliponaxis=False,
        name="share",
    )


def _share(share: float, canvas: Canvas) -> str:
    """Write a share whole, but never a weight as nothing."""
    return canvas.w.percent(share, 0 if share >= 0.01 else 1)


def _axes(figure: go.Figure, shown: pd.DataFrame) -> None:
    largest = float(shown["weight"].max()) if len(shown) else 1.0
    # Room at the right for the share written after the longest bar.
    figure.update_xaxes(visible=False, range=[0, largest * ROOM_FOR_SHARE])
    figure.update_yaxes(visible=False, showgrid=False, range=[len(shown) - 0.5, -0.75])


def _title(shown: pd.DataFrame, names: list[str], canvas: Canvas) -> str:
    w, shares = canvas.w, list(shown["weight"])
    if len(shares) > 1 and shares[0] > MOST:
        return w("{model} carries most of the weight", model=names[0])
    if len(shares) > 1 and shares[0] > CLEARLY * shares[1]:
        return w(
            "{model} carries the largest part of the weight, {share}",
            model=names[0],
            share=_share(shares[0], canvas),
        )
    return w("Weight of each model")


def _alt(shown: pd.DataFrame, names: list[str], canvas: Canvas) -> str:
    if shown.empty:
        return canvas.w("No weights to show.")
    w = canvas.w
    listed = [
        w("{model} {share}", model=name, share=_share(share, canvas))
        for name, share in zip(names, shown["weight"], strict=True)
    ]
    return w("Bar chart of the weight of each model: {list}.", list=w.listed(listed))
