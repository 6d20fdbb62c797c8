"""A client that costs little: it shares two cores with the server it measures.

One asyncio protocol per connection, no library between: 0.1 ms a call, where httpx takes 2.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit

MILLISECONDS = 1000.0


@dataclass(frozen=True)
class Call:
    """What is asked, again and again."""

    path: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def bytes_for(self, host: str) -> bytes:
        """Return the request as it is sent."""
        lines = [f"{self.method} {self.path} HTTP/1.1", f"host: {host}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.body:
            lines.append(f"content-length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode() + self.body


@dataclass
class Tally:
    """What came back: how long each answer took, from the moment it was due, and how it began."""

    waits: list[float] = field(default_factory=list)
    said: Counter[str] = field(default_factory=Counter)
    without_retry: int = 0

    def share(self, part: float) -> float:
        """Return the milliseconds that this part of the answers do not exceed."""
        return sorted(self.waits)[round(part * (len(self.waits) - 1))] if self.waits else 1e9

    @property
    def failed(self) -> int:
        """Count what was no answer, or a failure."""
        return sum(number for status, number in self.said.items() if status >= "5")

    def add(self, status: str, head: bytes, due: float) -> None:
        """Count one answer."""
        self.said[status] += 1
        self.waits.append(MILLISECONDS * (time.perf_counter() - due))
        refused = status in ("429", "503")
        self.without_retry += refused and b"\r\nretry-after:" not in head.lower()


class _Line(asyncio.Protocol):
    """One connection: a call at a time, its answer read by its length."""

    def __init__(self) -> None:
        self._read = bytearray()
        self._answer: asyncio.Future[tuple[str, bytes]] | None = None
        self.open = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]

    def ask(self, request: bytes) -> asyncio.Future[tuple[str, bytes]]:
        self._read.clear()
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._read += data
        end = self._read.find(b"\r\n\r\n")
        if end < 0 or self._answer is None or self._answer.done():
            return
        head = bytes(self._read[:end])
        lower = head.lower()
        at = lower.find(b"content-length:")
        length = int(lower[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._read) >= end + 4 + length:
            self.open &= b"connection: close" not in lower
            self._answer.set_result((head[9:12].decode(), head))

    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError())


class Client:
    """Connections to one server, opened when none is free."""

    def __init__(self, address: str, most: int = 200) -> None:
        parts = urlsplit(address)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self.netloc = parts.netloc
        self._free: list[_Line] = []
        self._room = asyncio.Semaphore(most)

    async def ask(self, call: Call, tally: Tally, due: float, patience: float = 30) -> None:
        """Ask once; the time spent waiting for a connection counts too."""
        async with self._room:
            try:
                async with asyncio.timeout(patience):
                    status, head = await self._asked(call)
            except (OSError, TimeoutError) as error:
                tally.said[f"x {type(error).__name__}"] += 1
                return
        tally.add(status, head, due)

    async def _asked(self, call: Call) -> tuple[str, bytes]:
        while True:
            line = self._free.pop() if self._free else None
            reused = line is not None
            if line is None:
                loop = asyncio.get_running_loop()
                _, line = await loop.create_connection(_Line, self._host, self._port)
            elif not line.open:
                continue
            try:
                answer = await line.ask(call.bytes_for(self.netloc))
            except OSError:
                if reused:  # the server closed an idle connection just now, as it may
                    continue
                raise
            except asyncio.CancelledError:
                line.transport.close()
                raise
            if line.open:
                self._free.append(line)
            else:
                line.transport.close()
            return answer

    def close(self) -> None:
        """Close what is open."""
        for line in self._free:
            line.transport.close()
        self._free.clear()


async def steady(
    address: str, call: Call, rate: float, seconds: float, *, most: int = 200
) -> Tally:
    """Ask at an even rate, whether or not answers come; return what came."""
    tally, client = Tally(), Client(address, most)
    begin = time.perf_counter()
    async with asyncio.TaskGroup() as everybody:
        for number in range(round(rate * seconds)):
            due = begin + number / rate
            wait = due - time.perf_counter()
            if wait > 0 or number % 20 == 0:  # late: still let answers in
                await asyncio.sleep(max(0.0, wait))
            everybody.create_task(client.ask(call, tally, due))
    client.close()
    return tally
