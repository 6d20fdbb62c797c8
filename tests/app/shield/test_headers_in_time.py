"""Half-sent headers do not hold a place for ever."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import uvicorn

from app.shield import headers_in_time
from app.shield.headers_in_time import PromptProtocol

ROOM = headers_in_time.room
WHOLE = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def _slow(scope, receive, send) -> None:
    """Answer after longer than headers may take."""
    await asyncio.sleep(1.5)
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def _talk(port: int, *parts: bytes, pause: float = 0.05) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.suppress(ConnectionError):  # hung up on while speaking: what is tested
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
    read = b""
    with contextlib.suppress(ConnectionError):
        read = await asyncio.wait_for(reader.read(), 60)
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    return read


async def _served() -> list[bytes]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(
            uvicorn.Config(_slow, http=PromptProtocol, lifespan="off", log_config=None)
        )
        running = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:
            await asyncio.sleep(0.01)
        port = listener.getsockname()[1]
        said = await asyncio.gather(
            _talk(port),
            _talk(port, b"GET / HTTP/1.1\r\nHo"),
            _talk(port, b"G", b"E", b"T", b" "),
            _talk(port, WHOLE, b"GET / HT", pause=2.0),
        )
        server.should_exit = True
        await running
        return list(said)


def test_who_does_not_say_in_time_what_he_wants_is_hung_up_on(monkeypatch):
    monkeypatch.setattr(headers_in_time, "PATIENCE", 1.0)
    silent, half, trickling, second = asyncio.run(_served())
    assert silent == half == trickling == b""
    # whoever did say is answered, however long that takes
    assert second.startswith(b"HTTP/1.1 204")


def test_connections_above_what_there_are_files_for_are_closed(monkeypatch):
    monkeypatch.setattr(headers_in_time, "room", lambda: 0)
    assert asyncio.run(_served()) == [b""] * 4
    assert 1 <= ROOM() <= headers_in_time.CONNECTIONS
