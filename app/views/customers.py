"""Customers: who they are, what each should spend, and whom to act on."""

import streamlit as st

from app.services.session import can, current_words
from app.widgets import customer_panels
from app.widgets.customer_filters import customer_filters, select
from app.widgets.required import require
from app.widgets.run_in_view import shown_run

identity = require("customers")
w = current_words()
shown = shown_run(w, identity, page=w("Customers"), may_add=can(identity, "data"))
top = st.container()
filters = customer_filters(w, shown.run.customers, shown.run.currency)
selection = select(shown.run.customers, filters)
view = customer_panels.CustomersInView(shown=shown, filters=filters, rows=selection)
with top:
    customer_panels.customers_header(w, view)
if selection.empty:
    customer_panels.nobody(w)
else:
    customer_panels.customers_kpis(w, view)
    customer_panels.customers_list(w, identity, view)
