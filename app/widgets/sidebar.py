"""What stands under the list of pages: the forecast shown, jobs, the language and who is here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import streamlit as st

from app.services import runs
from app.services.runs import RunEntry
from app.services.session import Identity
from app.widgets.job_line import job_lines
from app.widgets.moments import moment_words
from app.widgets.navigation import language_switch
from app.widgets.sign_in import ask_to_leave
from app.widgets.trust_badge import run_badge
from app.words.roles import role_name
from app.words.run_in_view import horizon_words
from app.words.text import Words, md


def sidebar(w: Words, identity: Identity) -> None:
    """Draw what stands under the list of pages."""
    with st.sidebar:
        run_selector(w, identity)
        job_lines(w, identity)
        language_switch(w, place="sidebar")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{md(identity.name)} · {role_name(w, identity.role)}", width="stretch")
            st.button(
                w("Sign out"), icon=":material/logout:", key="sign_out", type="tertiary",
                on_click=ask_to_leave,
            )  # fmt: skip


def run_selector(w: Words, identity: Identity) -> None:
    """Let the person choose the forecast that all pages show; nothing while there is none."""
    known = {entry.id: entry for entry in runs.list_runs(identity.tenant)}
    if st.session_state.get("run_id") not in known:
        st.session_state["run_id"] = next(iter(known), None)
    if not known:
        return
    st.session_state["run_selector"] = st.session_state["run_id"]
    labels = run_labels(w, known.values())
    st.selectbox(
        w("Forecast shown"),
        list(known),
        format_func=labels.__getitem__,
        key="run_selector",
        on_change=_choose_run,
        help=w("All pages show this forecast. The newest one comes first."),
    )
    # the box is too narrow for it, and the name says whose numbers all pages show
    st.caption(f":material/database:\u2002{md(known[st.session_state['run_id']].dataset_name)}")
    run_badge(w, identity, st.session_state["run_id"])


def run_labels(w: Words, entries: Iterable[RunEntry]) -> dict[str, str]:
    """Return "9 Jun 2011 · 12 months" by run; with more than one set of orders, their name too.

    Where two runs still agree, the hour they were made tells them apart.
    """
    entries = list(entries)
    several = len({(entry.dataset_id, entry.dataset_name) for entry in entries}) > 1
    labels, made = {}, {}
    for entry in entries:
        horizon = horizon_words(w, entry.horizon_months, entry.horizon_days)
        parts = [w.date(entry.as_of), horizon, *([entry.dataset_name] if several else [])]
        labels[entry.id] = " · ".join(parts)
        made[entry.id] = moment_words(w, entry.created_at)
    # two of one name would be one choice, and show the wrong run
    for more in (made, {run_id: run_id[:8] for run_id in labels}):
        times = Counter(labels.values())
        labels = {
            run_id: f"{label} · {more[run_id]}" if times[label] > 1 else label
            for run_id, label in labels.items()
        }
    return labels


def _choose_run() -> None:
    st.session_state["run_id"] = st.session_state["run_selector"]
