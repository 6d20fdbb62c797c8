"""Sessions of our own: who is signed in, and when that ends."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from app.accounts import sessions, users
from app.accounts.addresses import address_digest
from app.accounts.users import add_user, disable_user, enable_user, set_password, set_role
from app.storage.database import SessionRow, User, reading, writing

PASSWORD = "correct horse battery"
NOON = dt.datetime(2024, 6, 30, 12, tzinfo=dt.UTC)
CHANGES = [
    lambda: set_password("ana", PASSWORD),
    lambda: set_role("ana", "admin"),
    lambda: disable_user("ana") and enable_user("ana"),
]


@pytest.fixture
def ana(home):
    add_user("root", PASSWORD, role="admin")
    return add_user("ana", PASSWORD, role="analyst")


@pytest.fixture
def at(monkeypatch):
    """Set the clock to minutes after noon."""

    def at_(minutes: float) -> None:
        now = NOON + dt.timedelta(minutes=minutes)
        monkeypatch.setattr(sessions, "utc_now", lambda: now)

    at_(0)
    return at_


def _rows() -> list[SessionRow]:
    with reading() as session:
        return list(session.scalars(select(SessionRow)))


def test_a_token_opens_its_own_session_and_is_kept_as_a_digest(ana):
    token = sessions.begin(" ANA", "203.0.113.9")
    assert sessions.account_of(token) == ana
    (row,) = _rows()
    kept = repr(vars(row))
    assert token not in kept
    assert "203.0.113.9" not in kept
    assert row.username == "ana"


@pytest.mark.parametrize("token", [None, "", "x" * 43, "y" * 5000, 7, b"bytes"])
def test_what_is_no_token_is_nobody(ana, token):
    sessions.begin("ana")
    assert sessions.account_of(token) is None


def test_signing_out_ends_one_session_and_no_other(ana):
    here, there = sessions.begin("ana"), sessions.begin("ana")
    sessions.revoke(here)
    assert sessions.account_of(here) is None
    assert sessions.account_of(there) == ana
    sessions.revoke("unknown")


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_the_account_ends_all_its_sessions_and_nobody_elses(ana, change):
    before, other = sessions.begin("ana"), sessions.begin("root")
    change()
    assert sessions.account_of(before) is None
    assert sessions.account_of(other) is not None
    assert sessions.account_of(sessions.begin("ana")) is not None


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("minutes", [-100_000, -1, 0, 1, 100_000])
def test_a_change_counts_whatever_the_clock_says(ana, monkeypatch, change, minutes):
    """Set back before a change, a clock would let older sessions live; set forward, none begin."""
    before = sessions.begin("ana")
    now = users.utc_now() + dt.timedelta(minutes=minutes)
    monkeypatch.setattr(users, "utc_now", lambda: now)
    change()
    assert sessions.account_of(before) is None
    assert sessions.account_of(sessions.begin("ana")) is not None


@pytest.mark.parametrize(
    ("minutes", "lives"), [(-1, True), (-5, True), (-5.1, False), (-9999, False)]
)
def test_a_clock_that_is_set_back_makes_no_session_longer(ana, at, minutes, lives):
    begun_after_noon = sessions.begin("ana")
    at(minutes)
    assert (sessions.account_of(begun_after_noon) == ana) == lives
    assert sessions.account_of(sessions.begin("ana")) == ana


def test_a_sign_of_life_ahead_of_the_clock_is_none(ana, at):
    token = sessions.begin("ana")
    at(50)
    assert sessions.account_of(token) == ana
    at(40)
    assert sessions.account_of(token) is None


def test_a_session_lives_while_it_is_used_and_half_a_day_at_most(ana, at):
    token = sessions.begin("ana")
    for minute in range(50, 720, 50):
        at(minute)
        assert sessions.account_of(token) == ana, minute
    at(719.9)
    assert sessions.account_of(token) == ana
    at(720)
    assert sessions.account_of(token) is None


def test_an_hour_of_silence_ends_it(ana, at):
    token = sessions.begin("ana")
    at(59.9)
    assert sessions.account_of(token) == ana
    at(59.9 + 60)
    assert sessions.account_of(token) is None


def test_a_rerun_within_a_minute_writes_nothing(ana, at):
    token = sessions.begin("ana")
    at(0.9)
    sessions.account_of(token)
    assert _rows()[0].last_seen == NOON
    at(1)
    sessions.account_of(token)
    assert _rows()[0].last_seen == NOON + dt.timedelta(minutes=1)


def test_an_account_that_went_to_another_tenant_is_signed_out(ana):
    token = sessions.begin("ana")
    with writing() as session:
        session.get_one(User, "ana").tenant = "elsewhere"
    assert sessions.account_of(token) is None


def test_sessions_that_are_over_are_forgotten(ana, at):
    days = 60 * 24
    sessions.begin("ana")
    at(30 * days)
    sessions.begin("ana")  # from where somebody signed in is remembered for thirty days
    assert len(_rows()) == 2
    at(30.1 * days)
    sessions.begin("ana")
    assert len(_rows()) == 2
    at(-400 * days)  # what a clock that was years ahead has left is not kept for years
    sessions.begin("ana")
    assert len(_rows()) == 1


def test_addresses_of_one_site_are_one_source(home):
    assert address_digest("2001:db8:1:2::1") == address_digest("2001:db8:1:ffff::9")
    assert address_digest("2001:db8:1:2::1") == address_digest("2001:DB8:1:2::1%eth0")
    assert address_digest("2001:db8:1:3::1") != address_digest("2001:db8:2:3::1")
    assert address_digest("203.0.113.9") != address_digest("203.0.113.8")
    assert address_digest("::ffff:203.0.113.9") == address_digest("203.0.113.9")
    assert address_digest(None) == ""
    assert address_digest("no address")
