"""The one middleware round the whole server: dashboard, interface and downloads."""

from __future__ import annotations

import logging
import secrets

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from app.shield.asgi import ASGIApp, Receive, Scope, Send, address_of, header
from app.shield.budgets import Budgets, Lane, lane_of
from app.shield.exchange import Answer, Body
from app.shield.hosts import Hosts
from app.shield.logs import request_id
from app.shield.refusals import (
    BROKEN,
    FULL,
    HEAD_TOO_LARGE,
    NOTHING_HERE,
    SIGN_IN_FIRST,
    TWO_LENGTHS,
    WRONG_HOST,
    Refusal,
    too_large,
)

# what the pages need of Streamlit's own addresses; the rest tells strangers about the server
STREAMLITS = (
    "/_stcore/health",
    "/_stcore/host-config",
    "/_stcore/stream",
    "/_stcore/upload_file/",
)
LARGEST_HEAD = 16 * 1024
# sign-in by another service and components in frames, which this product does not have
NOT_OURS = ("/_stcore", "/auth/", "/oauth2callback", "/component/")
_log = logging.getLogger("clv.shield")


class Shield:
    """Asks of every visitor what no application asks: the name they came by, how much they send.

    It is outermost, so that its headers are on every answer, failures included.
    """

    def __init__(
        self, app: ASGIApp, *, hosts: Hosts | None = None, budgets: Budgets | None = None
    ) -> None:
        self.app = app
        self.hosts = hosts or Hosts()
        self.budgets = budgets or Budgets()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a visitor through, or say why not."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        number = secrets.token_hex(8)
        token = request_id.set(number)
        try:
            if scope["type"] == "websocket":
                await self._socket(scope, receive, send)
            else:
                await self._request(scope, receive, send, number)
        finally:
            request_id.reset(token)

    async def _request(self, scope: Scope, receive: Receive, send: Send, number: str) -> None:
        answer = Answer(scope, send, [(b"x-request-id", number.encode())])
        if not self.budgets.begin():
            await answer.refuse(FULL)
            return
        try:
            await self._let_in(scope, receive, answer)
        finally:
            self.budgets.end()

    async def _let_in(self, scope: Scope, receive: Receive, answer: Answer) -> None:
        lane = lane_of(scope["path"], self.budgets.lanes)
        try:
            refusal = await self._refusal(scope, lane)
            if refusal:
                await answer.refuse(refusal)
            else:
                await self._answered(scope, receive, answer, lane)
        except Exception:
            # what a refused application makes of its visitor's leaving is no failure of ours
            if not answer.refused:
                _log.exception("a request failed")
                await answer.refuse(BROKEN)
        if answer.refused:
            # never the address asked for: it may name a customer
            _log.info("refused %s: %s", address_of(scope), answer.refused.code)

    async def _answered(self, scope: Scope, receive: Receive, answer: Answer, lane: Lane) -> None:
        body = Body(scope, receive, answer, lane, self.budgets)
        try:
            await self.app(scope, body.receive, answer.send)
        finally:
            body.done()

    async def _refusal(self, scope: Scope, lane: Lane) -> Refusal | None:
        """Return why a request cannot be let through, as far as its headers tell."""
        path = scope["path"]
        if not self.hosts.knows(header(scope, b"host")):
            return WRONG_HOST
        if path.startswith(NOT_OURS) and not path.startswith(STREAMLITS):
            return NOTHING_HERE
        # uvicorn bounds only a head that comes in pieces
        head = [*(part for pair in scope["headers"] for part in pair), scope.get("raw_path", b"")]
        if sum(map(len, head)) + len(scope["query_string"]) > LARGEST_HEAD:
            return HEAD_TOO_LARGE
        if {b"content-length", b"transfer-encoding"} <= {name for name, _ in scope["headers"]}:
            return TWO_LENGTHS  # a proxy that reads the other one would see another request
        length = header(scope, b"content-length")
        if length.isdecimal() and int(length[:20]) > lane.body:
            return too_large(lane.body)
        if lane.signed_in and not await _is_signed_in(scope):
            return SIGN_IN_FIRST
        return None

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = address_of(scope)
        if not self._is_ours(scope) or not self.budgets.enter(address):
            _log.info("refused %s: a page from elsewhere, or too many at once", address)
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        try:
            await self.app(scope, receive, send)
        finally:
            self.budgets.leave(address)

    def _is_ours(self, scope: Scope) -> bool:
        """Tell whether a socket comes from one of our own pages.

        Browsers always say where a page is from. Streamlit would let those pass who do not, and
        ask a stranger's server on the Internet which address this machine has.
        """
        host = header(scope, b"host")
        # compared, not taken apart: what is no address ("http://[::1") is nobody's page either
        return self.hosts.knows(host) and header(scope, b"origin") in (
            f"http://{host}",
            f"https://{host}",
        )


async def _is_signed_in(scope: Scope) -> bool:
    from app.accounts.sessions import COOKIE, account_of

    cookie = HTTPConnection(scope).cookies.get(COOKIE)
    return await run_in_threadpool(account_of, cookie) is not None
