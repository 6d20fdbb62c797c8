"""The frame round every page, the sign-in page as well: the mark and the list of pages.

What stands below the list is drawn by ``sidebar``, which loads what a forecast is read with.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app.services.session import Identity, can, choose_language, current_language
from app.words.text import LANGUAGE_NAMES, LANGUAGES, Words

VIEWS = Path(__file__).parents[1] / "views"
SIDEBAR_PIXELS = 244
HOME = "home"

# the observed curve, the expected dashes and the fan that widens round them
_MARK = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" width="{width}" height="88">
<path d="M37 20 76 2v30z" fill="{blue}" fill-opacity=".25"/>
<g fill="none" stroke-width="4" stroke-linecap="round">
<path d="M3 40C20 40 20 21 37 20" stroke="{ink}"/>
<path d="M37 20l39-4" stroke="{blue}" stroke-dasharray="7 6"/>
</g>{more}</svg>"""
_LETTERS = """<g fill="none" stroke="{ink}" stroke-width="4.5" stroke-linecap="round">
<path d="M108 20.500a8.600 8.600 0 1 0 0 13M119 6v31M129 17.500l8 19.500 8-19.500"
 stroke-linejoin="round"/></g>"""
_COLOURS = {
    "light": {"ink": "#1B2430", "blue": "#0B5CAD"},
    "dark": {"ink": "#E6EBF2", "blue": "#6CB2F5"},
}


def mark(*, letters: bool = False) -> str:
    """Return the product's mark as SVG in the colors of the theme shown."""
    colours = _COLOURS["dark" if st.context.theme.type == "dark" else "light"]
    width = 150 if letters else 78
    more = _LETTERS.format(**colours) if letters else ""
    box = f"-1 0 {width + 2} 44"
    return _MARK.format(box=box, width=width * 2, more=more, **colours)


def pages(w: Words, identity: Identity | None) -> dict[str, list[st.Page]]:
    """Return all pages by heading; a page the person may not see is there, but not listed.

    Hiding is a courtesy: each page asks ``require`` again.
    """

    def page(
        name: str,
        title: str,
        icon: str,
        *,
        path: str | None = None,
        listed: bool = True,
        capability: str | None = None,
    ) -> st.Page:
        seen = identity is not None and can(identity, capability or name)
        return st.Page(
            VIEWS / f"{name}.py", title=title, icon=f":material/{icon}:", url_path=path or name,
            default=path == HOME, visibility="visible" if listed and seen else "hidden",
        )  # fmt: skip

    return {
        w("Decide"): [
            page("overview", w("Overview"), "monitoring", path=HOME),
            # the first page is served at the root only: here it answers at its own name too
            page("overview", w("Overview"), "monitoring", listed=False),
            page("segments", w("Segments"), "stacks"),
            page("customers", w("Customers"), "group"),
            page("customer", w("Customer"), "person", listed=False, capability="customers"),
        ],
        w("Understand"): [
            page("cohorts", w("Cohorts"), "grid_on"),
            page("trust", w("Trust"), "verified"),
        ],
        w("Prepare"): [
            page("data", w("Data"), "database"),
            page("forecast", w("Forecast"), "online_prediction"),
            page("runs", w("Runs"), "history"),
        ],
        w("Manage"): [page("admin", w("Administration"), "admin_panel_settings")],
    }


def language_switch(w: Words, *, place: str) -> None:
    """Draw the choice of language, each in its own words."""
    key = f"language_{place}"
    st.session_state[key] = current_language()
    draw = st.segmented_control if place == "sign_in" else st.selectbox
    draw(
        w("Language"),
        LANGUAGES,
        format_func=LANGUAGE_NAMES.__getitem__,
        key=key,
        label_visibility="collapsed",
        on_change=_choose_language,
        args=(key,),
    )


def _choose_language(key: str) -> None:
    # a segmented control can be un-chosen: then the language stays
    choose_language(st.session_state[key] or current_language())
