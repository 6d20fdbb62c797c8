"""Who is asking, in which language, and what they may: asked anew at every rerun and callback."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from app.accounts import sessions
from app.accounts.roles import allowed
from app.accounts.users import Account
from app.words.text import Words, negotiate, words_for

SESSION = "session_token"


@dataclass(frozen=True, kw_only=True)
class Identity:
    """The person at the other end, as the database knows them at this moment."""

    username: str
    name: str
    role: str
    tenant: str


def current_identity() -> Identity:
    """Return who is signed in.

    Raises
    ------
    PermissionError
        If nobody is, or the account was closed or its sessions were ended meanwhile.
    """
    account = session_account()
    if account is None:
        raise PermissionError("nobody is signed in")
    return identity_of(account)


def identity_of(account: Account) -> Identity:
    return Identity(
        username=account.username, name=account.name, role=account.role, tenant=account.tenant
    )


def session_account() -> Account | None:
    """Return the session's account if it may still be used."""
    if not st.session_state.get("authentication_status"):
        return None
    return sessions.account_of(st.session_state.get(SESSION))


def can(identity: Identity, capability: str) -> bool:
    """Tell whether this person may."""
    return allowed(identity.role, capability)


def asking(capability: str) -> Identity | None:
    """Return who is asking if they may: the first line of a callback that changes something.

    A callback runs before the page, which then says why nothing happened.
    """
    account = session_account()
    identity = identity_of(account) if account else None
    return identity if identity and can(identity, capability) else None


def current_language() -> str:
    """Return the language: the address says it, or this session chose it, or the browser asks."""
    saved = st.session_state.get("language")
    asked = st.query_params.get("lang")
    if asked and asked != st.session_state.get("language_asked"):
        st.session_state["language_asked"] = asked
        saved = asked
    language = negotiate(saved, st.context.locale)
    st.session_state["language"] = language
    return language


def choose_language(language: str) -> None:
    """Keep a choice made on the page; it also replaces the one in the address."""
    st.session_state["language"] = language
    if "lang" in st.query_params:
        st.query_params["lang"] = st.session_state["language_asked"] = language


def current_words() -> Words:
    """Return the words of the session's language."""
    return words_for(current_language())
