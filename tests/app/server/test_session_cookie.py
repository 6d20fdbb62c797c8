"""The cookie of a session: set by an answer, read by no script, and only for a ticket's browser."""

from __future__ import annotations

import warnings
from http.cookies import SimpleCookie

import pytest
from starlette.applications import Starlette
from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string
from streamlit.web.server.starlette.starlette_server_config import XSRF_COOKIE_NAME

from app.accounts.sessions import COOKIE, LONGEST
from app.accounts.tickets import PATH, offer
from app.server.session_cookie import route

TOKEN = "t" * 43


@pytest.fixture
def ask():
    """Ask for an address as a browser would that holds these cookies."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the client asks for a newer HTTP library on import
        from starlette.testclient import TestClient

    def asked(ticket, browser=None, method="GET", scheme="http"):
        client = TestClient(Starlette(routes=[route]), base_url=f"{scheme}://localhost")
        headers = {"Cookie": f"{XSRF_COOKIE_NAME}={browser}"} if browser else {}
        return client.request(method, f"{PATH}/{ticket}", headers=headers, follow_redirects=False)

    return asked


@pytest.fixture
def browser() -> str:
    return generate_xsrf_token_string()


def _cookie(answer):
    return SimpleCookie(answer.headers["set-cookie"])[COOKIE]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_script_reads_it_and_it_stays_on_our_pages_and_the_encrypted_way(ask, browser, scheme):
    answer = ask(offer(TOKEN, browser), browser, scheme=scheme)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["cache-control"] == "no-store"
    cookie = _cookie(answer)
    assert cookie.value == TOKEN
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "strict"
    assert bool(cookie["secure"]) is (scheme == "https")
    assert cookie["path"] == "/"
    assert int(cookie["max-age"]) == LONGEST.total_seconds()


def test_a_ticket_is_not_taken_twice(ask, browser):
    ticket = offer(TOKEN, browser)
    assert ask(ticket, browser).status_code == 204
    again = ask(ticket, browser)
    assert again.status_code == 410
    assert "set-cookie" not in again.headers


def test_asking_for_the_head_spends_nothing(ask, browser):
    ticket = offer(TOKEN, browser)
    asked = ask(ticket, browser, method="HEAD")
    assert "set-cookie" not in asked.headers
    assert _cookie(ask(ticket, browser)).value == TOKEN


def test_nobody_is_signed_in_as_somebody_else_by_a_link(ask, browser):
    """A page of somebody else has neither our page's cookie sent along nor another one like it."""
    ticket = offer(TOKEN, browser)
    for stranger in (None, generate_xsrf_token_string(), "made-up"):
        refused = ask(ticket, stranger)
        assert refused.status_code == 410
        assert "set-cookie" not in refused.headers
    assert ask(offer(TOKEN, ""), None).status_code == 410
    # the same token, masked anew as Streamlit does at every answer, is the same browser
    assert ask(ticket, browser).status_code == 204


def test_signing_out_takes_it_away(ask, browser):
    cookie = _cookie(ask(offer(None, browser), browser))
    assert (cookie.value, cookie["max-age"]) == ("", "0")
    assert cookie["httponly"] is True


@pytest.mark.parametrize(
    "asked",
    ["x", "x?next=//evil.example", "x?to=https://evil.example/", "https:%2f%2fevil.example"],
)
def test_it_sends_nobody_on(ask, browser, asked):
    answer = ask(asked, browser)
    assert answer.status_code in (404, 410)
    assert "location" not in answer.headers
    address = offer(TOKEN, browser) + "?next=//evil.example&ticket=x"
    assert "location" not in ask(address, browser).headers


def test_the_server_has_this_address():
    from app.server.asgi import app

    assert route in app._user_routes
