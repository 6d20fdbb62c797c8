"""Score newer orders with the forecast looked at, or see how far a scored one's shop has moved."""

from __future__ import annotations

import streamlit as st

from app.services import datasets, history, jobs, runs, scoring
from app.services.datasets import Dataset
from app.services.jobs import Job
from app.services.runs import RunEntry
from app.services.session import Identity, asking, can
from app.widgets.card import card
from app.widgets.drift_table import drift_card
from app.widgets.run_history import CHOSEN, IN_VIEW
from app.words.text import Words, md
from clvcore.records.errors import ClvError

REFUSED = "score_refused"
WAIT = 20.0  # seconds; scoring takes one or two, unless much is waiting


def score_panel(w: Words, identity: Identity, chosen: RunEntry) -> None:
    """Offer to score, where the forecast looked at was fitted and this person may."""
    try:
        scored = history.provenance(identity.tenant, chosen.id).fitted_run is not None
        if scored:
            drift_card(w, runs.load(identity.tenant, chosen.id))
    except ClvError:  # the card of where it came from says what is wrong
        return
    if not scored and can(identity, "forecast"):
        _score_card(w, identity, chosen)


def _score_card(w: Words, identity: Identity, chosen: RunEntry) -> None:
    fitting = scoring.newer_orders(chosen, datasets.list_datasets(identity.tenant))
    with card(
        w("Score newer orders with this forecast"),
        w(
            "What it has learned is applied to what customers have done since; nothing is fitted. "
            "It takes a second or two, and says how far the shop has moved."
        ),
        key="score-orders",
    ):
        if not fitting:
            st.markdown(
                md(
                    w(
                        "There are no other orders up to {day} or later. Add the shop’s whole "
                        "file to date, old orders and newer ones.",
                        day=chosen.as_of,
                    )
                )
            )
            if st.button(w("Add orders"), icon=":material/upload_file:", key="score-add"):
                st.switch_page("views/data.py")
            return
        _form(w, chosen, fitting)
        _refusal(w, chosen)


def _form(w: Words, chosen: RunEntry, fitting: list[Dataset]) -> None:
    named = {dataset.id: dataset for dataset in fitting}
    if st.session_state.get("score_orders") not in named:
        st.session_state["score_orders"] = fitting[0].id
    with st.container(horizontal=True, vertical_alignment="bottom"):
        picked = st.selectbox(
            w("Orders to score"), list(named), key="score_orders", width=420,
            format_func=lambda key: w(
                "{name} · up to {day}", name=named[key].name, day=named[key].last_day
            ),
        )  # fmt: skip
        clicked = st.button(w("Score these orders"), icon=":material/bolt:", key="score")
    if clicked:
        _score(w, chosen, picked)


def _score(w: Words, chosen: RunEntry, dataset_id: str) -> None:
    identity = asking("forecast")
    if identity is None:
        return
    st.session_state.pop(REFUSED, None)
    try:
        with st.spinner(w("Scoring …")):
            job = scoring.ask(identity, chosen.id, dataset_id)
            job = jobs.wait(identity.tenant, job.id, timeout=WAIT)
    except ClvError as error:
        st.session_state[REFUSED] = (chosen.id, error)
    else:
        _arrived(chosen, job)
    st.rerun()


def _arrived(chosen: RunEntry, job: Job) -> None:
    """Look at what came of it; what still waits goes on and is told of in the sidebar."""
    if job.state == jobs.DONE:
        st.session_state[CHOSEN] = st.session_state[IN_VIEW] = job.run_id
    elif job.error is not None:
        st.session_state[REFUSED] = (chosen.id, job.error)


def _refusal(w: Words, chosen: RunEntry) -> None:
    held = st.session_state.get(REFUSED)
    if held is not None and held[0] == chosen.id:
        st.markdown(f":orange[:material/warning:]\u2002{md(w.error(held[1]))}")
