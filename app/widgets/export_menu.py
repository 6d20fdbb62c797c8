"""Take a list away as CSV or XLSX; only for those who may, and asked again at the click."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.services.exports import FORMATS, export_customers
from app.services.session import Identity, can
from app.text import Words, md

NAMES = {"csv": "CSV", "xlsx": "Excel (XLSX)"}


def export_menu(w: Words, identity: Identity, run_id: str, ids: Sequence[str]) -> None:
    """Draw the menu; nothing at all for those who may not export."""
    if not can(identity, "export"):
        return
    with st.popover(w("Export"), icon=":material/download:", disabled=not ids):
        st.caption(
            md(w.plural("The {n} customer listed", "All {n} customers of this list", len(ids)))
        )
        for format_, mime in FORMATS.items():
            st.download_button(
                NAMES[format_],
                data=_maker(identity, run_id, tuple(ids), format_),
                file_name=f"customers.{format_}",
                mime=mime,
                icon=":material/download:",
                key=f"export-{format_}",
                on_click="ignore",
                width="stretch",
            )


def _maker(identity: Identity, run_id: str, ids: tuple[str, ...], format_: str):
    """Return what writes the file on the click, in a thread that knows no session."""

    def make() -> bytes:
        return export_customers(identity, run_id, ids, None, format_)[0]

    return make
