"""Administration: who calls the HTTP interface, and keys that are shown once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from app.accounts.tenants import LONGEST_DAYS, Keys, Tenant
from app.services import tenant_administration as administration
from app.services.session import Identity, asking
from app.widgets.card import card
from app.widgets.moments import moment_words
from app.widgets.people_panels import REFUSED
from app.words.text import Words
from clvcore.records.errors import ClvError

KEYS_ONCE = "admin_keys"
ROW_HEIGHT, HEAD_HEIGHT, ROWS_TALL = 38, 35, 8


def tenants_card(w: Words, identity: Identity) -> None:
    """List tenants, add one, rotate keys, close and open; only for the installation's people."""
    if not administration.may_administer(identity):
        return
    known = administration.tenants_of(identity)
    _told_once(w)
    with card(
        w("Callers of the HTTP interface"),
        w("Each tenant sees only what is his. Keys are shown once; two may be live at a time."),
        key="tenants",
    ):
        if known:
            _list(w, known)
            _change(w, known)
        else:
            st.markdown(w("Nobody calls the interface yet."))
        with st.form("add-tenant", border=False):
            left, right = st.columns([2, 1], vertical_alignment="bottom")
            left.text_input(w("Name of a new tenant"), key="tenant-name", max_chars=120)
            right.number_input(
                w("Keys valid for days"), 1, LONGEST_DAYS, None, key="tenant-days",
                placeholder=w("without end"),
            )  # fmt: skip
            st.form_submit_button(w("Add tenant"), icon=":material/key:", on_click=_add)


def tenants_frame(w: Words, known: Sequence[Tenant]) -> pd.DataFrame:
    """Return the rows of the list in words."""
    return pd.DataFrame(
        [
            {
                "name": tenant.name,
                "id": tenant.id,
                "keys": tenant.live_keys,
                "expires": w.date(tenant.expires_at.date()) if tenant.expires_at else w("never"),
                "used": moment_words(w, tenant.last_used_at)
                if tenant.last_used_at
                else w("never yet"),
                "state": w("Disabled") if tenant.disabled else w("Open"),
            }
            for tenant in known
        ]
    )


def _list(w: Words, known: Sequence[Tenant]) -> None:
    column = st.column_config
    shown = tenants_frame(w, known)
    st.dataframe(
        shown,
        hide_index=True,
        column_config={
            "name": column.TextColumn(w("Tenant"), width=160, pinned=True),
            "id": column.TextColumn(w("Number"), width=290),
            "keys": column.NumberColumn(w("Live keys"), width=80),
            "expires": column.TextColumn(w("Valid until"), width=110),
            "used": column.TextColumn(w("Last used"), width=140),
            "state": column.TextColumn(w("State"), width=90),
        },
        row_height=ROW_HEIGHT,
        height=ROW_HEIGHT * min(len(shown), ROWS_TALL) + HEAD_HEIGHT,
        key="tenants-table",
        alt=w("Callers of the HTTP interface"),
    )


def _change(w: Words, known: Sequence[Tenant]) -> None:
    names = {tenant.id: tenant for tenant in known}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            w("Tenant"), list(names), format_func=lambda one: names[one].name, width=280,
            key="tenant-chosen",
        )  # fmt: skip
        st.button(
            w("New keys"), key="tenant-rotate", icon=":material/key:", on_click=_rotate,
            args=(chosen,), disabled=names[chosen].disabled,
        )  # fmt: skip
        closed = names[chosen].disabled
        st.button(
            w("Enable") if closed else w("Disable"), key="tenant-close",
            on_click=_do, args=(administration.set_closed, chosen, not closed),
        )  # fmt: skip


def _told_once(w: Words) -> None:
    keys: Keys | None = st.session_state.pop(KEYS_ONCE, None)
    if keys is None:
        return
    with st.container(border=True, key="keys-once"):
        st.markdown(w("These keys are shown only now. Hand them over as you would a password."))
        st.code(
            f"X-Customer-Api-Id: {keys.tenant_id}\nX-Secret: {keys.secret}\n"
            f"Authorization: Bearer {keys.token}",
            language=None,
        )


def _add() -> None:
    name, days = st.session_state["tenant-name"], st.session_state["tenant-days"]
    keys = _do(administration.add_tenant, name, days)
    if keys is not None:
        st.session_state[KEYS_ONCE] = keys
        st.session_state["tenant-name"] = ""


def _rotate(tenant_id: str) -> None:
    keys = _do(administration.rotate_keys, tenant_id, None)
    if keys is not None:
        st.session_state[KEYS_ONCE] = keys


def _do(change: Callable[..., Keys | None], *words: object) -> Keys | None:
    """Make a change if the person may still administer; keep a refusal for the page to say."""
    identity = asking("admin")
    if identity is None:
        return None
    try:
        return change(identity, *words)
    except ClvError as error:
        st.session_state[REFUSED] = error
        return None
