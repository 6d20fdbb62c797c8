"""A list of terms and what they are, for cards that say where something comes from."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from app.widgets.look import current_palette


def facts(rows: Sequence[tuple[str, str]]) -> None:
    """Draw one line per term; both sides are plain text."""
    muted = current_palette().muted
    lines = "".join(
        f'<dt style="color:{muted}">{escape(term)}</dt><dd>{escape(said)}</dd>'
        for term, said in rows
    )
    st.html(f'<dl class="clv-facts" style="padding:0;margin:0">{lines}</dl>')
