"""The finding of the Administration page: how many may sign in, and whether somebody tried."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from app.services.administration import Person
from app.services.session import Identity
from app.storage import audit
from app.storage.database import utc_now
from app.widgets.page_header import page_header
from app.words.text import Words

A_WEEK = dt.timedelta(days=7)


def admin_header(w: Words, identity: Identity, people: Sequence[Person]) -> None:
    """Say how many people may sign in, and how many tries failed lately."""
    within = [person.account for person in people if not person.account.disabled]
    closed = len(people) - len(within)
    about = [w.plural("{n} disabled", "{n} disabled", closed)] if closed else []
    failed = audit.list_entries(
        identity.tenant, action=audit.SIGN_IN_FAILED, since=utc_now() - A_WEEK
    )
    page_header(
        w("Administration"),
        about,
        w.plural("{n} person may sign in.", "{n} people may sign in.", len(within)),
        _administrators(w, sum(account.role == "admin" for account in within))
        + " "
        + _failed(w, len(failed)),
    )


def _administrators(w: Words, n: int) -> str:
    if n == 1:
        return w("One of them is an administrator: a second one would be safer.")
    return w.plural("{n} of them is an administrator.", "{n} of them are administrators.", n)


def _failed(w: Words, n: int) -> str:
    if not n:
        return w("No sign-in failed in the last seven days.")
    if n == audit.MOST_LISTED:
        return w("{n} sign-ins or more failed in the last seven days.", n=n)
    return w.plural(
        "{n} sign-in failed in the last seven days.",
        "{n} sign-ins failed in the last seven days.",
        n,
    )
