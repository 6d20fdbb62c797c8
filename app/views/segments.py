"""Segments: three value groups, four risks, and what to do about each."""

from app.services.session import can, current_words, require
from app.widgets import segment_panels
from app.widgets.run_in_view import shown_run

identity = require("segments")
w = current_words()
shown = shown_run(w, identity, page=w("Segments"), may_add=can(identity, "data"))
segment_panels.segments_header(w, shown)
segment_panels.segment_cards(w, shown)
segment_panels.matrix_card(w, shown)
segment_panels.action_card(w, shown)
segment_panels.segment_terms(w, shown)
