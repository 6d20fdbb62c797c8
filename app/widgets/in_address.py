"""Choices kept in the page's address by code, so that a link means the same in every language.

Streamlit's own binding writes what is shown, which is translated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from app.words.text import md


def coded_pills(
    label: str, key: str, names: Mapping[str, str], *, default: Sequence[str] = ()
) -> list[str]:
    """Draw pills and return the codes chosen; the default is not written into the address."""
    if key not in st.session_state:
        asked = st.query_params.get_all(key)
        st.session_state[key] = [code for code in names if code in asked] or list(default)
    chosen = st.pills(
        label,
        list(names),
        selection_mode="multi",
        format_func=lambda code: md(names[code]),
        key=key,
        wrap=True,
    )
    _write(key, chosen if set(chosen) != set(default) else [])
    return chosen


def coded_choice(label: str, key: str, names: Mapping[str, str], *, width: int) -> str:
    """Draw a box and return the code chosen; the first one is not written into the address."""
    first = next(iter(names))
    if key not in st.session_state:
        asked = st.query_params.get(key)
        st.session_state[key] = asked if asked in names else first
    chosen = st.selectbox(
        label,
        list(names),
        format_func=names.__getitem__,
        key=key,
        label_visibility="collapsed",
        width=width,
    )
    _write(key, [chosen] if chosen != first else [])
    return chosen


def _write(key: str, codes: list[str]) -> None:
    if codes:
        st.query_params[key] = codes
    else:
        st.query_params.pop(key, None)
