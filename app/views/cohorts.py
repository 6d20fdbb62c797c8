"""Cohorts: whether newer customers are worth more, and how long each cohort goes on buying."""

import streamlit as st

from app.services.session import can, current_words
from app.widgets import cohort_panels
from app.widgets.required import require
from app.widgets.run_in_view import shown_run

identity = require("cohorts")
w = current_words()
shown = shown_run(w, identity, page=w("Cohorts"), may_add=can(identity, "data"))
if shown.run.cohorts.empty:
    cohort_panels.no_cohorts(w, identity, shown)
    st.stop()
head = st.container()
view = cohort_panels.cohort_controls(w, identity, shown)
with head:
    cohort_panels.cohorts_header(w, view)
cohort_panels.cohort_charts(w, view)
cohort_panels.cohort_terms(w, view)
