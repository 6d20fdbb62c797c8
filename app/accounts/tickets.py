"""Tickets that carry a session's token to the browser without any script seeing it.

A page cannot set a cookie that scripts may not read: only an answer over HTTP can. So a page that
has signed somebody in shows a picture whose address is a ticket, good once, for seconds, and only
for the browser the page is in; what answers it sets the cookie, or takes it away.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

PATH = "/session"
LIFETIME_SECONDS = 30.0
MOST_WAITING = 1_000  # only whoever has signed in gets one; the oldest make room


class NoTicketError(LookupError):
    """What was presented is no ticket, or no longer, or one of another browser."""


@dataclass(frozen=True, kw_only=True)
class _Waiting:
    token: str | None
    browser: str
    expires: float  # on a clock that nobody sets


_waiting: dict[str, _Waiting] = {}  # by digest: what is kept cannot be presented
_lock = threading.Lock()


def offer(token: str | None, browser: str) -> str:
    """Return a ticket for a session's token; for None, one that takes the cookie away.

    Parameters
    ----------
    browser
        What tells the page's browser from others: see ``take``.
    """
    ticket = secrets.token_urlsafe(32)
    with _lock:
        _drop_expired()
        while len(_waiting) >= MOST_WAITING:
            del _waiting[next(iter(_waiting))]
        _waiting[_digest(ticket)] = _Waiting(
            token=token, browser=browser, expires=monotonic() + LIFETIME_SECONDS
        )
    return ticket


def waits(ticket: str) -> bool:
    """Tell whether nobody has come with this ticket yet, and somebody still may."""
    with _lock:
        _drop_expired()
        return _digest(ticket) in _waiting


def take(ticket: str, same_browser: Callable[[str], bool]) -> str | None:
    """Return the token a ticket stands for, this once; None if the cookie is to go.

    Parameters
    ----------
    same_browser
        Tells whether the browser the ticket was made for is the one that comes with it.

    Raises
    ------
    NoTicketError
        If it is unknown, used, too old or another browser's, which leaves it waiting.
    """
    with _lock:
        _drop_expired()
        waiting = _waiting.get(_digest(ticket))
        if waiting is None or not same_browser(waiting.browser):
            raise NoTicketError(PATH)
        del _waiting[_digest(ticket)]
        return waiting.token


def _digest(ticket: str) -> str:
    return hashlib.sha256(ticket.encode("utf-8", "replace")).hexdigest()


def _drop_expired() -> None:
    now = monotonic()
    for name in [name for name, waiting in _waiting.items() if waiting.expires <= now]:
        del _waiting[name]
