"""The HTTP interface stands in front of the dashboard, and is put together when it is needed.

Everything under ``/api`` is answered by it, whatever the method, so that no mistake of a caller
ends on a page of the dashboard.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from app.api.errors import ApiError, failed
from app.api.languages import language_of

if TYPE_CHECKING:
    from fastapi import FastAPI

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

SAFE_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    ),
)


class LateApi:
    """The interface, which takes half a second to load: made once, by whoever needs it first.

    Calls that come before wait for it. If it cannot be made, each of them fails and says so.
    """

    def __init__(self) -> None:
        self._making = threading.Lock()
        self._made: FastAPI | None = None

    def ready(self) -> FastAPI:
        """Return the interface."""
        with self._making:
            if self._made is None:
                from app.api.application import create_api

                self._made = create_api()
            return self._made

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call."""
        api = self._made
        if api is None:
            api = await run_in_threadpool(self.ready)
        await api(scope, receive, send)


class ApiFirst:
    """Middleware that keeps the interface's addresses from the dashboard."""

    def __init__(self, app: ASGIApp, api: ASGIApp) -> None:
        self.app, self.api = app, api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what is ours; hand on the rest."""
        if scope["type"] != "http" or not _ours(scope["path"]):
            await self.app(scope, receive, send)
            return
        started = False

        async def guarded(message: MutableMapping[str, Any]) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message = {**message, "headers": [*message["headers"], *SAFE_HEADERS]}
            await send(message)

        try:
            await self._answer(scope, receive, guarded)
        except Exception as error:
            if not started:
                await failed(error).response(_language(scope))(scope, receive, guarded)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        strange = "//" in path or "\\" in path or "\x00" in path or ".." in path.split("/")
        if strange:
            await ApiError("MALFORMED_ADDRESS").response(_language(scope))(scope, receive, send)
            return
        await self.api(scope, receive, send)


def _ours(path: str) -> bool:
    first = path.replace("\\", "/").lstrip("/").split("/")[0].lower()
    return first == "api" or path == "/health"


def _language(scope: Scope) -> str:
    return language_of(Request(scope).headers.get("accept-language"))
