"""The interface on a free port, two tenants who may call it, and orders to send."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pandas as pd
import pytest
from fastapi import FastAPI

import clvcore as clv
from app.accounts.tenants import Keys, add_tenant
from clvcore.sample import ShopParameters, simulate_shop

sys.path.insert(0, str(Path(__file__).parent))  # for fuzzing

GENEROUS = "1000000/minute"
MAPPING = clv.Mapping(
    customer_id="customer_id", date="date", amount="amount", order_id="order_id",
    attributes=("channel",), decimal=".",
)  # fmt: skip


def by_token(keys: Keys) -> dict[str, str]:
    return {"Authorization": f"Bearer {keys.token}"}


def by_secret(keys: Keys) -> dict[str, str]:
    return {"X-Customer-Api-Id": keys.tenant_id, "X-Secret": keys.secret}


@dataclass(frozen=True)
class Server:
    """A running interface and the keys of two tenants; ``api`` is the application itself."""

    url: str
    first: Keys
    second: Keys
    api: FastAPI
    home: Path

    @contextlib.contextmanager
    def client(self, keys: Keys | None = None, **headers: str) -> Iterator[httpx.Client]:
        signed = by_token(keys or self.first) | headers
        with httpx.Client(base_url=self.url, headers=signed, timeout=60) as client:
            yield client


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[Server]:
    """Serve the interface from a thread; fits happen in this process."""
    import uvicorn

    from app.api.application import create_api
    from app.api.first import ApiFirst

    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("api")
        patch.setenv("CLV_HOME", str(home))
        patch.setenv("CLV_WORKERS", "0")
        patch.setenv("CLV_API_RATE", GENEROUS)
        patch.setenv("CLV_API_FAILURES", GENEROUS)
        first, second = add_tenant("first"), add_tenant("second")
        api = create_api()
        with serving(ApiFirst(nothing, api), uvicorn) as url:
            yield Server(url, first, second, api, home)


async def nothing(scope, receive, send) -> None:
    """Stand where the dashboard stands."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"<html>the dashboard</html>"})


@contextlib.contextmanager
def serving(app, uvicorn) -> Iterator[str]:
    # asyncio answers without delay only where a socket names its protocol, as the server's does
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="error", lifespan="off", access_log=False)
    running = uvicorn.Server(config)
    thread = threading.Thread(
        target=lambda: asyncio.run(running.serve(sockets=[listener])), daemon=True
    )
    thread.start()
    while not running.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    running.should_exit = True
    thread.join(timeout=300)
    listener.close()


@pytest.fixture
def serve():
    """Serve an application from a thread while a block runs; its address."""
    import uvicorn

    return lambda app: serving(app, uvicorn)


@pytest.fixture
def of_server(server, monkeypatch) -> Server:
    """The server, and calls beside it in its home."""
    monkeypatch.setenv("CLV_HOME", str(server.home))
    return server


@pytest.fixture(scope="session")
def orders() -> list[dict]:
    """Orders of 150 customers over two years, as rows of a body."""
    frame = simulate_shop(ShopParameters(customers=150), seed=5)
    frame = frame.assign(date=frame["date"].dt.strftime("%Y-%m-%d"))
    frame["channel"] = frame["customer_id"].str[-1].map(lambda digit: f"channel {int(digit) % 3}")
    return frame.to_dict("records")


@pytest.fixture(scope="session")
def summaries(orders) -> list[dict]:
    """The same customers, summed up as of the last day."""
    run = clv.forecast(clv.read_transactions(pd.DataFrame(orders), mapping=MAPPING))
    rows = run.customers.assign(
        tenure_days=lambda c: c["T"],
        purchase_frequency=lambda c: c["frequency"] + 1,
        recency_days=lambda c: c["T"] - c["recency"],
        total_revenue=lambda c: c["revenue_to_date"],
    )
    names = ["customer_id", "tenure_days", "total_revenue", "purchase_frequency", "recency_days"]
    return rows.reset_index()[names].to_dict("records")
