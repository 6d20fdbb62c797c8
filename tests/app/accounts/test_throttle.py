"""Five wrong tries, then a wait that ends by itself."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from app.accounts import sessions
from app.accounts.throttle import (
    MOST_FOR_NAME,
    MOST_FROM_ADDRESS,
    MOST_WRONG,
    WINDOW,
    begin_try,
    succeeded,
)
from app.accounts.users import add_user
from app.storage.database import FailedSignIn, reading

NOON = dt.datetime(2024, 6, 30, 12, tzinfo=dt.UTC)
FREE = dt.timedelta(0)


def _try(minutes, name="ana"):
    return begin_try(name, now=NOON + dt.timedelta(minutes=minutes))


def test_the_sixth_wrong_try_waits_and_the_wait_ends_by_itself(home):
    assert [_try(minute) for minute in range(MOST_WRONG)] == [FREE] * MOST_WRONG
    assert _try(5) == WINDOW - dt.timedelta(minutes=5)
    assert _try(14) == dt.timedelta(minutes=1)
    assert _try(15) == FREE


def test_trying_while_waiting_does_not_lengthen_the_wait(home):
    for _ in range(MOST_WRONG):
        _try(0)
    assert [_try(minute) > FREE for minute in (1, 2, 3, 14)] == [True] * 4
    assert _try(15) == FREE


@pytest.mark.parametrize("back", [10, 60, 60 * 24 * 400])
def test_a_clock_that_is_set_back_makes_no_wait_longer_and_forgives_nothing(home, back):
    for _ in range(MOST_WRONG):
        _try(0)
    assert _try(-back) == WINDOW
    assert _try(-back + 14) == dt.timedelta(minutes=1)
    assert [_try(-back + 15) for _ in range(MOST_WRONG)] == [FREE] * MOST_WRONG
    assert _try(-back + 15) == WINDOW


def test_a_right_password_starts_afresh(home):
    for _ in range(MOST_WRONG - 1):
        _try(0)
    assert _try(1) == FREE
    succeeded("ana")
    assert [_try(2) for _ in range(MOST_WRONG)] == [FREE] * MOST_WRONG
    assert _try(2) > FREE


def test_one_name_does_not_lock_another_and_spelling_does_not_matter(home):
    for _ in range(MOST_WRONG):
        _try(0, "ana")
    assert _try(0, "bo") == FREE
    assert _try(0, " ANA") > FREE


@pytest.mark.parametrize("name", ["nobody", "", "\ud800", "x" * 5000])
def test_names_that_do_not_exist_are_treated_alike(home, name):
    assert [_try(0, name) for _ in range(MOST_WRONG)] == [FREE] * MOST_WRONG
    assert _try(0, name) > FREE


def test_what_was_typed_as_a_name_is_not_kept(home):
    _try(0, "my secret password")
    with reading() as session:
        (row,) = session.scalars(select(FailedSignIn))
    assert "secret" not in row.name_digest
    assert len(row.name_digest) == 64


def test_a_hundred_tries_at_once_are_five_tries(home):
    _try(0, "warm up")
    with ThreadPoolExecutor(20) as pool:
        waits = list(pool.map(lambda _: _try(1), range(100)))
    assert sum(wait == FREE for wait in waits) == MOST_WRONG


def test_a_stranger_elsewhere_does_not_lock_the_owner_out(home):
    for _ in range(MOST_WRONG):
        begin_try("ana", "203.0.113.9", now=NOON)
    assert begin_try("ana", "203.0.113.9", now=NOON) > FREE
    assert begin_try("ana", "198.51.100.7", now=NOON) == FREE


LEGION = [f"203.0.113.{number}" for number in range(1, 8)]  # one more than are needed
SITE = [f"2001:db8:7:{number:x}::1" for number in range(100)]
OWNERS = ("198.51.100.7", "2001:db8:9:1::7", None)


@pytest.mark.parametrize("owners", OWNERS)
def test_many_strangers_elsewhere_do_not_lock_the_owner_out(home, monkeypatch, owners):
    """Over and over, from an address she signed in from the day before."""
    add_user("ana", "correct horse battery", role="analyst")
    monkeypatch.setattr(sessions, "utc_now", lambda: NOON - dt.timedelta(days=1))
    sessions.begin("ana", owners)
    for quarter in range(3):
        now = NOON + quarter * WINDOW
        for address in LEGION + SITE[:10]:
            while begin_try("ana", address, now=now) == FREE:
                pass
        assert begin_try("ana", "192.0.2.55", now=now) > FREE  # where she never was
        assert begin_try("ana", owners, now=now) == FREE
        assert begin_try("ana", owners, now=now + dt.timedelta(minutes=1)) == FREE
    # her own address is no door for guessing either
    now = NOON + 20 * WINDOW
    tries = [begin_try("ana", owners, now=now) for _ in range(10)]
    assert tries.count(FREE) == MOST_WRONG


def test_only_lately_and_only_under_that_name(home, monkeypatch):
    for name in ("ana", "bo"):
        add_user(name, "correct horse battery", role="analyst")
    monkeypatch.setattr(sessions, "utc_now", lambda: NOON)
    sessions.begin("ana", "198.51.100.7")

    def waits(name: str, days: float) -> bool:
        now = NOON + dt.timedelta(days=days)
        for address in LEGION:
            while begin_try(name, address, now=now) == FREE:
                pass
        return begin_try(name, "198.51.100.7", now=now) > FREE

    assert waits("bo", 1)
    assert not waits("ana", 29.9)
    assert waits("ana", 30.1)


def test_one_site_is_one_address(home):
    tries = [begin_try("ana", address, now=NOON) for address in SITE]
    assert tries.count(FREE) == MOST_WRONG
    others = [begin_try(f"user{i}", address, now=NOON) for i, address in enumerate(SITE)]
    assert others.count(FREE) == MOST_FROM_ADDRESS - MOST_WRONG
    # and so they do not lock the name for anybody else
    assert begin_try("ana", "2001:db8:8::1", now=NOON) == FREE


def test_one_address_cannot_try_everybody(home):
    tries = [begin_try(f"user{i}", "203.0.113.9", now=NOON) for i in range(50)]
    assert tries.count(FREE) == MOST_FROM_ADDRESS
    assert begin_try("another", "203.0.113.9", now=NOON + WINDOW) == FREE


def test_many_addresses_get_few_tries_at_one_name(home):
    tries = [begin_try("ana", f"198.51.{i // 250}.{i % 250}", now=NOON) for i in range(60)]
    assert tries.count(FREE) == MOST_FOR_NAME


def test_an_own_right_password_does_not_free_the_address(home):
    for i in range(MOST_FROM_ADDRESS - 1):
        begin_try(f"user{i}", "203.0.113.9", now=NOON)
    assert begin_try("mallory", "203.0.113.9", now=NOON) == FREE
    succeeded("mallory", "203.0.113.9")
    assert begin_try("ana", "203.0.113.9", now=NOON) == FREE
    assert begin_try("bo", "203.0.113.9", now=NOON) > FREE


def test_the_machine_itself_is_not_one_address(home):
    tries = [begin_try(f"user{i}", None, now=NOON) for i in range(MOST_FROM_ADDRESS + 5)]
    assert set(tries) == {FREE}
