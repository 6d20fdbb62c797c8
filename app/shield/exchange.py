"""One request and its answer: the body watched as it comes, the headers added as they go."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from app.shield.asgi import Message, Receive, Scope, Send, address_of
from app.shield.budgets import Budgets, Lane
from app.shield.headers import safe_headers
from app.shield.refusals import FULL, TOO_SLOW, Refusal, too_large, too_much

PATIENCE = 20.0  # seconds without a byte
SLOWEST = 8 * 1024  # bytes a second, over the whole body


class Answer:
    """Sends what the application says, and nothing more of it once it was refused."""

    def __init__(self, scope: Scope, send: Send, own: Sequence[tuple[bytes, bytes]]) -> None:
        self.started = False
        self.refused: Refusal | None = None
        self._scope, self._send = scope, send
        self._own = (*own, *safe_headers(scope["scheme"]))

    async def send(self, message: Message) -> None:
        """Pass a message on; its headers stay as they are, and ours are added."""
        if self.refused:
            return
        await self._pass_on(message)

    async def refuse(self, refusal: Refusal) -> None:
        """Turn the visitor away; too late for words if the answer has begun."""
        self.refused = refusal
        if not self.started:
            start, body = refusal.answer(self._scope)
            await self._pass_on(start)
            await self._pass_on({"type": "http.response.body", "body": body})

    async def _pass_on(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = list(message.get("headers", ()))
            there = {bytes(name).lower() for name, _ in headers}
            more = [(name, value) for name, value in self._own if name not in there]
            message = {**message, "headers": headers + more}
        await self._send(message)


class Body:
    """Receives a body as long as it is within its limits and comes fast enough."""

    def __init__(
        self, scope: Scope, receive: Receive, answer: Answer, lane: Lane, budgets: Budgets
    ) -> None:
        self.size = 0
        self._receive, self._answer = receive, answer
        self._lane, self._budgets = lane, budgets
        self._address = address_of(scope)
        self._whole = False
        self._since = time.monotonic()

    async def receive(self) -> Message:
        """Return the next part; a visitor who was refused has left, as the application sees it."""
        if self._answer.refused:
            return {"type": "http.disconnect"}
        if self._whole:
            return await self._receive()
        try:
            async with asyncio.timeout(self._patience()):
                message = await self._receive()
        except TimeoutError:
            return await self._refuse(TOO_SLOW)
        if message["type"] != "http.request":
            return message
        self._whole = not message.get("more_body", False)
        refusal = self._counted(len(message.get("body", b"")))
        return await self._refuse(refusal) if refusal else message

    def done(self) -> None:
        """Give back the room this body took."""
        self._budgets.give_back(self.size)

    def _patience(self) -> float:
        """Return how long to wait: a drop now and then does not make a body fast enough."""
        due = self._since + PATIENCE + self.size / SLOWEST
        return min(PATIENCE, max(0.0, due - time.monotonic()))

    def _counted(self, size: int) -> Refusal | None:
        self.size += size
        # each is asked, so that what is counted is what is given back
        room = self._budgets.hold(size)
        afford = self._budgets.spend(self._lane, self._address, size)
        if self.size > self._lane.body:
            return too_large(self._lane.body)
        if not afford:
            return too_much(self._budgets.seconds_left())
        return None if room else FULL

    async def _refuse(self, refusal: Refusal) -> Message:
        await self._answer.refuse(refusal)
        return {"type": "http.disconnect"}
