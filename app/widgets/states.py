"""What a page shows when it has nothing to show: empty, refused, denied, and doubts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from app.widgets.card import heading
from app.widgets.example import example_card
from app.widgets.look import current_palette
from app.widgets.page_header import page_header
from app.words.text import Words, md, msg

FOR_WHOM = {
    "segments": msg("Segments are for people with an account here."),
    "cohorts": msg("Cohorts are for people with an account here."),
    "customers": msg("Lists of customers are for marketing and analysts."),
    "data": msg("Data are for marketing and analysts."),
    "forecast": msg("Forecasts are made by marketing and analysts."),
    "runs": msg("The history of forecasts is for marketing and analysts."),
    "export": msg("Exports are for analysts."),
    "admin": msg("This page is for administrators."),
}


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way on: what it is called, what it does, and what happens on the click."""

    key: str
    icon: str
    title: str
    text: str
    button: str
    on_click: Callable[..., None] | None = None
    args: tuple[object, ...] = ()
    page: str | None = None


def empty(w: Words, *, page: str, may_add: bool) -> None:
    """Say that there is no forecast yet, and what to do about it."""
    page_header(
        page,
        [w("no forecast yet")],
        w("No forecast yet. Add your orders and see what your customers are worth."),
        w(
            "You need one row per order with a customer, a date and an amount. Six months of "
            "history is the minimum; two years is better."
        ),
    )
    if not may_add:
        st.info(
            md(w("Ask a colleague who may add orders, or your administrator.")),
            icon=":material/info:",
        )
        return
    with st.container(border=True, key="empty-ways"):
        heading(w("Start here"), w("Two steps: the orders, then the forecast."))
        with st.container(horizontal=True):
            if st.button(
                w("Add orders"), type="primary", icon=":material/upload_file:", key="to-data"
            ):
                st.switch_page("views/data.py")
            if st.button(w("Forecast"), icon=":material/online_prediction:", key="to-forecast"):
                st.switch_page("views/forecast.py")
    example_card(w)


def refused(
    w: Words, ways: Sequence[Way], *, title: str = "", subtitle: str = "", reference: str = ""
) -> None:
    """Draw the ways on from a refusal, safest first; only the first is primary."""
    colors = current_palette()
    with st.container(border=True, key="refused"):
        st.html(
            f'<div class="clv-rule" style="border-color:{colors.attention}">'
            f'<h2 class="clv-title">{escape(title or w("Three ways on"))}</h2>'
            f'<p class="clv-subtitle" style="color:{colors.muted}">'
            f"{escape(subtitle or w('From safest to boldest.'))}</p></div>"
        )
        for i, way in enumerate(ways):
            _way(way, primary=i == 0)
        if reference:
            st.caption(md(reference))


def _way(way: Way, *, primary: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap="xxsmall"):
            st.markdown(f"{way.icon} **{md(way.title)}**  \n{md(way.text)}")
        clicked = st.button(
            md(way.button),
            key=way.key,
            type="primary" if primary else "secondary",
            on_click=way.on_click,
            args=way.args,
            width=210,
        )
    if clicked and way.page:
        st.switch_page(way.page)


def denied(w: Words, capability: str) -> None:
    """Say who may, and whom to ask; nothing of the page is shown."""
    page_header(
        w("No access"),
        [],
        w(FOR_WHOM.get(capability, msg("This page is not open to you."))),
        w("Ask your administrator for access. Nothing has been changed."),
    )


def doubts(w: Words, sentences: Sequence[str], *, key: str) -> None:
    """List what to keep in mind, each in a sentence."""
    if not sentences:
        return
    with st.container(border=True, key=key):
        heading(w("Keep in mind"), w("What the data or the method cannot promise."))
        for sentence in dict.fromkeys(sentences):
            st.markdown(f":orange[:material/info:]\u2002{md(sentence)}")
