"""The top of every page: where you are, the finding, and what qualifies it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from app.widgets import look
from app.words.text import md


def page_header(page: str, about: Sequence[str], finding: str, qualification: str = "") -> None:
    """Draw eyebrow, finding (the page's only h1) and one sentence of qualification.

    Parameters
    ----------
    page
        Name of the page.
    about
        Dataset, as of, horizon and currency, already in words; empty parts are left out.
    """
    colors = look.current_palette()
    parts = " · ".join(part for part in about if part)
    with st.container(gap="xsmall"):
        st.html(
            f'<p class="clv-eyebrow" style="color:{colors.muted}">'
            f'<b style="color:{colors.expected}">{escape(page)}</b>&ensp;{escape(parts)}</p>'
        )
        st.title(md(finding), anchor=False)
        if qualification:
            st.markdown(f":gray[{md(qualification)}]", width=930)


def small_print(text: str) -> None:
    """Draw the cut-offs and other terms at a page's foot."""
    st.caption(md(text))
