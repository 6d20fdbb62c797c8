"""Sessions of our own: whoever holds the token of an open one is signed in.

The browser keeps a random token, the database its digest alone. A session ends when its person
signs out, at a new password, a new role or a closed account, after an hour without a sign of life,
and after half a day in any case.

A change of the account is told by its generation, which only counts up. The hours are the wall
clock's, which may be set back: a session that would then lie ahead of it ends.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from app.accounts.addresses import address_digest
from app.accounts.users import Account, account_from, clean_username
from app.storage.database import SessionRow, User, standing, utc_now, writing

COOKIE = "clv_session"
LONGEST = dt.timedelta(hours=12)
IDLE = dt.timedelta(minutes=60)
LATELY = dt.timedelta(days=30)  # how long an address is remembered as one that somebody used
SET_BACK = dt.timedelta(minutes=5)  # what a time server may correct without signing people out
_NOTED_EVERY = dt.timedelta(minutes=1)  # a write at every rerun would cost more than it tells
_WHOSE = (
    select(SessionRow, User)
    .join(User, SessionRow.username == User.username)
    .where(SessionRow.id == bindparam("id"))
)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def begin(username: str, address: str | None = None) -> str:
    """Open a session for somebody whose password was right; return its token, this once."""
    token, now = secrets.token_urlsafe(32), utc_now()
    with writing() as session:
        # those that are over tell from where somebody signed in lately
        in_reach = SessionRow.created_at.between(now - LATELY, now + LATELY)
        session.execute(delete(SessionRow).where(~in_reach))
        user = session.get_one(User, clean_username(username))
        session.add(
            SessionRow(
                id=_digest(token), username=user.username, tenant=user.tenant, created_at=now,
                last_seen=now, address_digest=address_digest(address),
                generation=user.generation,
            )
        )  # fmt: skip
    return token


def account_of(token: str | None) -> Account | None:
    """Return whose open session this is, and note that it is used; None if it does not count."""
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        return None
    now = utc_now()
    # on a connection that is open already, but never remembered: each rerun asks twice
    with standing() as connection, Session(connection) as session:
        found = session.execute(_WHOSE, {"id": _digest(token)}).first()
    if found is None or not _counts(*found, now):
        return None
    row, user = found
    if now - row.last_seen >= _NOTED_EVERY:
        with writing() as session:
            session.get_one(SessionRow, row.id).last_seen = now
    return account_from(user)


def begun_lately(session: Session, username: str, address_digest: str, now: dt.datetime) -> bool:
    """Tell whether somebody signed in under this name from this address within ``LATELY``."""
    query = select(SessionRow.id).where(
        SessionRow.username == clean_username(username),
        SessionRow.address_digest == address_digest,
        SessionRow.created_at > now - LATELY,
    )
    return session.scalars(query.limit(1)).first() is not None


def revoke(token: str | None) -> None:
    """End this one session; the person's others go on."""
    with writing() as session:
        row = session.get(SessionRow, _digest(token or ""))
        if row is not None and row.revoked_at is None:
            row.revoked_at = utc_now()


def _counts(row: SessionRow, user: User, now: dt.datetime) -> bool:
    open_account = user.disabled_at is None and user.tenant == row.tenant
    # a new password, a new role and a closed account end all sessions begun before
    begun = user.generation == row.generation and row.revoked_at is None
    in_time = (
        -SET_BACK <= now - row.created_at < LONGEST and -SET_BACK <= now - row.last_seen < IDLE
    )
    return open_account and begun and in_time


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
