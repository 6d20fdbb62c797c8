"""The real form on the real page: who comes in, who does not, and who stays in."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import app
from app.accounts import sessions, throttle, tickets
from app.accounts.roles import CAPABILITIES, MATRIX, ROLES, allowed
from app.accounts.sessions import COOKIE
from app.accounts.users import add_user, disable_user, find_user, set_password, set_role
from app.storage import audit
from app.storage.database import utc_now

MAIN = Path(app.__file__).with_name("main.py")
PASSWORD = "correct horse battery"
WRONG = "do not belong together"
PAGES = (
    "overview", "segments", "cohorts", "trust", "customers", "data", "forecast", "runs", "admin",
)  # fmt: skip


@pytest.fixture
def ana(home):
    return add_user("ana", PASSWORD, role="analyst", name="Ana Silva")


def _page(language="en") -> AppTest:
    page = AppTest.from_file(str(MAIN), default_timeout=300)
    page.context = {"locale": language}
    return page


def _sign_in(page: AppTest, username="ana", password=PASSWORD) -> AppTest:
    if not page.text_input:
        page.run()
    page.text_input[0].input(username)
    page.text_input[1].input(password)
    page.button[0].click().run()
    assert not page.exception
    return page


def _is_in(page: AppTest) -> bool:
    return any(button.key == "sign_out" for button in page.button)


def _said(page: AppTest) -> str:
    shown = [*page.markdown, *page.warning, *page.title, *page.caption]
    return " ".join(element.value for element in shown)


def _headings(page: AppTest) -> str:
    return " ".join(element.proto.body for element in page.get("html")) + _said(page)


def test_nothing_of_the_dashboard_is_shown_before_signing_in(ana):
    page = _page().run()
    assert not page.exception
    assert not _is_in(page)
    assert [box.label for box in page.text_input] == ["User name", "Password"]
    assert len(page.sidebar.children) == 0


def test_the_right_password_opens_the_dashboard_in_the_same_run(ana):
    page = _sign_in(_page())
    assert _is_in(page)
    assert not page.text_input or page.text_input[0].label != "User name"
    assert "Ana Silva" in _said(page)


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("ana", "a wrong password"),
        ("nobody", PASSWORD),
        ("ana", ""),
        ("ana", "x" * 5000),
        ("ana", "\U0001f600" * 30),
    ],
)
def test_unknown_and_wrong_are_refused_in_the_same_words(ana, username, password):
    page = _sign_in(_page(), username, password)
    assert not _is_in(page)
    assert WRONG in _said(page)


def test_a_form_without_a_name_lets_nobody_in(ana):
    assert not _is_in(_sign_in(_page(), "", PASSWORD))


def test_after_five_wrong_tries_even_the_right_password_waits_and_then_works(ana, monkeypatch):
    page = _page()
    for _ in range(throttle.MOST_WRONG):
        _sign_in(page, password="a wrong password")
    _sign_in(page)
    assert not _is_in(page)
    assert "Too many failed tries" in _said(page)
    later = utc_now() + throttle.WINDOW
    monkeypatch.setattr(throttle, "utc_now", lambda: later)
    assert _is_in(_sign_in(page))


def test_a_disabled_user_is_refused_and_thrown_out_of_an_open_session(ana):
    add_user("root", PASSWORD, role="admin")
    page = _sign_in(_page())
    disable_user("ana")
    page.run()
    assert not _is_in(page)
    assert WRONG in _said(_sign_in(page))


def test_signing_out_forgets_the_person_and_ends_this_session_alone(ana, monkeypatch):
    here, there = _sign_in(_page()), _sign_in(_page())
    here.session_state["run_id"] = "something of Ana's"
    copied = here.session_state["session_token"]
    here.button(key="sign_out").click().run()
    assert not here.exception
    assert not _is_in(here)
    assert "run_id" not in here.session_state
    assert _is_in(there.run())
    assert not _is_in(_with_cookie(monkeypatch, copied))


def test_a_new_password_ends_open_sessions(ana):
    page = _sign_in(_page())
    set_password("ana", "another good password")
    assert not _is_in(page.run())
    assert _is_in(_sign_in(page, password="another good password"))


def test_a_session_ends_after_an_hour_of_silence(ana, monkeypatch):
    page = _sign_in(_page())
    later = utc_now() + sessions.IDLE
    monkeypatch.setattr(sessions, "utc_now", lambda: later)
    assert not _is_in(page.run())


def _with_cookie(monkeypatch, value: str) -> AppTest:
    monkeypatch.setattr(
        "streamlit.runtime.context.ContextProxy.cookies", property(lambda _: {COOKIE: value})
    )
    return _page().run()


def test_the_browsers_cookie_signs_in_again(ana, monkeypatch):
    assert _is_in(_with_cookie(monkeypatch, sessions.begin("ana")))


def test_a_made_up_or_malformed_cookie_does_not(ana, monkeypatch):
    token = sessions.begin("ana")
    forged = {
        "one letter changed": token[:-1] + ("A" if token[-1] != "A" else "B"),
        "the digest in the database": hashlib.sha256(token.encode()).hexdigest(),
        "a line break after it": token + "\n",
        "a signed token of the form's library": "eyJhbGciOiJub25lIn0.eyJ1c2VybmFtZSI6ImFuYSJ9.",
        "the name": "ana",
        "empty": "",
        "not text": "\ud800" * 43,
    }
    outcome = {why: _is_in(_with_cookie(monkeypatch, value)) for why, value in forged.items()}
    assert outcome == dict.fromkeys(forged, False)


@pytest.mark.parametrize(
    "end",
    [
        disable_user,
        lambda name: set_password(name, PASSWORD),
        lambda name: set_role(name, "executive"),
    ],
)
def test_a_copied_cookie_is_worthless_once_sessions_were_ended(ana, monkeypatch, end):
    copied = sessions.begin("ana")
    add_user("root", PASSWORD, role="admin")
    end("ana")
    assert not _is_in(_with_cookie(monkeypatch, copied))


@pytest.mark.parametrize("role", ROLES)
def test_each_role_sees_its_pages_and_is_denied_the_others(home, role):
    add_user(role, PASSWORD, role=role)
    page = _sign_in(_page(), role)
    for name in PAGES:
        page.switch_page(f"views/{name}.py").run()
        assert not page.exception
        denied = "No access" in _headings(page)
        assert denied is not allowed(role, name), name


@pytest.mark.parametrize("role", ROLES)
def test_a_callback_asks_the_same_matrix(home, role):
    add_user(role, PASSWORD, role=role)
    page = AppTest.from_function(_ask_everything)
    page.session_state["username"] = role
    page.session_state["authentication_status"] = True
    page.session_state["session_token"] = sessions.begin(role)
    assert page.run().session_state["answers"] == {
        capability: allowed(role, capability) for capability in CAPABILITIES
    }
    page.session_state["authentication_status"] = None
    assert not any(page.run().session_state["answers"].values())


def _ask_everything():
    import streamlit as st

    from app.accounts.roles import CAPABILITIES
    from app.services.session import asking

    st.session_state["answers"] = {name: asking(name) is not None for name in CAPABILITIES}


def _trail() -> list[tuple[str, str, str]]:
    return [(x.username, x.action, x.subject) for x in reversed(audit.list_entries("local"))]


def test_signing_in_and_out_leaves_a_line_each(ana):
    page = _sign_in(_page(), " ANA")
    page.run()
    page.button(key="sign_out").click().run()
    page.run()
    assert _trail() == [("ana", "sign_in", "ana"), ("ana", "sign_out", "ana")]


def test_a_failed_try_leaves_the_names_digest_and_nothing_that_was_typed(ana):
    typed = "My Secret Password 1"
    page = _sign_in(_page(), typed, "another secret")
    _sign_in(page, "ana", "another secret")
    assert _trail() == [
        ("", "sign_in_failed", throttle.name_digest(typed)),
        ("", "sign_in_failed", throttle.name_digest("ana")),
    ]
    kept = repr(audit.list_entries("local")).lower()
    assert "secret" not in kept


def test_a_flood_of_tries_does_not_fill_the_trail(ana):
    page = _page()
    for _ in range(throttle.MOST_WRONG + 2):
        _sign_in(page, password="a wrong password")
    assert len(_trail()) == throttle.MOST_WRONG


def test_the_role_is_read_again_at_every_rerun(ana, monkeypatch):
    page = _sign_in(_page())
    page.switch_page("views/customers.py").run()
    assert "No access" not in _headings(page)
    from app.storage.database import User, writing

    with writing() as session:
        session.get(User, "ana").role = "executive"
    assert find_user("ana").role == "executive"
    assert "No access" in _headings(page.run())


def test_the_pages_and_the_matrix_name_the_same_rights():
    assert set(PAGES) <= set(CAPABILITIES)
    assert set().union(*MATRIX.values()) == set(CAPABILITIES)


@pytest.mark.parametrize(
    ("locale", "asked", "language"),
    [
        ("pt-BR", None, "pt"),
        ("es-MX", None, "es"),
        ("de-DE", None, "en"),
        ("de-DE", "es", "es"),
        ("pt-BR", "xx", "pt"),
    ],
)
def test_the_language_follows_the_address_then_the_browser(ana, locale, asked, language):
    page = _page(locale)
    if asked:
        page.query_params["lang"] = asked
    page.run()
    assert page.session_state["language"] == language


def test_a_language_chosen_on_the_page_stays_over_signing_in_and_out(ana):
    page = _page().run()
    page.segmented_control(key="language_sign_in").set_value("es").run()
    assert page.session_state["language"] == "es"
    _sign_in(page)
    assert page.session_state["language"] == "es"
    page.selectbox(key="language_sidebar").set_value("pt").run()
    page.button(key="sign_out").click().run()
    assert page.session_state["language"] == "pt"


def _ticket(page: AppTest) -> str | None:
    """Return the ticket a page shows its browser."""
    shown = " ".join(element.proto.body for element in page.get("html"))
    found = re.search(r'<img src="/session/([^"]+)"', shown)
    return found[1] if found else None


def _come_with(ticket: str) -> str | None:
    return tickets.take(ticket, lambda _: True)  # an AppTest has no browser


def test_the_browser_is_given_a_ticket_until_it_comes_with_it_and_never_the_token(ana):
    page = _sign_in(_page())
    ticket = _ticket(page)
    assert _ticket(page.run()) == ticket
    token = page.session_state["session_token"]
    assert token not in _headings(page)
    assert _come_with(ticket) == token
    assert _ticket(page.run()) is None
    page.button(key="sign_out").click().run()
    assert _come_with(_ticket(page)) is None
    assert _ticket(page.run()) is None


def test_nobody_is_given_a_ticket_before_signing_in(ana):
    assert _ticket(_page().run()) is None
    assert _ticket(_sign_in(_page(), password="a wrong password")) is None


def test_the_forms_library_neither_reads_nor_writes_cookies(ana):
    page = _page().run()
    assert page.get("component_instance") == page.get("bidi_component") == []
