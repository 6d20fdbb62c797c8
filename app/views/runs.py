"""Runs: every forecast kept, where each came from, and what changed between two."""

import streamlit as st

from app.services import runs
from app.services.session import can, current_words
from app.widgets import run_comparison, run_history, run_provenance, score_orders
from app.widgets.required import require
from app.widgets.runs_header import runs_header
from app.widgets.sidebar import run_labels
from app.widgets.states import empty
from clvcore.records.errors import ClvError
from clvcore.runs.comparison import Comparison

identity = require("runs")
w = current_words()
kept = runs.list_runs(identity.tenant)
if not kept:
    empty(w, page=w("Runs"), may_add=can(identity, "data"))
    st.stop()
labels = run_labels(w, kept)
chosen = run_history.chosen_run(kept)
against = run_comparison.against_run(chosen, kept)
top = st.container()
run_history.history_card(w, kept)
run_history.toolbar(w, identity, labels, chosen)
score_orders.score_panel(w, identity, chosen)
run_comparison.against_select(w, labels, chosen, against)
comparison = run_comparison.compared(w, identity, chosen, against) if against else None
with top:
    runs_header(w, kept, chosen, comparison if isinstance(comparison, Comparison) else None)
if isinstance(comparison, ClvError):
    run_comparison.refusal_card(w, comparison)
elif comparison is not None and against is not None:
    run_comparison.comparison_panels(w, comparison, chosen, against)
run_provenance.provenance_cards(w, identity, chosen)
