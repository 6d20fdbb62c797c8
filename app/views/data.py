"""Data: add orders, say which column is which, and see what became of every row."""

import streamlit as st

from app.services import datasets
from app.services.session import current_words
from app.widgets import dataset_panels, order_sources
from app.widgets.required import require

identity = require("data")
w = current_words()
saved = datasets.list_datasets(identity.tenant)
intake = order_sources.intake_in_view()
if intake is not None:
    dataset_panels.intake_page(w, identity, intake)
elif order_sources.refusal_in_view() is not None:
    dataset_panels.unreadable_page(w)
elif dataset_panels.chosen(saved) is None or st.session_state.get(order_sources.ADDING):
    dataset_panels.add_page(w, saved)
else:
    dataset_panels.saved_page(w, identity, saved)
