"""The people who may sign in: add, list, disable, enable, give a role or a new password."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.passwords import AccountError, hashed, matches, random_password
from app.accounts.roles import ROLES
from app.storage.database import User, reading, utc_now, writing
from app.storage.home import FIRST_ADMIN, LOCAL_TENANT

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")


@dataclass(frozen=True, kw_only=True)
class Account:
    """A user as others may see them, without their password's hash."""

    username: str
    tenant: str
    name: str
    role: str
    created_at: dt.datetime
    generation: int
    disabled: bool


def clean_username(typed: str) -> str:
    """Return the form in which a user name is kept and compared."""
    whole = typed.encode("utf-8", "replace").decode()  # half a surrogate pair is no text
    return unicodedata.normalize("NFKC", whole).strip().lower()


def add_user(
    username: str, password: str, *, role: str, name: str = "", tenant: str = LOCAL_TENANT
) -> Account:
    """Make an account.

    Raises
    ------
    AccountError
        If the name is taken or unusable, the role unknown or the password against the rules.
    """
    username = clean_username(username)
    if not _USERNAME.fullmatch(username):
        raise AccountError(
            "USERNAME_SHAPE",
            "{username!r} cannot be a user name. Use up to 64 letters, digits and . _ @ + -, "
            "starting with a letter or digit.",
            username=username,
        )
    _check_role(role)
    kept, now = hashed(password), utc_now()
    with writing() as session:
        if session.get(User, username):
            raise AccountError(
                "USERNAME_TAKEN",
                "There is already a user {username}. Choose another name, or give this one a new "
                "password.",
                username=username,
            )
        user = User(
            username=username, tenant=tenant, name=name.strip()[:120] or username, role=role,
            password_hash=kept, created_at=now, generation=0,
        )  # fmt: skip
        session.add(user)
        return account_from(user)


def ensure_first_admin() -> str | None:
    """Make ``admin`` if nobody may sign in yet; return its random password, this once."""
    with reading() as session:
        if session.scalar(select(func.count()).select_from(User)):
            return None
    password = random_password()
    try:
        add_user(FIRST_ADMIN, password, role="admin")
    except AccountError as error:
        if error.code == "USERNAME_TAKEN":
            return None  # a second server, started at the same moment, has printed its own
        raise
    return password


def list_users() -> list[Account]:
    """Return all accounts by name."""
    with reading() as session:
        return [account_from(x) for x in session.scalars(select(User).order_by(User.username))]


def find_user(username: str) -> Account | None:
    """Return the account as it stands now, or None."""
    with reading() as session:
        user = session.get(User, clean_username(username))
        return account_from(user) if user else None


def disable_user(username: str) -> Account:
    """Close an account and end its sessions.

    Raises
    ------
    AccountError
        If there is no such user, or nobody could administer afterwards.
    """
    with writing() as session:
        user = _known(session, username)
        _keep_an_administrator(session, user)
        user.disabled_at = utc_now()
        _end_sessions(user)
        return account_from(user)


def enable_user(username: str) -> Account:
    """Open a closed account again, with the password it had; an open one stays as it is.

    Raises
    ------
    AccountError
        If there is no such user.
    """
    with writing() as session:
        user = _known(session, username)
        user.disabled_at = None
        return account_from(user)


def set_role(username: str, role: str) -> Account:
    """Give a user another role and end their sessions: they were begun with other rights.

    Raises
    ------
    AccountError
        If there is no such user or role, or nobody could administer afterwards.
    """
    _check_role(role)
    with writing() as session:
        user = _known(session, username)
        if role == user.role:
            return account_from(user)
        _keep_an_administrator(session, user)
        user.role = role
        _end_sessions(user)
        return account_from(user)


def set_password(username: str, password: str) -> Account:
    """Give a user a new password, end their sessions and open a closed account again.

    Raises
    ------
    AccountError
        If there is no such user or the password is against the rules.
    """
    kept = hashed(password)
    with writing() as session:
        user = _known(session, username)
        user.password_hash, user.disabled_at = kept, None
        _end_sessions(user)
        return account_from(user)


def password_is_right(username: str, password: str) -> bool:
    """Check a password; a user who is unknown or disabled costs the same time as a wrong one."""
    with reading() as session:
        user = session.get(User, clean_username(username))
        kept = user.password_hash if user and user.disabled_at is None else None
    return matches(password, kept)


def _end_sessions(user: User) -> None:
    """End every open session: counted and not timed, since a clock may be set back."""
    user.generation += 1


def _known(session: Session, username: str) -> User:
    user = session.get(User, clean_username(username))
    if user is None:
        raise AccountError(
            "USER_UNKNOWN",
            "There is no user {username!r}. 'clv users list' shows who there is.",
            username=username,
        )
    return user


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise AccountError(
            "ROLE_UNKNOWN",
            "{role!r} is not a role. Choose one of: {known}.",
            role=role, known=", ".join(ROLES),
        )  # fmt: skip


def _keep_an_administrator(session: Session, user: User) -> None:
    """Refuse if this is the last open account that may administer its tenant."""
    if user.role != "admin" or user.disabled_at is not None:
        return
    others = select(func.count()).where(
        User.role == "admin", User.disabled_at.is_(None), User.tenant == user.tenant,
        User.username != user.username,
    )  # fmt: skip
    if not session.scalar(others):
        raise AccountError(
            "LAST_ADMIN",
            "{username} is the only administrator left. Add another one first.",
            username=user.username,
        )


def account_from(user: User) -> Account:
    """Return what others may see of a row."""
    return Account(
        username=user.username, tenant=user.tenant, name=user.name, role=user.role,
        created_at=user.created_at, generation=user.generation,
        disabled=user.disabled_at is not None,
    )  # fmt: skip
