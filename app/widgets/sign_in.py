"""Signing in and out. The form and its cookie are streamlit-authenticator's; every check is ours.

The form's library registers a component while it loads, which only counts inside a page: so pages
alone may load this file. Where it was loaded before, no browser gets its cookie until a restart.

The form's library keeps no session on the server: a copied cookie would outlive a sign-out, a new
password or a closed account. So the cookie holds the token of a session of ours, and each rerun
asks the database whether that is still open.
"""

from __future__ import annotations

import datetime as dt
import math

import streamlit as st
import streamlit_authenticator as stauth

from app.accounts import sessions, throttle
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

_REFUSED, _LEAVING, _LEFT = "sign_in_refused", "sign_out_asked", "signed_out"
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
    leaving = bool(st.session_state.pop(_LEAVING, False))
    if not leaving:
        account = session_account() or _by_cookie()
        if account:
            return account
    _forget_person()
    if leaving:
        st.session_state[_LEFT] = True
    st.session_state["logout"] = True  # the library leaves the cookie alone: it was read above
    auth = _form()
    page = st.empty()
    with page.container():
        _draw(auth, w)
    account = session_account()
    if account:
        # The form goes, but the script that sets the cookie has to stay on the page: so it is
        # drawn outside the form's place, and nothing may start a rerun now.
        page.empty()
        st.session_state.pop(_LEFT, None)
        _set_cookie(auth, st.session_state[SESSION])
    elif st.session_state.get(_LEFT):
        # at every rerun: one that follows at once would take its script away before it ran
        _delete_cookie(auth)
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


def _form() -> stauth.Authenticate:
    people = {
        account.username: {"name": account.name, "email": "", "roles": [account.role]}
        for account in list_users()
        if not account.disabled
    }
    # the key signs nothing, since the cookie is ours; the library's own is known to everybody
    auth = stauth.Authenticate(
        {"usernames": people}, COOKIE, derived_key(clv_home(), "sign-in form"),
        auto_hash=False, login_sleep_time=0,
    )  # fmt: skip
    auth.cookie_controller.set_cookie = lambda: None
    # the library compares against hashes it is handed and counts tries in that same dict;
    # ours are in the database, so this one question is answered by us
    auth.authentication_controller.authentication_model.check_credentials = _check
    return auth


def _set_cookie(auth: stauth.Authenticate, token: str) -> None:
    """Let the library's script keep our token in the browser, as long as the session can last."""
    auth.cookie_controller.cookie_model.cookie_manager.set(
        COOKIE, token, same_site="strict", secure=(st.context.url or "").startswith("https:"),
        expires_at=dt.datetime.now(dt.UTC) + sessions.LONGEST,
    )  # fmt: skip


def _delete_cookie(auth: stauth.Authenticate) -> None:
    cookies = auth.cookie_controller.cookie_model.cookie_manager
    cookies.cookies.setdefault(COOKIE, "")  # it may not have heard from the browser yet
    auth.cookie_controller.delete_cookie()


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


def _draw(auth: stauth.Authenticate, w: Words) -> None:
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
