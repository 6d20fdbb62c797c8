"""Files made for one person: taken once, within minutes, and only by whoever asked for them.

The dashboard's own download links answer to anybody who knows their address, signed in or not, for
as long as the page is open. So a file waits here under an address nobody can guess, and the server
asks who comes for it, and whether they may still have it.
"""

from __future__ import annotations

import datetime as dt
import secrets
import threading
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from app.accounts.roles import allowed

if TYPE_CHECKING:
    from app.accounts.users import Account
    from app.services.session import Identity

LIFETIME = dt.timedelta(minutes=5)
MOST_WAITING = 16  # of one tenant, so that no other can push theirs out
PATH = "/exports"


class GoneError(LookupError):
    """Nothing waits for this person under this address, or no longer."""


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
    capability: str
    expires: float  # on a clock that nobody sets
    file: File


_waiting: dict[str, _Waiting] = {}
_lock = threading.Lock()


def offer(identity: Identity, file: File, capability: str) -> str:
    """Keep a file for this person and return the address it is taken from, once.

    Parameters
    ----------
    capability
        What they must still be allowed when they come for it.
    """
    token = secrets.token_urlsafe(32)
    with _lock:
        _drop_expired()
        same = [name for name, waiting in _waiting.items() if waiting.tenant == identity.tenant]
        for oldest in same[: max(0, len(same) - MOST_WAITING + 1)]:
            del _waiting[oldest]
        _waiting[token] = _Waiting(
            username=identity.username, tenant=identity.tenant, capability=capability,
            expires=monotonic() + LIFETIME.total_seconds(), file=file,
        )  # fmt: skip
    return f"{PATH}/{token}"


def peek(token: str, account: Account) -> File:
    """Return the file that waits for this person, and leave it waiting.

    Raises
    ------
    GoneError
        If none does: another person learns no more than that.
    PermissionError
        If their role may not have it (any more).
    """
    with _lock:
        return _found(token, account).file


def take(token: str, account: Account) -> File:
    """Return the file that waits for this person, and forget it.

    Raises
    ------
    GoneError, PermissionError
        As ``peek``; the file then goes on waiting.
    """
    with _lock:
        found = _found(token, account)
        del _waiting[token]
        return found.file


def _found(token: str, account: Account) -> _Waiting:
    _drop_expired()
    found = _waiting.get(token)
    if found is None or (found.username, found.tenant) != (account.username, account.tenant):
        raise GoneError(PATH)
    if not allowed(account.role, found.capability):
        raise PermissionError(f"the role {account.role} may not: {found.capability}")
    return found


def _drop_expired() -> None:
    now = monotonic()
    for token in [token for token, waiting in _waiting.items() if waiting.expires <= now]:
        del _waiting[token]
