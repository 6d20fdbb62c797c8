"""What an administrator does to the accounts of their tenant, each a line in the trail."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.accounts import users
from app.accounts.passwords import AccountError, random_password
from app.accounts.users import Account
from app.services.permission import still_may
from app.services.session import Identity
from app.storage import audit


@dataclass(frozen=True, kw_only=True)
class Person:
    """An account as the list of people shows it."""

    account: Account
    last_sign_in: dt.datetime | None


def people(identity: Identity) -> list[Person]:
    """Return everybody of the administrator's tenant, by name.

    Raises
    ------
    PermissionError
        If this person may not administer (any more); so do all functions here.
    """
    tenant = still_may(identity, "admin").tenant
    seen = audit.last_sign_ins(tenant)
    return [
        Person(account=account, last_sign_in=seen.get(account.username))
        for account in users.list_users()
        if account.tenant == tenant
    ]


def add_person(identity: Identity, username: str, *, name: str, role: str) -> tuple[Account, str]:
    """Make an account; return it with its password, which is told this once.

    Raises
    ------
    AccountError
        As ``users.add_user``.
    """
    admin = still_may(identity, "admin")
    password = random_password()
    account = users.add_user(username, password, role=role, name=name, tenant=admin.tenant)
    audit.record(admin.tenant, admin.username, "user_added", account.username, role=account.role)
    return account, password


def change_role(identity: Identity, username: str, role: str) -> Account:
    """Give somebody another role and end their sessions.

    Raises
    ------
    AccountError
        If it is one's own account, an unknown one or role, or the last administrator's.
    """
    admin, account = _other(identity, username)
    changed = users.set_role(account.username, role)
    audit.record(
        admin.tenant, admin.username, "role_changed", account.username,
        before=account.role, after=changed.role,
    )  # fmt: skip
    return changed


def reset_password(identity: Identity, username: str) -> str:
    """Give somebody a new password and end their sessions; return it, this once.

    Raises
    ------
    AccountError
        If it is one's own account, an unknown or a disabled one.
    """
    admin, account = _other(identity, username)
    if account.disabled:
        raise AccountError(
            "USER_DISABLED",
            "{username} is disabled. Enable the account first, then set a new password.",
            username=account.username,
        )
    password = random_password()
    users.set_password(account.username, password)
    audit.record(admin.tenant, admin.username, "password_reset", account.username)
    return password


def disable_person(identity: Identity, username: str) -> Account:
    """Close an account and end its sessions.

    Raises
    ------
    AccountError
        If it is one's own account, an unknown one, or the last administrator's.
    """
    admin, account = _other(identity, username)
    closed = users.disable_user(account.username)
    audit.record(admin.tenant, admin.username, "user_disabled", account.username)
    return closed


def enable_person(identity: Identity, username: str) -> Account:
    """Open a closed account again; its password is the one it had.

    Raises
    ------
    AccountError
        If it is an unknown one.
    """
    admin, account = _other(identity, username)
    opened = users.enable_user(account.username)
    audit.record(admin.tenant, admin.username, "user_enabled", account.username)
    return opened


def _other(identity: Identity, username: str) -> tuple[Account, Account]:
    """Return the administrator and the account meant, which is not their own."""
    admin = still_may(identity, "admin")
    account = users.find_user(username)
    if account is None or account.tenant != admin.tenant:
        raise AccountError(
            "USER_UNKNOWN",
            "There is no user {username!r}. 'clv users list' shows who there is.",
            username=username,
        )
    if account.username == admin.username:
        raise AccountError(
            "OWN_ACCOUNT",
            "{username} is your own account. Ask another administrator, or use 'clv users' on the "
            "server.",
            username=account.username,
        )
    return admin, account
