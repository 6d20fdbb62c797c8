"""Five wrong passwords in a quarter of an hour, and the next try has to wait."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac

from sqlalchemy import delete, select

from app.accounts.keys import secret_key
from app.accounts.users import clean_username
from app.services.database import FailedSignIn, utc_now, writing
from app.services.home import clv_home

MOST_WRONG = 5
WINDOW = dt.timedelta(minutes=15)


def begin_try(username: str, *, now: dt.datetime | None = None) -> dt.timedelta:
    """Count a try before its password is looked at; a right one is taken off by ``succeeded``.

    Counting first means that a hundred tries at the same moment are five tries. A try that has to
    wait is not counted, so the wait ends by itself. Unknown names are treated like known ones.

    Returns
    -------
    timedelta
        How long this name still has to wait; zero when the try may go on.
    """
    now = now or utc_now()
    digest = name_digest(username)
    recent = (
        select(FailedSignIn.at)
        .where(FailedSignIn.name_digest == digest, FailedSignIn.at > now - WINDOW)
        .order_by(FailedSignIn.at.desc())
        .limit(MOST_WRONG)
    )
    with writing() as session:
        session.execute(delete(FailedSignIn).where(FailedSignIn.at <= now - WINDOW))
        tries = list(session.scalars(recent))
        if len(tries) == MOST_WRONG:
            return tries[-1] + WINDOW - now
        session.add(FailedSignIn(name_digest=digest, at=now))
    return dt.timedelta(0)


def succeeded(username: str) -> None:
    """Start afresh after a right password."""
    with writing() as session:
        session.execute(
            delete(FailedSignIn).where(FailedSignIn.name_digest == name_digest(username))
        )


def name_digest(username: str) -> str:
    """Return what stands for a typed name: only who holds the key can tell whose it is."""
    name = clean_username(username).encode()
    return hmac.new(secret_key(clv_home()), name, hashlib.sha256).hexdigest()
