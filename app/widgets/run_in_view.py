"""The forecast all pages show, and how it is named."""

from __future__ import annotations

import streamlit as st

from app.services import runs
from app.services.session import Identity
from app.widgets.states import empty
from app.words.run_in_view import RunInView
from app.words.text import Words
from clvcore.records.errors import StoreError


def run_in_view(identity: Identity) -> RunInView | None:
    """Return the run the session shows; None if there is none, or it is gone."""
    run_id = st.session_state.get("run_id")
    if run_id is None:
        return None
    try:
        entry, run, version = runs.open_run(identity.tenant, run_id)
    except StoreError:
        st.session_state["run_id"] = None
        return None
    # of the entry, headers say the name of the orders and the horizon; the rest is the run's
    known = (identity.tenant, run_id, version, entry.dataset_name)
    return RunInView(entry, run, known if version is not None else None)


def shown_run(w: Words, identity: Identity, *, page: str, may_add: bool) -> RunInView:
    """Return the run, or draw the empty state and end the page here."""
    shown = run_in_view(identity)
    if shown is None:
        empty(w, page=page, may_add=may_add)
        st.stop()
    return shown
