"""Bytes as no client library sends them, to the server as it is shipped."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import uvicorn

from app.server.start import uvicorn_config
from app.shield import Shield

OURS = b"Host: localhost\r\n"
LAST = b"Connection: close\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


@dataclass
class Served:
    port: int
    bodies: list[bytes]

    def say(self, *parts: bytes) -> bytes:
        """Return everything that comes back until the server hangs up."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as raw:
            for part in parts:
                raw.sendall(part)
            read = b""
            try:
                while more := raw.recv(65536):
                    read += more
            except ConnectionResetError:
                return read
            return read


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """A server that keeps the bodies it was given, behind the shield and uvicorn's settings."""
    bodies: list[bytes] = []

    async def keep(scope, receive, send) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        bodies.append(body)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"kept"})

    config = uvicorn_config(Shield(keep))
    config.lifespan = "off"
    config.log_config = None
    server = uvicorn.Server(config)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        thread = threading.Thread(
            target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True
        )
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield Served(listener.getsockname()[1], bodies)
        server.should_exit = True
        thread.join(timeout=300)


def _post(*headers: bytes, body: bytes = b"") -> bytes:
    return b"POST /x HTTP/1.1\r\n" + OURS + b"".join(headers) + b"\r\n" + body


SMUGGLED = b"GET /smuggled HTTP/1.1\r\n" + OURS + b"\r\n"
REFUSED = {
    "length and chunks": _post(b"Content-Length: 5\r\n", CHUNKED, body=b"0\r\n\r\n" + SMUGGLED),
    "chunks and length": _post(CHUNKED, b"Content-Length: 50\r\n", body=b"0\r\n\r\n" + SMUGGLED),
    "two lengths": _post(b"Content-Length: 5\r\n", b"Content-Length: 6\r\n", body=b"hello!"),
    "length of words": _post(b"Content-Length: five\r\n", body=b"hello"),
    "length with a sign": _post(b"Content-Length: +5\r\n", body=b"hello"),
    "packed on the way": _post(b"Transfer-Encoding: gzip\r\n", body=b"x"),
    "packed and in chunks": _post(b"Transfer-Encoding: gzip, chunked\r\n", body=b"0\r\n\r\n"),
    "blank before the colon": _post(b"Transfer-Encoding : chunked\r\n", body=b"0\r\n\r\n"),
    "folded header": _post(b"X-A: 1\r\n 2\r\nTransfer-Encoding:\r\n chunkedx\r\n", body=b""),
    "null in a header": _post(b"X-A: \x00\r\n"),
    "size of a chunk": _post(CHUNKED, body=b"-1\r\nx\r\n0\r\n\r\n"),
    "headers without end": _post(b"X-A: " + b"a" * 70_000 + b"\r\n"),
    "address without end": b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n" + OURS + b"\r\n",
    "no protocol": b"GET /x\r\n" + OURS + b"\r\n",
    "no host": b"GET /x HTTP/1.1\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 100,
}


@pytest.mark.parametrize("sent", REFUSED.values(), ids=REFUSED)
def test_what_could_be_read_in_two_ways_is_refused_and_hung_up_on(served, sent):
    served.bodies.clear()
    answer = served.say(sent)
    assert answer.split(b" ")[1] in {b"400", b"421", b"431", b"501"}, answer
    assert answer.count(b"HTTP/1.1 ") == 1  # what came after was not taken for a request
    assert b"connection: close" in answer.lower()
    assert b"kept" not in answer
    assert b"Traceback" not in answer


def test_what_can_be_read_in_one_way_is_taken(served):
    served.bodies.clear()
    whole = _post(b"Content-Length: 5\r\n", LAST, body=b"hello")
    chunks = _post(CHUNKED, LAST, body=b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n")
    old = b"GET /x HTTP/1.0\r\n" + OURS + b"\r\n"
    two = b"GET /x HTTP/1.1\r\n" + OURS + b"\r\n" + _post(LAST, b"Content-Length: 0\r\n")
    answers = [served.say(whole), served.say(chunks), served.say(old), served.say(two)]
    assert [answer.count(b"kept") for answer in answers] == [1, 1, 1, 2]
    assert served.bodies[:2] == [b"hello", b"hello"]
    for answer in answers:
        assert b"\r\nserver:" not in answer.lower()


@pytest.mark.parametrize(
    ("proxy", "visitor"),
    [("127.0.0.1", "192.0.2.1"), ("::1", "192.0.2.1"), ("203.0.113.9", "203.0.113.9")],
)
def test_a_proxy_is_believed_on_this_machine_alone(monkeypatch, proxy, visitor):
    """Else anybody could name an address whose budget is not used up yet."""
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    seen = []

    async def look(scope, receive, send) -> None:
        seen.append(scope["client"][0])

    config = uvicorn_config(look)
    config.log_config = None
    config.load()
    headers = [(b"x-forwarded-for", b"192.0.2.1")]
    scope = {"type": "http", "client": (proxy, 1), "headers": headers, "scheme": "http"}
    asyncio.run(config.loaded_app(scope, None, None))
    assert seen == [visitor]
