"""The shapes of ASGI, and what is asked of a request before any application sees it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from app.accounts.addresses import source_of

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]


def header(scope: Scope, name: bytes) -> str:
    """Return a header's value; an empty text if it is missing or there more than once."""
    values = [value for key, value in scope["headers"] if key == name]
    return values[0].decode("latin-1") if len(values) == 1 else ""


def address_of(scope: Scope) -> str:
    """Return whom budgets are counted for: the address, or the network an IPv6 host chooses from.

    A proxy on this machine is believed when it names its visitor (uvicorn sees to that).
    """
    return source_of((scope.get("client") or ("",))[0])
