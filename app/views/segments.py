"""Segments: three value groups, four risks, and what to do about each."""

import streamlit as st

from app.services.session import can, current_words
from app.widgets import segment_panels
from app.widgets.required import require
from app.widgets.run_in_view import shown_run
from app.widgets.what_if import what_if

identity = require("segments")
w = current_words()
shown = shown_run(w, identity, page=w("Segments"), may_add=can(identity, "data"))
segment_panels.segments_header(w, shown)
segment_panels.segment_cards(w, shown)
matrix, campaign = st.columns([1.15, 1])
with matrix:
    segment_panels.matrix_card(w, shown)
with campaign:
    what_if(w, identity, shown)
segment_panels.action_card(w, shown)
segment_panels.segment_terms(w, shown)
