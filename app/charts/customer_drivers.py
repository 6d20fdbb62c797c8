"""What sets one customer apart from the average one: a bar per cause, in money."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from app.charts.drawing import Canvas, Drawing

ROW = 54


def customer_drivers(
    drivers: pd.DataFrame, labels: Mapping[str, str], *, title: str, subtitle: str, canvas: Canvas
) -> Drawing:
    """Draw what lifts the forecast in blue, what lowers it in orange.

    Parameters
    ----------
    drivers
        ``effect`` in money by driver.
    labels
        Each driver in words, plain text.
    """
    w = canvas.w
    shown = drivers[drivers["effect"].abs() > 1e-9]
    height = 16 + ROW * max(len(shown), 1)
    figure = canvas.figure(height=height, margin={"l": 0, "r": 4, "t": 4, "b": 4})
    _bars(figure, shown, canvas)
    _labels(figure, shown, labels, canvas)
    texts = [f"{labels[name]}: {_signed(shown['effect'][name], canvas)}" for name in shown.index]
    return Drawing(
        name=w("what sets this customer apart"),
        title=title,
        subtitle=subtitle,
        alt=w("Bar chart of causes. {causes}.", causes="; ".join(texts)),
        figure=figure,
        table=pd.DataFrame(
            {
                w("Cause"): [labels[name] for name in shown.index],
                w("Effect"): [_signed(effect, canvas) for effect in shown["effect"]],
            }
        ),
        height=height,
    )


def _signed(effect: float, canvas: Canvas) -> str:
    return ("+" if effect > 0 else "") + canvas.money(effect)


def _bars(figure: go.Figure, shown: pd.DataFrame, canvas: Canvas) -> None:
    colors = canvas.colors
    effects = [float(v) for v in shown["effect"]]
    y = list(range(len(effects)))
    texts = [_signed(v, canvas) for v in effects]
    figure.add_bar(
        x=effects,
        y=y,
        orientation="h",
        width=0.36,
        marker={"color": [colors.expected if v > 0 else colors.attention for v in effects]},
        customdata=texts,
        hovertemplate="<b>%{customdata}</b><extra></extra>",
        name="effect",
    )
    # values stand beside the zero line on the free side, where no bar can meet the edge
    figure.add_scatter(
        x=[0.0] * len(effects),
        y=y,
        mode="text",
        text=[
            f"{text}\u2002" if v > 0 else f"\u2002{text}"
            for v, text in zip(effects, texts, strict=True)
        ],
        textposition=["middle left" if v > 0 else "middle right" for v in effects],
        textfont={"size": 12.5, "color": colors.ink},
        hoverinfo="skip",
        name="value",
    )


def _labels(
    figure: go.Figure, shown: pd.DataFrame, labels: Mapping[str, str], canvas: Canvas
) -> None:
    notes = [
        {
            "xref": "paper", "x": 0, "xanchor": "left", "y": i, "yshift": 21, "showarrow": False,
            "text": labels[name], "font": {"size": 12.5, "color": canvas.colors.ink},
        }
        for i, name in enumerate(shown.index)
    ]  # fmt: skip
    largest = max((abs(float(v)) for v in shown["effect"]), default=1.0)
    figure.update_layout(annotations=notes)
    figure.update_xaxes(visible=False, range=[-1.04 * largest, 1.04 * largest])
    figure.update_yaxes(visible=False, range=[len(shown) - 0.6, -0.75])
    figure.add_vline(x=0, line={"color": canvas.colors.hairline, "width": 1})
