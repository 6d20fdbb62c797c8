"""Take a list away; only for those who may, and asked again when the file is made."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.services.downloads import LIFETIME, offer
from app.services.exports import FORMATS, Wish, export_customers
from app.services.session import Identity, can, current_identity
from app.text import Words, md
from clvcore.columns import CUSTOMERS_FRAME
from clvcore.errors import ClvError
from clvcore.export import AUDIENCES

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
        st.button(
            w("Prepare the file"), icon=":material/download:", key=f"{key}-prepare",
            width="stretch", on_click=_prepare, args=(key, run_id, tuple(ids), wish),
        )  # fmt: skip
        _result(w, key, wish)


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


def _prepare(key: str, run_id: str, ids: tuple[str, ...], wish: Wish) -> None:
    """Make the file at the click; who may is asked again there."""
    try:
        identity = current_identity()
        file, count = export_customers(identity, run_id, ids, wish)
    except (ClvError, PermissionError) as error:
        st.session_state[f"{key}-made"] = (wish, error, 0, "")
    else:
        st.session_state[f"{key}-made"] = (wish, file.name, count, offer(identity, file))


def _result(w: Words, key: str, wish: Wish) -> None:
    """Offer the file that was just made, or say why there is none."""
    made = st.session_state.pop(f"{key}-made", None)
    if made is None or made[0] != wish:
        return
    _, name, count, address = made
    if isinstance(name, ClvError):
        st.warning(w.error(name))
    elif isinstance(name, PermissionError):
        st.warning(w("Your role may not export. Ask your administrator."))
    else:
        st.link_button(
            md(name), address, icon=":material/file_save:", type="primary", width="stretch"
        )
        st.caption(
            w.plural(
                "{n} customer. The link works once, for {minutes} minutes.",
                "{n} customers. The link works once, for {minutes} minutes.",
                count,
                minutes=int(LIFETIME.total_seconds() // 60),
            )
        )
