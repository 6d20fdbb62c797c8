"""Trust: how far to rely on the forecast, measured on the past of these very orders."""

import streamlit as st

from app.services.session import can, current_words
from app.widgets import trust_panels, trust_unmeasured
from app.widgets.model_panels import result_models
from app.widgets.required import require
from app.widgets.run_in_view import shown_run
from app.words.trust import has_figures, is_measured

identity = require("trust")
w = current_words()
with trust_panels.loading(w, st.session_state.get("run_id")):
    shown = shown_run(w, identity, page=w("Trust"), may_add=can(identity, "data"))
trust_panels.trust_header(w, shown)
if not is_measured(shown.run.trust):
    trust_unmeasured.ways_to_measure(w, identity, shown)
if has_figures(shown.run.trust):
    trust_panels.trust_kpis(w, shown)
    trust_panels.trust_charts(w, shown)
result_models(w, shown)
trust_panels.trust_distribution(w, shown)
trust_panels.trust_method(w, shown)
trust_panels.trust_terms(w, shown)
