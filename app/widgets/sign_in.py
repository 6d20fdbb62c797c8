"""Signing in and out. The form is streamlit-authenticator's; every check and the cookie are ours.

The form's library keeps no session on the server, so a copied cookie would outlive a sign-out, a
new password or a closed account; and its cookie is set by a script, so scripts may read it. Ours
holds the token of a session that each rerun asks the database for, and ``/session`` sets it.
"""

from __future__ import annotations

import math
from typing import Any

import streamlit as st
import streamlit_authenticator as stauth
from streamlit.web.server.starlette.starlette_server_config import XSRF_COOKIE_NAME
from streamlit_authenticator.controllers import AuthenticationController

from app.accounts import sessions, throttle, tickets
from app.accounts.keys import derived_key
from app.accounts.sessions import COOKIE
from app.accounts.users import (
    Account,
    find_user,
    list_users,
    password_is_right,
)
from app.services.session import SESSION, session_account
from app.storage import audit
from app.storage.home import LOCAL_TENANT, clv_home
from app.widgets import look
from app.words.text import Words

_REFUSED, _LEAVING, _TICKET = "sign_in_refused", "sign_out_asked", "session_ticket"
_KEPT_ON_LEAVING = ("language", "language_asked")
# the library's form has a heading we need not and a plain button where the page has one action
_STYLE = """<style>
.st-key-sign_in [data-testid="stForm"] div:has(> [data-testid="stHeading"]) {{ display: none; }}
.st-key-sign_in [data-testid="stForm"] div:has([data-testid="stFormSubmitButton"]),
.st-key-sign_in [data-testid="stFormSubmitButton"],
.st-key-sign_in [data-testid="stFormSubmitButton"] button {{ width: 100% !important; }}
.st-key-sign_in [data-testid="stFormSubmitButton"] button,
.st-key-sign_in [data-testid="stFormSubmitButton"] button:hover {{
  background: {fill}; border-color: {fill}; color: {text};
}}
</style>"""


def signed_in(w: Words) -> Account | None:
    """Return who is signed in, or draw the sign-in page and return None."""
    # both are there at every rerun, so that what follows keeps its place: a menu that is open when
    # something before it comes or goes is closed
    form, ticket = st.empty(), st.empty()
    leaving = bool(st.session_state.pop(_LEAVING, False))
    account = None if leaving else session_account() or _by_cookie()
    if account is None:
        _forget_person()
        if leaving:
            _change_cookie(None)
        with form.container():
            _draw(_Form(), w)
        account = session_account()
        if account:
            form.empty()
            _change_cookie(st.session_state[SESSION])
    with ticket:
        _show_ticket()
    return account


def ask_to_leave() -> None:
    """Sign out at the next rerun: the callback of every sign-out button."""
    account = session_account()
    if account:
        sessions.revoke(st.session_state.get(SESSION))
        audit.record(account.tenant, account.username, audit.SIGN_OUT, account.username)
    st.session_state[_LEAVING] = True


def _forget_person() -> None:
    """Leave nothing of the last user in a browser session that somebody else may take over."""
    if st.session_state.get("authentication_status"):
        for name in list(st.session_state):
            if name not in _KEPT_ON_LEAVING:
                del st.session_state[name]


def _by_cookie() -> Account | None:
    """Sign in by the browser's cookie if it holds the token of an open session."""
    token = st.context.cookies.get(COOKIE)
    account = sessions.account_of(token)
    if account:
        st.session_state["authentication_status"] = True
        st.session_state["username"] = account.username
        st.session_state[SESSION] = token
    return account


class _NoCookie:
    """In place of the library's cookie, which scripts could read."""

    def get_cookie(self) -> None:
        return None

    def set_cookie(self) -> None:
        """Leave it to ``_change_cookie``."""


class _Form(stauth.Authenticate):  # type: ignore[misc]  # the library has no types
    """The library's form, without the component that reads and writes cookies by a script."""

    def __init__(self) -> None:  # not the library's, which draws that component
        people = {
            account.username: {"name": account.name, "email": "", "roles": [account.role]}
            for account in list_users()
            if not account.disabled
        }
        self.path = None
        self.attrs: dict[str, Any] = {"login_sleep_time": 0}
        self.cookie_controller = _NoCookie()
        self.authentication_controller = AuthenticationController(
            {"usernames": people}, auto_hash=False,
            secret_key=derived_key(clv_home(), "sign-in form"),  # its own is known to everybody
        )  # fmt: skip
        # the library compares against hashes it is handed and counts tries in that same dict;
        # ours are in the database, so this one question is answered by us
        self.authentication_controller.authentication_model.check_credentials = _check


def _change_cookie(token: str | None) -> None:
    """Have the browser's cookie set to a session's token, or taken away."""
    st.session_state[_TICKET] = tickets.offer(token, st.context.cookies.get(XSRF_COOKIE_NAME, ""))


def _show_ticket() -> None:
    """Have the browser come with its ticket.

    At every rerun until it has: one may follow at once, and take the picture away before that.
    """
    ticket = st.session_state.get(_TICKET)
    if ticket and tickets.waits(ticket):
        with st.container(key="session_ticket"):
            st.html(
                "<style>.st-key-session_ticket { position: absolute; }</style>"
                f'<img src="{tickets.PATH}/{ticket}" alt="" style="display: none">'
            )


def _check(username: str, password: str) -> bool:
    address = st.context.ip_address
    wait = throttle.begin_try(username, address)
    if wait:
        st.session_state[_REFUSED] = math.ceil(wait.total_seconds() / 60)
        return False
    if not password_is_right(username, password):
        st.session_state[_REFUSED] = 0
        _note_failure(username)
        return False
    throttle.succeeded(username, address)
    _note_success(username)
    st.session_state.pop(_REFUSED, None)
    st.session_state[SESSION] = sessions.begin(username, address)
    return True


def _note_success(username: str) -> None:
    account = find_user(username)
    if account:
        audit.record(account.tenant, account.username, audit.SIGN_IN, account.username)


def _note_failure(username: str) -> None:
    """Keep the digest alone, since people type passwords into the wrong box.

    A try that had to wait is not noted: the five before it are, and a flood would fill the trail.
    """
    account = find_user(username)
    tenant = account.tenant if account else LOCAL_TENANT
    audit.record(tenant, "", audit.SIGN_IN_FAILED, throttle.name_digest(username))


def _draw(auth: _Form, w: Words) -> None:
    from app.widgets.navigation import language_switch, mark

    look.apply()
    colors = look.current_palette()
    st.html(_STYLE.format(fill=colors.expected, text=colors.ground))
    with (
        st.container(horizontal_alignment="center"),
        st.container(width=460, key="sign_in"),
    ):
        st.image(mark(), width=84)
        st.title(w("See what your customers are worth, and how sure you can be."), anchor=False)
        auth.login(
            fields={
                "Form name": w("Sign in"), "Username": w("User name"),
                "Password": w("Password"), "Login": w("Sign in"),
            },
            key="sign_in_form",
        )  # fmt: skip
        _say_refusal(w)
        st.caption(
            w(
                "Forgotten your password? Ask your administrator for a new one. After {most} "
                "failed tries, sign-in pauses for up to {minutes} minutes.",
                most=throttle.MOST_WRONG,
                minutes=int(throttle.WINDOW.total_seconds() // 60),
            )
        )
        language_switch(w, place="sign_in")


def _say_refusal(w: Words) -> None:
    if st.session_state.get("authentication_status") is not False:
        return
    minutes = st.session_state.get(_REFUSED, 0)
    if minutes:
        st.warning(
            w(
                "Too many failed tries. Sign-in for this name opens again in {minutes} min.",
                minutes=minutes,
            )
        )
    else:
        st.warning(w("This user name and password do not belong together. Try again."))
