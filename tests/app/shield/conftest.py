"""A shield round a small application, asked without a socket."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from app.shield import Shield
from app.shield.hosts import Hosts


async def echo(scope, receive, send) -> None:
    """Answer with the number of bytes received."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError("the visitor has left")
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    headers = [(b"content-type", b"text/plain"), (b"x-frame-options", b"FROM-THE-APP")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": str(size).encode()})


Client = Callable[..., httpx.AsyncClient]


@pytest.fixture
def client() -> Client:
    """Make a client of a shielded application, from a network address, by a name."""

    def client_(app=echo, *, address="198.51.100.7", name="127.0.0.1:8501", **options):
        shield = Shield(app, hosts=Hosts("127.0.0.1", ["shop.example"]), **options)
        transport = httpx.ASGITransport(shield, raise_app_exceptions=True, client=(address, 1))
        return httpx.AsyncClient(transport=transport, base_url=f"http://{name}")

    return client_
