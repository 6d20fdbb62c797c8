"""What charts of past months share: which months, their ticks, and how a month is written."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import plotly.graph_objects as go

from app.charts.drawing import Canvas
from app.words.text import Words

MOST_MONTHS = 36
MOST_TICKS = 7


def last_months(months: pd.DataFrame) -> pd.DataFrame:
    """Return the last three years at most."""
    return months.tail(MOST_MONTHS).reset_index(drop=True)


def month_name(month: dt.date, w: Words) -> str:
    """Write a month with its year: Nov 2010."""
    return f"{w.month(month)} {month.year}"


def month_axis(figure: go.Figure, months: pd.DataFrame, canvas: Canvas) -> None:
    """Tick some of the months, the year below the first tick of each year."""
    shown = list(range(0, len(months), max(1, -(-len(months) // MOST_TICKS))))
    days = [months["month"][place].date() for place in shown]
    text = []
    for number, day in enumerate(days):
        turned = number == 0 or day.year != days[number - 1].year
        text.append(canvas.w.month(day) + (f"<br>{day.year}" if turned else ""))
    figure.update_xaxes(tickvals=shown, ticktext=text, range=[-0.7, len(months) - 0.3])


def month_bars(
    figure: go.Figure, heights: pd.Series[float], notes: list[list[str]], *, color: str, **more: str
) -> None:
    """Add a bar per month; pointing at one reads out its month and two figures.

    Parameters
    ----------
    heights
        One per month; its name is the trace's.
    notes
        One row per month: its name and two figures in words.
    more
        Further properties of the trace.
    """
    figure.add_bar(
        x=list(range(len(heights))),
        y=heights.tolist(),
        marker={"color": color, "line": {"width": 0}},
        customdata=notes,
        hovertemplate="%{customdata[0]}<br><b>%{customdata[1]}</b><br>%{customdata[2]}"
        "<extra></extra>",
        name=heights.name,
        **more,
    )


def panel_name(text: str, *, color: str, y: float, x: float = 0.0) -> dict[str, object]:
    """Return a label at the top left of a panel."""
    return {
        "text": f"<b>{text}</b>", "x": x, "y": y, "xref": "paper", "yref": "paper",
        "xanchor": "left", "yanchor": "bottom", "showarrow": False,
        "font": {"size": 12.5, "color": color},
    }  # fmt: skip
