"""Three ways in: your own file, the sample shop, and the log of the research papers."""

from __future__ import annotations

import streamlit as st

from app.services import datasets
from app.services.datasets import Intake
from app.services.order_changes import add_sample_orders
from app.services.remembered import recall_layout
from app.services.session import asking, current_words
from app.widgets.card import heading
from app.words.text import Words
from clvcore.ingest import ANYWHERE
from clvcore.records.errors import ClvError

FILE_TYPES = ["csv", "tsv", "txt", "gz", "zip", "xlsx", "parquet"]
INTAKE, REFUSAL, ROUND = "data_intake", "data_refusal", "data_round"
ADDING = "adding_orders"


def order_sources(w: Words) -> None:
    """Draw the three ways in; what is chosen lands in the session."""
    grid = st.grid(3, min_column_width=240, border=True, key="order-sources")
    with grid.cell():
        heading(
            w("Use your own orders"),
            w(
                "CSV, TSV, Excel or Parquet, up to {size} MB. We guess the columns; you confirm.",
                size=st.get_option("server.maxUploadSize"),
            ),
        )
        st.file_uploader(
            w("A file with one row per order or order line"),
            type=FILE_TYPES,
            key=_uploader_key(),
            on_change=_take_upload,
            label_visibility="collapsed",
        )
    samples = (
        (
            "sample",
            w("Try the sample shop"),
            w("A generated shop of some 4,000 customers and two years of orders, with returns."),
            w("Use the sample shop"),
            ":material/storefront:",
        ),
        (
            "cdnow",
            w("Try CDNOW"),
            w("2,357 real customers from 1997 and 1998, the set the research papers use."),
            w("Use CDNOW"),
            ":material/science:",
        ),
    )
    for which, title, text, label, icon in samples:
        with grid.cell():
            heading(title, text)
            st.button(label, icon=icon, key=f"use-{which}", on_click=_take_sample, args=(which,))


def intake_in_view() -> Intake | None:
    """Return the file that was dropped and is not saved yet."""
    return st.session_state.get(INTAKE)


def refusal_in_view() -> tuple[str, ClvError] | None:
    """Return the name of a file that could not be read, and why."""
    return st.session_state.get(REFUSAL)


def forget_intake() -> None:
    """Let go of the dropped file; the uploader starts empty."""
    if (intake := intake_in_view()) is not None:
        datasets.let_go(intake)
    for key in (INTAKE, REFUSAL):
        st.session_state.pop(key, None)
    for key in [k for k in st.session_state if str(k).startswith(("mapper-", "place"))]:
        del st.session_state[key]
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1


def _uploader_key() -> str:
    return f"upload-{st.session_state.get(ROUND, 0)}"


def _take_upload() -> None:
    upload, identity = st.session_state.get(_uploader_key()), asking("data")
    if upload is None or identity is None:
        return
    w = current_words()
    with st.spinner(w("Looking into the file …")):
        try:
            intake = datasets.inspect_upload(identity.tenant, upload.name, upload.getvalue())
            intake = _placed_as_remembered(identity.tenant, intake)
        except ClvError as error:
            forget_intake()
            st.session_state[REFUSAL] = (upload.name, error)
            return
    forget_intake()
    st.session_state[INTAKE] = intake


def _placed_as_remembered(tenant: str, intake: Intake) -> Intake:
    """Look where the table stood in the last file of this shape, if somebody said where."""
    layout = recall_layout(tenant, intake.found)
    if layout == ANYWHERE:
        return intake
    try:
        return datasets.inspect_again(intake, layout)
    except ClvError:
        return intake  # this file has no such line or sheet: what the search found is shown


def _take_sample(which: str) -> None:
    identity = asking("data")
    if identity is None:
        return
    dataset = add_sample_orders(identity, which)
    forget_intake()
    st.session_state["dataset_id"] = dataset.id
    st.session_state[ADDING] = False
