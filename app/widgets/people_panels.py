"""Administration: who may sign in, adding somebody, and changing an account."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import pandas as pd
import streamlit as st

from app.accounts.roles import ROLES
from app.services import administration
from app.services.administration import Person
from app.services.session import Identity, asking
from app.widgets.card import card
from app.widgets.moments import moment_words
from app.words.roles import role_name
from app.words.text import Words, md
from clvcore.records.errors import ClvError

TOLD_ONCE, REFUSED = "admin_password", "admin_refused"
Made = TypeVar("Made")
ROW_HEIGHT, HEAD_HEIGHT, ROWS_TALL = 38, 35, 10


def people_card(w: Words, identity: Identity, people: Sequence[Person]) -> None:
    """List everybody with role, last sign-in and state."""
    shown = people_frame(w, identity, people)
    column = st.column_config
    with card(
        w("People"),
        w("Last sign-in: with the password. A session ends after an hour unused, or twelve hours."),
    ):
        st.dataframe(
            shown,
            hide_index=True,
            column_config={
                "username": column.TextColumn(w("User name"), width=130, pinned=True),
                "name": column.TextColumn(w("Name"), width=150),
                "role": column.TextColumn(w("Role"), width=110),
                "seen": column.TextColumn(w("Last sign-in"), width=140),
                "state": column.TextColumn(w("State"), width=90),
            },
            row_height=ROW_HEIGHT,
            height=ROW_HEIGHT * min(len(shown), ROWS_TALL) + HEAD_HEIGHT,
            key="people-table",
            alt=w("People who may sign in"),
        )


def people_frame(w: Words, identity: Identity, people: Sequence[Person]) -> pd.DataFrame:
    """Return the rows of the list in words."""
    return pd.DataFrame(
        [
            {
                "username": person.account.username,
                "name": w("{name} (you)", name=person.account.name)
                if person.account.username == identity.username
                else person.account.name,
                "role": role_name(w, person.account.role),
                "seen": moment_words(w, person.last_sign_in)
                if person.last_sign_in
                else w("never yet"),
                "state": w("Disabled") if person.account.disabled else w("Open"),
            }
            for person in people
        ]
    )


def outcome(w: Words) -> None:
    """Say what the last click did; a new password is shown this once and then forgotten."""
    if (refused := st.session_state.pop(REFUSED, None)) is not None:
        st.warning(md(w.error(refused)), icon=":material/warning:")
    told = st.session_state.pop(TOLD_ONCE, None)
    if told is not None:
        username, password = told
        with st.container(border=True, key="password-once"):
            st.markdown(
                md(
                    w(
                        "The password of {name}. It is shown only now: hand it over in person or "
                        "by telephone.",
                        name=username,
                    )
                )
            )
            st.code(password, language=None)


def add_card(w: Words) -> None:
    """Ask for a new account; its password is made here and told once."""
    with (
        card(w("Add somebody"), w("A password is made for them and shown once.")),
        st.form("add-person", border=False),
    ):
        st.text_input(w("User name"), key="add-username", max_chars=64)
        st.text_input(w("Name shown on the pages"), key="add-name", max_chars=120)
        st.selectbox(w("Role"), ROLES, format_func=lambda role: role_name(w, role), key="add-role")
        st.form_submit_button(w("Add"), type="primary", icon=":material/person_add:", on_click=_add)


def change_card(w: Words, identity: Identity, people: Sequence[Person]) -> None:
    """Change somebody's role, give a new password, disable or enable; never one's own account."""
    others = {p.account.username: p.account for p in people}
    others.pop(identity.username, None)
    title = w("Change an account")
    if not others:
        with card(title, w("There is nobody but you yet.")):
            st.caption(md(_own(w)))
        return
    with card(title, w("Every change ends the person’s open sessions.")):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            chosen = st.selectbox(
                w("Account"), list(others), key="change-username",
                format_func=lambda name: f"{others[name].name} ({name})"
                if others[name].name != name else name, width=280,
            )  # fmt: skip
            account = others[chosen]
            role = st.selectbox(
                w("Role"), ROLES, index=ROLES.index(account.role), width=200,
                format_func=lambda code: role_name(w, code),
                key=f"change-role-{chosen}-{account.role}", disabled=account.disabled,
            )  # fmt: skip
            st.button(
                w("Change role"), key="change-role", icon=":material/badge:",
                disabled=account.disabled or role == account.role, on_click=_do,
                args=(administration.change_role, chosen, role),
            )  # fmt: skip
            st.button(
                w("New password"), key="reset-password", icon=":material/key:",
                disabled=account.disabled, on_click=_reset, args=(chosen,),
            )  # fmt: skip
            _close_or_open(w, chosen, closed=account.disabled)
        st.caption(md(_own(w)))


def _close_or_open(w: Words, username: str, *, closed: bool) -> None:
    if closed:
        st.button(
            w("Enable"), key="enable", icon=":material/lock_open:", on_click=_do,
            args=(administration.enable_person, username),
        )  # fmt: skip
        return
    with st.popover(w("Disable"), icon=":material/block:", type="tertiary"):
        st.markdown(
            md(
                w(
                    "Disable {name}? They are signed out at once and cannot come back until you "
                    "enable the account.",
                    name=username,
                )
            )
        )
        st.button(
            w("Disable this account"),
            key="disable",
            on_click=_do,
            args=(administration.disable_person, username),
        )


def _own(w: Words) -> str:
    return w(
        "Your own account is changed by another administrator, or by “clv users” on the server. "
        "The last administrator always stays."
    )


def _add() -> None:
    typed = {key: st.session_state[f"add-{key}"] for key in ("username", "name", "role")}
    made = _do(administration.add_person, **typed)
    if made is not None:
        st.session_state[TOLD_ONCE] = (made[0].username, made[1])
        st.session_state["add-username"] = st.session_state["add-name"] = ""


def _reset(username: str) -> None:
    password = _do(administration.reset_password, username)
    if password is not None:
        st.session_state[TOLD_ONCE] = (username, password)


def _do(change: Callable[..., Made], *args: str, **named: str) -> Made | None:
    """Make a change if the person may still administer; keep a refusal for the page to say."""
    identity = asking("admin")
    if identity is None:
        return None
    try:
        return change(identity, *args, **named)
    except ClvError as error:
        st.session_state[REFUSED] = error
        return None
