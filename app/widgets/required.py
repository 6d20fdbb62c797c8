"""Whether the person asking may see a page; where they may not, that is the page."""

from __future__ import annotations

import streamlit as st

from app.services.session import Identity, can, current_identity, current_words
from app.widgets.states import denied


def require(capability: str) -> Identity:
    """Return who is asking, or show that they may not and end the page here."""
    identity = current_identity()
    if not can(identity, capability):
        denied(current_words(), capability)
        st.stop()
    return identity
