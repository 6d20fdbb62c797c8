"""What a chart hands to a page: the figure, its words, and the numbers behind it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from app.charts.theme import Palette, template
from app.words.money import axis_labels
from app.words.text import Words

MOST_MARKS = 5_000
LABEL_LENGTH = 24
SEPARATORS = {"en": ".,", "es": ",.", "pt": ",."}


@dataclass(frozen=True, eq=False)
class Canvas:
    """What every chart is drawn with: words, colors and the currency."""

    w: Words
    colors: Palette
    currency: str | None = None

    def money(self, value: float) -> str:
        """Write an amount in the run's currency."""
        return self.w.money(value, self.currency)

    def ticks(self, values: list[float]) -> list[str]:
        """Write the ticks of a money axis."""
        return axis_labels(values, self.currency, self.w.language)

    @property
    def unit(self) -> str:
        """The currency as a subtitle says it, with its comma; empty when unknown."""
        return f", {self.currency}" if self.currency else ""

    def figure(self, *, height: int, **layout: object) -> go.Figure:
        """Return an empty figure in the house style."""
        figure = go.Figure()
        figure.update_layout(
            template=template(self.colors),
            separators=SEPARATORS[self.w.language],
            height=height,
            **layout,
        )
        return figure


@dataclass(frozen=True, eq=False, kw_only=True)
class Drawing:
    """A finished chart.

    Parameters
    ----------
    name
        What the numbers behind it are, to tell one table from another.
    title, subtitle
        The finding, and what is drawn in which unit; plain text.
    alt
        Type, content, range and finding in one sentence, for those who cannot see it.
    figure
        The Plotly figure.
    table
        The numbers, with readable column names.
    height
        Pixels.
    """

    name: str
    title: str
    subtitle: str
    alt: str
    figure: go.Figure
    table: pd.DataFrame
    height: int


def money_ticks(largest: float, steps: int = 4) -> list[float]:
    """Return about ``steps`` round values from zero that reach ``largest``."""
    if not largest > 0:
        return [0.0, 1.0]
    raw = largest / steps
    scale = 10.0 ** math.floor(math.log10(raw))
    step = next(m * scale for m in (1, 2, 2.5, 4, 5, 10) if m * scale >= raw * 0.999)
    return [step * i for i in range(math.ceil(largest / step - 1e-9) + 1)]


def shorten(text: str, most: int = LABEL_LENGTH) -> str:
    """Cut a long name and say so."""
    return text if len(text) <= most else text[: most - 1] + "…"


def marks(figure: go.Figure) -> int:
    """Count the marks a browser would have to draw."""
    return sum(
        max((len(v) for v in (trace["x"], trace["y"]) if v is not None), default=0)
        for trace in figure.data
    )
