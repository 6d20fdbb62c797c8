"""Connections that never finish saying what they want are closed.

uvicorn waits for ever for the first line and the headers of a request; a few hundred half-sent
ones would keep everybody else out.
"""

from __future__ import annotations

import asyncio
import sys
from functools import cache

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

PATIENCE = 10.0  # seconds from the first moment to the end of the headers
CONNECTIONS = 2000  # idle ones too; the shield refuses, in words, much earlier
_OTHER_FILES = 700  # pages that are open, and what is read and written


class PromptProtocol(H11Protocol):
    """uvicorn's protocol with a clock on the headers of each request."""

    _hurry: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock: a new connection is to say what it wants."""
        super().connection_made(transport)
        if len(self.connections) > room():
            transport.abort()
            return
        self._hurry = self.loop.call_later(PATIENCE, self._too_slow)

    def data_received(self, data: bytes) -> None:
        """Stop the clock once the headers are whole; start it with the next ones."""
        super().data_received(data)
        waiting = self.conn.their_state is h11.IDLE
        if not waiting:
            self._stop()
        elif self._hurry is None:
            self._hurry = self.loop.call_later(PATIENCE, self._too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the clock with the connection."""
        self._stop()
        super().connection_lost(exc)

    def _stop(self) -> None:
        if self._hurry is not None:
            self._hurry.cancel()
            self._hurry = None

    def _too_slow(self) -> None:
        self._hurry = None
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self.transport.close()


@cache
def room() -> int:
    """Return how many connections there may be, with as many files as the system grants."""
    if sys.platform == "win32":
        return CONNECTIONS // 4
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return CONNECTIONS if soft == resource.RLIM_INFINITY else min(CONNECTIONS, soft - _OTHER_FILES)
