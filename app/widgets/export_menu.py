"""Take a list away; only for those who may, and asked again when the file is made."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.services.exports import FORMATS, Wish, export_customers
from app.services.session import Identity, can
from app.widgets.take_away import take_away
from app.words.text import Words, md
from clvcore.export import AUDIENCES
from clvcore.records.columns import CUSTOMERS_FRAME

NAMES = {"csv": "CSV", "xlsx": "Excel (XLSX)", "parquet": "Parquet"}


def export_menu(
    w: Words, identity: Identity, run_id: str, ids: Sequence[str], *, key: str = "export"
) -> None:
    """Draw the menu; nothing at all for those who may not export."""
    if not can(identity, "export"):
        return
    with st.popover(w("Export"), icon=":material/download:", disabled=not ids):
        st.caption(
            md(w.plural("The {n} customer listed", "All {n} customers of this list", len(ids)))
        )
        wish = _wish(w, key)
        listed = tuple(ids)
        take_away(
            w, w("Prepare the file"),
            lambda asker: export_customers(asker, run_id, listed, wish),
            capability="export", key=key, about=(run_id, listed, wish), width="stretch",
        )  # fmt: skip


def _wish(w: Words, key: str) -> Wish:
    """Ask for the format, and for a format of ours which columns."""
    format_ = st.selectbox(
        w("Format"),
        [*FORMATS, *AUDIENCES],
        format_func=lambda name: NAMES.get(name) or AUDIENCES[name].title,
        key=f"{key}-format",
    )
    if format_ in AUDIENCES:
        st.caption(
            w(
                "Under the headers {program} expects ({page}). Needs e-mail addresses; customers "
                "without one are left out.",
                program=AUDIENCES[format_].title,
                page=AUDIENCES[format_].page,
            )
        )
        return Wish(format=format_)
    columns = st.multiselect(
        w("Columns"), CUSTOMERS_FRAME, key=f"{key}-columns", placeholder=w("All columns")
    )
    bom = format_ == "csv" and st.toggle(
        w("For spreadsheets"), value=True, key=f"{key}-bom",
        help=w("Begins with a mark that tells older spreadsheets how letters are written."),
    )  # fmt: skip
    return Wish(format=format_, columns=tuple(columns) or None, bom=bom)
