"""A hairline card: a title, a subtitle, and for charts the numbers behind them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape

import pandas as pd
import streamlit as st

from app.charts.drawing import Drawing
from app.charts.theme import CONFIG
from app.widgets.look import current_palette
from app.words.text import Words, md

ROW_HEIGHT = 35
MOST_ROWS_SHOWN = 12


def heading(title: str, subtitle: str = "") -> None:
    """Draw a card's title and subtitle; both are plain text."""
    muted = current_palette().muted
    below = (
        f'<p class="clv-subtitle" style="color:{muted}">{escape(subtitle)}</p>' if subtitle else ""
    )
    st.html(f'<h2 class="clv-title">{escape(title)}</h2>{below}')


@contextmanager
def card(title: str = "", subtitle: str = "", *, key: str | None = None) -> Iterator[None]:
    """Open a card; what is drawn inside belongs to it."""
    with st.container(border=True, height="stretch", key=key):
        if title:
            heading(title, subtitle)
        yield


def chart_card(w: Words, drawing: Drawing, *, key: str, note: str = "") -> None:
    """Draw a chart with its words, its alternative text and the table behind it."""
    with st.container(border=True, height="stretch", key=f"card-{key}"):
        with st.container(horizontal=True, vertical_alignment="top", gap="small"):
            with st.container():
                heading(drawing.title, drawing.subtitle)
            numbers(w, drawing.name, drawing.table, key=key)
        st.plotly_chart(
            drawing.figure,
            theme=None,
            config=CONFIG,
            key=f"chart-{key}-{current_palette().name}",
            height=drawing.height,
            alt=drawing.alt,
        )
        if note:
            st.caption(md(note))


def numbers(w: Words, name: str, table: pd.DataFrame, *, key: str) -> None:
    """Offer the numbers behind a chart in a popover of their own."""
    label = w("Numbers: {name}", name=name)
    with (
        st.container(key=f"numbers-{re.sub('[^a-z0-9]+', '-', key)}", width="content"),
        st.popover(
            md(label),
            icon=":material/table_view:",
            type="tertiary",
            help=w("The numbers behind this chart"),
        ),
    ):
        st.dataframe(
            table,
            hide_index=True,
            width=min(620, 90 + 130 * table.shape[1]),
            height=ROW_HEIGHT * (min(len(table), MOST_ROWS_SHOWN) + 1) + 3,
            alt=label,
        )
