"""Accounts: adding, closing, new passwords, and the first administrator."""

from __future__ import annotations

import statistics
import time

import pytest

from app.accounts import passwords
from app.accounts.passwords import AccountError
from app.accounts.users import (
    add_user,
    disable_user,
    ensure_first_admin,
    find_user,
    list_users,
    password_is_right,
    set_password,
)
from app.storage.database import User, reading

PASSWORD = "correct horse battery"


@pytest.fixture
def ana(home):
    return add_user("Ana", PASSWORD, role="analyst", name="Ana Silva")


def test_a_user_is_found_under_any_spelling_of_his_name(ana):
    assert ana.username == "ana"
    assert find_user(" ANA ") == ana
    assert password_is_right("Ana", PASSWORD)
    assert not password_is_right("ana", PASSWORD + "x")


def test_the_password_itself_is_nowhere_in_the_database(ana, home):
    with reading() as session:
        kept = session.get(User, "ana").password_hash
    assert kept.startswith("$2b$")
    stored = b"".join(file.read_bytes() for file in home.glob("clv.db*"))
    assert PASSWORD.encode() not in stored


@pytest.mark.parametrize(
    ("name", "role", "password", "code"),
    [
        ("ana", "analyst", PASSWORD, "USERNAME_TAKEN"),
        ("ANA", "analyst", PASSWORD, "USERNAME_TAKEN"),
        ("", "analyst", PASSWORD, "USERNAME_SHAPE"),
        ("../x", "analyst", PASSWORD, "USERNAME_SHAPE"),
        ("a" * 65, "analyst", PASSWORD, "USERNAME_SHAPE"),
        ("bo", "root", PASSWORD, "ROLE_UNKNOWN"),
        ("bo", "analyst", "short", "PASSWORD_LENGTH"),
    ],
)
def test_an_account_that_cannot_be_is_refused(ana, name, role, password, code):
    with pytest.raises(AccountError) as refused:
        add_user(name, password, role=role)
    assert refused.value.code == code
    assert list_users() == [ana]


def test_a_disabled_user_cannot_sign_in_until_he_gets_a_new_password(ana):
    add_user("root", PASSWORD, role="admin")
    assert disable_user("ana").disabled
    assert not password_is_right("ana", PASSWORD)
    assert not set_password("ana", "another good password").disabled
    assert password_is_right("ana", "another good password")
    assert not password_is_right("ana", PASSWORD)


def test_a_new_password_ends_earlier_sessions(ana):
    set_password("ana", PASSWORD)
    assert find_user("ana").generation > ana.generation


def test_the_last_administrator_stays(home):
    add_user("root", PASSWORD, role="admin")
    add_user("other", PASSWORD, role="admin")
    disable_user("other")
    with pytest.raises(AccountError) as refused:
        disable_user("root")
    assert refused.value.code == "LAST_ADMIN"


def test_the_first_start_makes_one_administrator_and_tells_his_password_once(home):
    password = ensure_first_admin()
    assert password
    assert password_is_right("admin", password)
    assert [(user.username, user.role) for user in list_users()] == [("admin", "admin")]
    assert ensure_first_admin() is None


def test_nobody_is_added_where_there_are_users(ana):
    assert ensure_first_admin() is None
    assert list_users() == [ana]


@pytest.mark.parametrize("change", [disable_user, lambda name: set_password(name, PASSWORD)])
def test_changing_an_unknown_user_says_how_to_see_the_known_ones(home, change):
    with pytest.raises(AccountError, match="clv users list") as refused:
        change("ghost")
    assert refused.value.code == "USER_UNKNOWN"


def test_known_closed_and_unknown_names_take_the_same_time(home, monkeypatch):
    """Processor time, since a clock on the wall tells how busy the machine is."""
    monkeypatch.setattr(passwords, "COST", 8)
    for name in ("ana", "closed"):
        add_user(name, PASSWORD, role="admin")
    disable_user("closed")
    password_is_right("nobody", PASSWORD)  # makes the hash that nobody has
    spent = {name: [] for name in ("ana", "closed", "nobody")}
    for _ in range(15):
        for name, seconds in spent.items():
            began = time.thread_time()
            assert not password_is_right(name, "a wrong password")
            seconds.append(time.thread_time() - began)
    medians = [statistics.median(seconds) for seconds in spent.values()]
    assert max(medians) < 1.05 * min(medians)
