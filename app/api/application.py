"""The HTTP interface as one ASGI application; it stands in front of the dashboard.

Everything under ``/api`` is answered here, whatever the method, so that no mistake of a caller
ends on a page of the dashboard.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.api import schemas
from app.api.errors import ApiError, failed
from app.api.languages import language_of
from app.api.remembered import Remembered
from app.api.routes import router
from app.api.work import WORKERS, Works

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


def create_api() -> FastAPI:
    """Return the interface; ``state.works`` is to be started before the first visitor."""
    api = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    api.state.remembered = Remembered()
    api.state.works = Works(int(os.environ.get("CLV_WORKERS", WORKERS)))
    api.include_router(router)
    api.add_exception_handler(ApiError, _problem)
    api.add_exception_handler(HTTPException, _http_error)
    api.add_exception_handler(Exception, _failure)
    api.openapi = lambda: schemas.document(api)  # type: ignore[method-assign]
    return api


async def _problem(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, ApiError)  # noqa: S101
    return problem.response(language_of(request.headers.get("accept-language")))


async def _http_error(request: Request, error: Exception) -> Response:
    """Say 404 and 405 in our words."""
    assert isinstance(error, HTTPException)  # noqa: S101
    code = "METHOD_NOT_ALLOWED" if error.status_code == 405 else "NOT_FOUND"
    return await _problem(request, ApiError(code, headers=error.headers))


async def _failure(request: Request, error: Exception) -> Response:
    """Say 500 in our words; the framework raises the error once more, for ``ApiFirst`` to end."""
    return await _problem(request, failed(error))


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
