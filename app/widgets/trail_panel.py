"""The trail of sign-ins, forecasts, exports and changes, filtered by action, person and day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from app.accounts.throttle import name_digest
from app.services import runs
from app.services.session import Identity
from app.storage import audit
from app.storage.audit import Line
from app.widgets.card import card
from app.widgets.moments import moment_words, start_of
from app.words.roles import role_name
from app.words.text import Words, md

ROWS_TALL, ROW_HEIGHT, HEAD_HEIGHT = 14, 36, 35
FILTERS = ("trail-action", "trail-user", "trail-from", "trail-to")
A_DAY = dt.timedelta(days=1)
_SUBJECT_IS_A_DIGEST = (audit.FORGOTTEN, audit.ERASED, audit.SWEPT)


def action_names(w: Words) -> dict[str, str]:
    """Return what each kind of line is called."""
    return {
        "sign_in": w("Signed in"),
        "sign_in_failed": w("Failed sign-in"),
        "sign_out": w("Signed out"),
        "forecast": w("Made a forecast"),
        "scored": w("Scored newer orders"),
        "run_deleted": w("Deleted a forecast"),
        "export": w("Exported a list"),
        "orders_added": w("Added orders"),
        "orders_deleted": w("Deleted orders"),
        "user_added": w("Added a person"),
        "user_disabled": w("Disabled a person"),
        "user_enabled": w("Enabled a person"),
        "role_changed": w("Changed a role"),
        "password_reset": w("Set a new password"),
        "customer_forgotten": w("Forgot a customer"),
        "too_old_deleted": w("Deleted what was too old"),
        "tenant_erased": w("Erased a tenant"),
    }


def trail_card(w: Words, identity: Identity, usernames: Sequence[str]) -> None:
    """Draw the filters and the newest lines that match."""
    with card(
        w("Who did what"),
        w("The newest {n} lines that match. No customer is ever named here.", n=audit.MOST_LISTED),
    ):
        lines = _filtered(w, identity)
        if not lines:
            st.markdown(md(w("Nothing matches these filters.")))
            st.button(w("Clear all filters"), type="primary", key="trail-clear", on_click=clear)
            return
        known = {name_digest(username): username for username in usernames}
        shown = trail_frame(w, lines, _run_names(w, identity), known)
        column = st.column_config
        st.dataframe(
            shown,
            hide_index=True,
            column_config={
                "at": column.TextColumn(w("When"), width=150),
                "by": column.TextColumn(w("Who"), width=130),
                "action": column.TextColumn(w("What"), width=170),
                "about": column.TextColumn(w("Which"), width=250),
                "detail": column.TextColumn(w("Details"), width=250),
            },
            row_height=ROW_HEIGHT,
            height=ROW_HEIGHT * min(len(shown), ROWS_TALL) + HEAD_HEIGHT,
            placeholder="–",
            key="trail-table",
            alt=w("Who did what"),
        )


def _filtered(w: Words, identity: Identity) -> list[Line]:
    actions, names = audit.in_use(identity.tenant)
    said = action_names(w)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        action = st.selectbox(
            w("What"), actions, index=None, key=FILTERS[0], placeholder=w("Anything"),
            format_func=lambda code: action_name(said, code), width=210,
        )  # fmt: skip
        username = st.selectbox(
            w("Who"), names, index=None, key=FILTERS[1], placeholder=w("Anybody"), width=190
        )
        first = st.date_input(
            w("From day"), value=None, format="YYYY-MM-DD", key=FILTERS[2], width=150
        )
        last = st.date_input(
            w("To day"), value=None, format="YYYY-MM-DD", key=FILTERS[3], width=150
        )
    return audit.list_entries(
        identity.tenant,
        action=action,
        username=username,
        since=start_of(first) if first else None,
        until=start_of(last + A_DAY) if last else None,
    )


def action_name(names: Mapping[str, str], code: str) -> str:
    """Return an action in words; an unknown code stays readable."""
    return names.get(code, code.replace("_", " ").capitalize())


def trail_frame(
    w: Words, lines: Sequence[Line], run_names: Mapping[str, str], known: Mapping[str, str]
) -> pd.DataFrame:
    """Return the lines in words.

    Parameters
    ----------
    run_names
        What each forecast that is still there is called, by its id.
    known
        User names by digest: a failed sign-in is told by name only where somebody has that name.
    """
    said = action_names(w)
    return pd.DataFrame(
        [
            {
                "at": moment_words(w, line.at),
                "by": line.username or known.get(line.subject) or w("unknown name"),
                "action": action_name(said, line.action),
                "about": _about(w, line, run_names),
                "detail": _detail(w, line),
            }
            for line in lines
        ]
    )


def _run_names(w: Words, identity: Identity) -> dict[str, str]:
    return {
        entry.id: f"{entry.dataset_name} · {w.date(entry.as_of)}"
        for entry in runs.list_runs(identity.tenant)
    }


def _about(w: Words, line: Line, run_names: Mapping[str, str]) -> str | None:
    detail = line.detail
    if line.action.startswith("sign_") or line.action in _SUBJECT_IS_A_DIGEST:
        return None
    if line.action == "run_deleted":
        return f"{detail['dataset']} · {w.date(dt.date.fromisoformat(detail['as_of']))}"
    if line.subject in run_names:
        return run_names[line.subject]
    return str(detail["name"]) if "name" in detail else line.subject[:24]


def _detail(w: Words, line: Line) -> str | None:
    detail = line.detail
    if line.action == "role_changed":
        return f"{role_name(w, detail['before'])} → {role_name(w, detail['after'])}"
    if line.action == "user_added":
        return role_name(w, detail["role"])
    if {"orders", "forecasts"} <= detail.keys():
        return w("Orders: {orders} · Forecasts: {forecasts}", **detail)
    parts = []
    if isinstance(detail.get("rows"), int):
        parts.append(w.plural("{n} row", "{n} rows", detail["rows"]))
    if detail.get("format"):
        parts.append(str(detail["format"]).upper())
    return " · ".join(parts) or None


def clear() -> None:
    """Ask for every line again."""
    for key in FILTERS:
        st.session_state[key] = None
