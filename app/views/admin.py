"""Administration: people, what their roles allow, and the trail of what they did."""

import streamlit as st

from app.services import administration
from app.services.session import current_words
from app.widgets import people_panels
from app.widgets.admin_header import admin_header
from app.widgets.required import require
from app.widgets.roles_table import roles_card
from app.widgets.tenant_panels import tenants_card
from app.widgets.trail_panel import trail_card

identity = require("admin")
w = current_words()
people = administration.people(identity)
admin_header(w, identity, people)
people_panels.outcome(w)
left, right = st.columns([1.9, 1])
with left:
    people_panels.people_card(w, identity, people)
with right:
    people_panels.add_card(w)
people_panels.change_card(w, identity, people)
tenants_card(w, identity)
trail_card(w, identity, [person.account.username for person in people])
roles_card(w)
