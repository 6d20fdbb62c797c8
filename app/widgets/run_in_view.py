"""The forecast all pages show, and how it is named."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import streamlit as st

from app.services import runs
from app.services.runs import RunEntry
from app.services.session import Identity
from app.widgets.states import empty
from app.words.text import Words
from clvcore.records.errors import StoreError
from clvcore.records.run import Run


@dataclass(frozen=True, eq=False)
class RunInView:
    """A run with its entry in the list.

    ``key`` names the tenant and the version of the run, for what is drawn of it once
    (``drawn_once``); None for a run that is not as it was saved.
    """

    entry: RunEntry
    run: Run
    key: tuple[Hashable, ...] | None = None

    def months(self, w: Words) -> str:
        """Return the horizon in words: "12 months"."""
        return horizon_words(w, self.entry.horizon_months, self.entry.horizon_days)

    def about(self, w: Words) -> list[str]:
        """Return the eyebrow: dataset, as of, horizon, currency."""
        return [
            self.entry.dataset_name,
            w("as of {day}", day=self.run.as_of),
            w("next {horizon}", horizon=self.months(w)),
            self.run.currency or w("currency not stated"),
        ]


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


def horizon_words(w: Words, months: int | None, days: int | None) -> str:
    """Return the length of a forecast in words."""
    if days is not None:
        return w.plural("{n} day", "{n} days", days)
    return w.plural("{n} month", "{n} months", months or 0)


def cohort_words(w: Words, cohort: str) -> str:
    """Return a cohort as people say it; "all" is everybody, other names stay."""
    return w("Everybody") if cohort == "all" else cohort
