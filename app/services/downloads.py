"""Files made for one person: taken once, within minutes, and only by whoever asked for them.

The dashboard's own download links answer to anybody who knows their address, signed in or not, for
as long as the page is open. So a file waits here under an address nobody can guess, and the server
asks who comes for it.
"""

from __future__ import annotations

import datetime as dt
import secrets
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.services.clock import utc_now

if TYPE_CHECKING:
    from app.services.session import Identity

LIFETIME = dt.timedelta(minutes=5)
MOST_WAITING = 16
PATH = "/exports"


@dataclass(frozen=True, kw_only=True)
class File:
    """What is taken away."""

    content: bytes
    name: str
    media_type: str


@dataclass(frozen=True, kw_only=True)
class _Waiting:
    username: str
    tenant: str
    expires: dt.datetime
    file: File


_waiting: dict[str, _Waiting] = {}
_lock = threading.Lock()


def offer(identity: Identity, file: File) -> str:
    """Keep a file for this person and return the address it is taken from, once."""
    token = secrets.token_urlsafe(32)
    with _lock:
        _drop_expired()
        while len(_waiting) >= MOST_WAITING:
            del _waiting[next(iter(_waiting))]
        _waiting[token] = _Waiting(
            username=identity.username, tenant=identity.tenant, expires=utc_now() + LIFETIME,
            file=file,
        )  # fmt: skip
    return f"{PATH}/{token}"


def take(token: str, *, username: str, tenant: str) -> File | None:
    """Return the file if it waits for this person, and forget it; None for everybody else."""
    with _lock:
        _drop_expired()
        found = _waiting.get(token)
        if found is None or (found.username, found.tenant) != (username, tenant):
            return None
        return _waiting.pop(token).file


def _drop_expired() -> None:
    now = utc_now()
    for token in [token for token, waiting in _waiting.items() if waiting.expires < now]:
        del _waiting[token]
