"""A ticket is good once, for seconds, and for one browser."""

from __future__ import annotations

import pytest

from app.accounts import tickets
from app.accounts.tickets import NoTicketError, offer, take, waits


def _is_anas(browser: str) -> bool:
    return browser == "ana's"


def test_a_ticket_is_good_once():
    ticket = offer("a token", "ana's")
    assert waits(ticket)
    assert take(ticket, _is_anas) == "a token"
    assert not waits(ticket)
    with pytest.raises(NoTicketError):
        take(ticket, _is_anas)


def test_another_browser_gets_nothing_and_spoils_nothing():
    ticket = offer("a token", "ana's")
    with pytest.raises(NoTicketError):
        take(ticket, lambda browser: browser == "bo's")
    assert take(ticket, _is_anas) == "a token"


def test_a_ticket_waits_for_seconds_only(monkeypatch):
    ticket = offer("a token", "ana's")
    later = tickets.monotonic() + tickets.LIFETIME_SECONDS
    monkeypatch.setattr(tickets, "monotonic", lambda: later)
    assert not waits(ticket)
    with pytest.raises(NoTicketError):
        take(ticket, _is_anas)


def test_what_is_kept_cannot_be_presented(monkeypatch):
    monkeypatch.setattr(tickets, "_waiting", {})
    ticket = offer("a token", "ana's")
    (kept,) = tickets._waiting
    assert kept != ticket
    with pytest.raises(NoTicketError):
        take(kept, _is_anas)


def test_as_many_as_there_is_room_for_wait_and_the_oldest_make_room(monkeypatch):
    monkeypatch.setattr(tickets, "_waiting", {})
    monkeypatch.setattr(tickets, "MOST_WAITING", 3)
    made = [offer(str(number), "ana's") for number in range(5)]
    assert [waits(ticket) for ticket in made] == [False, False, True, True, True]
