"""Overview: the newest forecast in five figures, three charts and three actions."""

import streamlit as st

from app.services.session import current_words
from app.widgets import overview_panels
from app.widgets.first_run import first_run
from app.widgets.overview_actions import stakes_card
from app.widgets.overview_change import change_card, since_in_view
from app.widgets.required import require
from app.widgets.run_in_view import run_in_view

identity = require("overview")
w = current_words()
with overview_panels.loading(w, st.session_state.get("run_id")):
    shown = run_in_view(identity)
if shown is None:
    first_run(w, identity)
    st.stop()
since = since_in_view(identity, shown)
overview_panels.overview_header(w, identity, shown)
overview_panels.overview_figures(w, since)
change_card(w, since)
overview_panels.overview_history(w, shown)
left, right = st.columns([1, 1.35])
with left:
    overview_panels.overview_concentration(w, shown)
with right:
    stakes_card(w, identity, shown)
overview_panels.overview_terms(w, shown)
