"""The verdict in two words, for places where a forecast is named."""

from __future__ import annotations

import streamlit as st

from app.services.manifests import verdict_of
from app.services.session import Identity
from app.words.text import Words
from app.words.trust import badge_words, rule
from clvcore.records.columns import FAIR, GOOD, NOT_MEASURED, WEAK
from clvcore.records.errors import StoreError

ICONS = {
    GOOD: ":material/verified:",
    FAIR: ":material/check_circle:",
    WEAK: ":material/warning:",
    NOT_MEASURED: ":material/help:",
}
COLORS = {GOOD: "green", FAIR: "yellow", WEAK: "orange", NOT_MEASURED: "gray"}


def trust_badge(w: Words, verdict: str) -> None:
    """Draw the verdict; its rule is in the help."""
    known = verdict if verdict in ICONS else NOT_MEASURED
    st.badge(badge_words(w, known), icon=ICONS[known], color=COLORS[known], help=rule(w))


def run_badge(w: Words, identity: Identity, run_id: str) -> None:
    """Draw the verdict of a saved forecast; none where its folder cannot be read.

    The manifest alone is read: every page shows this, and tables would make each of them wait.
    """
    try:
        verdict = verdict_of(identity.tenant, run_id)
    except StoreError:
        return
    trust_badge(w, verdict)
