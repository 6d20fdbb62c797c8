"""Where a forecast came from: orders, settings, versions, who and when."""

from __future__ import annotations

import streamlit as st

from app.services import history, runs
from app.services.runs import RunEntry
from app.services.session import Identity
from app.widgets.card import card
from app.widgets.facts import facts
from app.widgets.moments import moment_words
from app.words.settings import settings_listed
from app.words.text import Words, md
from clvcore.records.errors import ClvError


def provenance_cards(w: Words, identity: Identity, entry: RunEntry) -> None:
    """Say what the forecast was made of, or why that cannot be told."""
    try:
        made = history.provenance(identity.tenant, entry.id)
    except ClvError as error:
        with card(w("Where this forecast came from")):
            st.markdown(f":orange[:material/warning:]\u2002{md(w.error(error))}")
        return
    left, right = st.columns(2)
    with left, card(w("Where this forecast came from"), w("From the record saved with it.")):
        facts(
            [
                (w("Orders"), made.dataset_name),
                (w("Content of the orders (SHA-256)"), made.data_hash),
                (w("Made"), moment_words(w, made.created_at or entry.created_at)),
                (w("By"), entry.created_by),
                (w("Covers"), w("{first} to {last}", first=entry.as_of, last=entry.horizon_end)),
                (w("Customers"), w.count(made.customers)),
                (w("Expected value"), w.money(made.clv, entry.currency)),
                (w("Model used"), w.model(made.model)),
                *_scored_with(w, identity, made.fitted_run),
                (w("Versions"), _versions(w, made.versions)),
            ]
        )
    with right, card(w("Its settings"), w("As they were asked for.")):
        facts(settings_listed(w, made.config))


def _scored_with(w: Words, identity: Identity, run_id: str | None) -> list[tuple[str, str]]:
    if run_id is None:
        return []
    try:
        entry = runs.find(identity.tenant, run_id)
    except ClvError:
        return [(w("Scored with"), w("a forecast that was deleted"))]
    name = w("{name} · as of {day}", name=entry.dataset_name, day=entry.as_of)
    return [(w("Scored with"), name)]


def _versions(w: Words, versions: dict[str, str | None]) -> str:
    return " · ".join(
        f"{name} {version or w('not recorded')}" for name, version in versions.items()
    )
