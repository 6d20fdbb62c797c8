"""What administrators do to accounts: told once, noted always, and never the end of them all."""

from __future__ import annotations

import pytest

from app.accounts.passwords import AccountError
from app.accounts.users import (
    add_user,
    disable_user,
    find_user,
    list_users,
    password_is_right,
    set_role,
)
from app.services import administration
from app.services.session import identity_of
from app.storage import audit

PASSWORD = "correct horse battery"


@pytest.fixture
def root(home):
    return identity_of(add_user("root", PASSWORD, role="admin"))


@pytest.fixture
def ana(root):
    return add_user("ana", PASSWORD, role="analyst", name="Ana Silva")


def _trail() -> list[tuple[str, str, str]]:
    lines = audit.list_entries("local")
    return [(line.username, line.action, line.subject) for line in lines]


def test_an_added_person_signs_in_with_the_password_told_once(root):
    account, password = administration.add_person(root, "Bo", name="Bo", role="marketing")
    assert (account.username, account.role, account.tenant) == ("bo", "marketing", "local")
    assert password_is_right("bo", password)
    assert _trail() == [("root", "user_added", "bo")]
    assert password not in str(audit.list_entries("local"))


def test_a_new_role_ends_the_sessions_begun_with_the_old_one(root, ana):
    changed = administration.change_role(root, "ana", "executive")
    assert changed.role == "executive"
    assert changed.generation > ana.generation
    line = audit.list_entries("local")[0]
    assert line.action == "role_changed"
    assert line.detail == {"before": "analyst", "after": "executive"}


def test_the_same_role_again_ends_nothing(root, ana):
    assert administration.change_role(root, "ana", "analyst") == ana


def test_a_reset_password_replaces_the_old_one(root, ana):
    password = administration.reset_password(root, "ana")
    assert password_is_right("ana", password)
    assert not password_is_right("ana", PASSWORD)
    assert _trail() == [("root", "password_reset", "ana")]


def test_a_disabled_person_comes_back_with_the_password_he_had(root, ana):
    assert administration.disable_person(root, "ana").disabled
    assert not password_is_right("ana", PASSWORD)
    with pytest.raises(AccountError) as refused:
        administration.reset_password(root, "ana")
    assert refused.value.code == "USER_DISABLED"
    assert not administration.enable_person(root, "ana").disabled
    assert password_is_right("ana", PASSWORD)
    assert [action for _, action, _ in _trail()] == ["user_enabled", "user_disabled"]


CHANGES = (
    lambda who, name: administration.change_role(who, name, "executive"),
    administration.reset_password,
    administration.disable_person,
    administration.enable_person,
)


@pytest.mark.parametrize("change", CHANGES)
def test_nobody_changes_his_own_account(root, ana, change):
    with pytest.raises(AccountError) as refused:
        change(root, "ROOT")
    assert refused.value.code == "OWN_ACCOUNT"
    assert _trail() == []


@pytest.mark.parametrize("change", CHANGES)
def test_accounts_of_other_tenants_do_not_exist_here(root, change):
    eve = add_user("eve", PASSWORD, role="admin", tenant="other")
    with pytest.raises(AccountError) as refused:
        change(root, "eve")
    assert refused.value.code == "USER_UNKNOWN"
    assert find_user("eve") == eve
    assert [person.account.username for person in administration.people(root)] == ["root"]


@pytest.mark.parametrize("change", [disable_user, lambda name: set_role(name, "analyst")])
def test_an_administrator_elsewhere_does_not_make_the_last_one_here_spare(root, change):
    add_user("eve", PASSWORD, role="admin", tenant="other")
    with pytest.raises(AccountError) as refused:
        change("root")
    assert refused.value.code == "LAST_ADMIN"
    assert find_user("root").role == "admin"


def test_two_administrators_cannot_remove_each_other(root):
    bo = identity_of(add_user("bo", PASSWORD, role="admin"))
    administration.change_role(root, "bo", "analyst")
    with pytest.raises(PermissionError):
        administration.disable_person(bo, "root")
    assert not find_user("root").disabled


@pytest.mark.parametrize("role", ["executive", "marketing", "analyst"])
def test_only_administrators_may(root, ana, role):
    other = identity_of(add_user("cy", PASSWORD, role=role))
    before = list_users()
    for change in (
        administration.people,
        lambda who: administration.add_person(who, "x", name="", role="admin"),
        *(lambda who, change=change: change(who, "ana") for change in CHANGES),
    ):
        with pytest.raises(PermissionError):
            change(other)
    assert list_users() == before


def test_the_last_sign_in_stands_beside_each_person(root, ana):
    assert [p.last_sign_in for p in administration.people(root)] == [None, None]
    audit.record("local", "ana", audit.SIGN_IN, "ana")
    seen = {p.account.username: p.last_sign_in for p in administration.people(root)}
    assert seen["ana"] == audit.list_entries("local")[0].at
    assert seen["root"] is None
