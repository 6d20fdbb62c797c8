"""The style sheet, and the canvas of charts in the theme the reader sees."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app.charts.theme import Palette, palette
from app.words.text import Words

if TYPE_CHECKING:
    from app.charts.drawing import Canvas

FOLDER = Path(__file__).parent


def apply() -> None:
    """Add the style sheet to the page, and the rules of the dark theme where it is shown."""
    st.html(_sheet("look.css"))
    if current_palette().name == "dark":
        st.html(_sheet("look_dark.css"))


@cache
def _sheet(name: str) -> str:
    return f"<style>{(FOLDER / name).read_text(encoding='utf-8')}</style>"


def current_palette() -> Palette:
    """Return the colors of the theme; light until the browser has answered."""
    return palette(st.context.theme.type)


def canvas_for(w: Words, currency: str | None) -> Canvas:
    """Return what charts are drawn with."""
    from app.charts.drawing import Canvas  # loads pandas, which the sign-in page does without

    return Canvas(w, current_palette(), currency)
