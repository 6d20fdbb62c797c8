"""Wrong passwords make the next try wait: by name, by address and by both, ending by themselves.

Five for one name from one address. Thirty for one name from anywhere, so that many machines do not
get many times five. Twenty from one address, so that one password is not tried on everybody.

Whoever spends the thirty, with six addresses over and over, would lock the owner of the name out.
So an address the name was signed in from lately has its own five whatever others have tried.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from app.accounts.addresses import address_digest
from app.accounts.keys import secret_key
from app.accounts.sessions import begun_lately
from app.accounts.users import clean_username
from app.storage.database import FailedSignIn, utc_now, writing
from app.storage.home import clv_home

MOST_WRONG = 5
MOST_FROM_ADDRESS = 20
MOST_FOR_NAME = 30
WINDOW = dt.timedelta(minutes=15)


def begin_try(
    username: str, address: str | None = None, *, now: dt.datetime | None = None
) -> dt.timedelta:
    """Count a try before its password is looked at; a right one is taken off by ``succeeded``.

    Counting first means that a hundred tries at the same moment are five tries. A try that has to
    wait is not counted, so the wait ends by itself. Unknown names are treated like known ones.

    Parameters
    ----------
    address
        Where it comes from; None on the machine itself, which is not counted as one address.

    Returns
    -------
    timedelta
        How long this try still has to wait; zero when it may go on.
    """
    now = now or utc_now()
    name, place = name_digest(username), address_digest(address)
    same_name, same_place = FailedSignIn.name_digest == name, FailedSignIn.address_digest == place
    with writing() as session:
        session.execute(delete(FailedSignIn).where(FailedSignIn.at <= now - WINDOW))
        # a clock that was set back would make waits longer: what lies ahead of it counts as now
        session.execute(update(FailedSignIn).where(FailedSignIn.at > now).values(at=now))
        waits = [_wait(session, now, MOST_WRONG, same_name, same_place)]
        if not begun_lately(session, username, place, now):
            waits.append(_wait(session, now, MOST_FOR_NAME, same_name))
        if place:
            waits.append(_wait(session, now, MOST_FROM_ADDRESS, same_place))
        longest = max(waits)
        if not longest:
            session.add(FailedSignIn(name_digest=name, address_digest=place, at=now))
    return longest


def succeeded(username: str, address: str | None = None) -> None:
    """Start afresh after a right password; what others tried meanwhile from elsewhere stays."""
    own = (
        FailedSignIn.name_digest == name_digest(username),
        FailedSignIn.address_digest == address_digest(address),
    )
    with writing() as session:
        session.execute(delete(FailedSignIn).where(*own))


def name_digest(username: str) -> str:
    """Return what stands for a typed name: only who holds the key can tell whose it is."""
    name = clean_username(username).encode()
    return hmac.new(secret_key(clv_home()), name, hashlib.sha256).hexdigest()


def _wait(
    session: Session, now: dt.datetime, most: int, *same: ColumnElement[bool]
) -> dt.timedelta:
    recent = select(FailedSignIn.at).where(*same, FailedSignIn.at > now - WINDOW)
    tries = list(session.scalars(recent.order_by(FailedSignIn.at.desc()).limit(most)))
    return tries[-1] + WINDOW - now if len(tries) == most else dt.timedelta(0)
