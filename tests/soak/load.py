"""Ask a real server as often as is promised, and look at how long the answers take.

``python tests/soak/load.py --rate 200 --seconds 300``. Health and a light address are asked at an
even rate, first alone, then with two forecasts running; then many at once, more than the server
takes, after which it must be well again within seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter
from pathlib import Path

import httpx

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

from server import Server, new_home  # noqa: E402
from table import print_table, share  # noqa: E402

MILLISECONDS = 1000.0


async def steady(address: str, path: str, rate: float, seconds: float) -> tuple[list[float], int]:
    """Ask at an even rate; return how long each answer took, and how many were none."""
    waits: list[float] = []
    failed = 0
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=100)

    async def one(client: httpx.AsyncClient, due: float) -> None:
        nonlocal failed
        try:
            answer = await client.get(address + path)
        except httpx.HTTPError:
            failed += 1
            return
        waits.append(MILLISECONDS * (time.perf_counter() - due))
        failed += answer.status_code >= 500

    async with httpx.AsyncClient(limits=limits, timeout=30) as client, asyncio.TaskGroup() as all_:
        begin = time.perf_counter()
        for number in range(round(rate * seconds)):
            due = begin + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            all_.create_task(one(client, due))
    return waits, failed


async def flood(address: str, number: int) -> Counter[str]:
    """Open many connections at the same moment; return what each was told."""
    said: Counter[str] = Counter()
    limits = httpx.Limits(max_connections=number)
    async with httpx.AsyncClient(limits=limits, timeout=30) as client:

        async def one() -> None:
            try:
                said[str((await client.get(address + "/health")).status_code)] += 1
            except httpx.HTTPError as error:
                said[type(error).__name__] += 1

        await asyncio.gather(*(one() for _ in range(number)))
    return said


async def well_again(address: str) -> float:
    """Return the seconds until the server answers as usual."""
    begin = time.perf_counter()
    while time.perf_counter() - begin < 30:
        waits, failed = await steady(address, "/health", 20, 0.5)
        if not failed and share(waits, 0.95) < 100:
            break
    return time.perf_counter() - begin


def start_forecasts(tenant: str) -> None:
    """Put two forecasts of the sample shop into the table; the launcher finds them."""
    from app.services import datasets
    from app.services.database import JobRow, utc_now, writing
    from clvcore.config import ForecastConfig

    (dataset, *_) = datasets.list_datasets(tenant)
    with writing() as session:
        for months in (6, 24):
            session.add(
                JobRow(
                    id=f"{months:032x}", tenant=tenant, username="admin", kind="forecast",
                    dataset_id=dataset.id, dataset_name=dataset.name, key=str(months),
                    config=ForecastConfig(horizon_months=months).to_dict(),
                    state="queued", created_at=utc_now(),
                )
            )  # fmt: skip


def resident(server: Server) -> float:
    """Return the megabytes the server holds."""
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def main() -> None:
    """Ask, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=200)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--flood", type=int, default=800)
    asked = parser.parse_args()
    server = Server(new_home("load")).start("--sample")
    asyncio.run(steady(server.address, "/health", 20, 2))
    before = resident(server)
    alone, failed = asyncio.run(steady(server.address, "/health", asked.rate, asked.seconds))
    light, no_light = asyncio.run(
        steady(server.address, "/api/v1/nothing", asked.rate, asked.seconds)
    )
    start_forecasts("local")
    busy, no_busy = asyncio.run(steady(server.address, "/health", 20, asked.seconds))
    said = asyncio.run(flood(server.address, asked.flood))
    again = asyncio.run(well_again(server.address))
    after = resident(server)
    server.stop()
    known = sum(number for status, number in said.items() if status in ("200", "429", "503"))
    print_table(
        f"{asked.rate:g} requests a second for {asked.seconds:g} s",
        [
            ("health alone, p95 ms", round(share(alone, 0.95), 1), share(alone, 0.95) < 50),
            ("light call, p95 ms", round(share(light, 0.95), 1), share(light, 0.95) < 50),
            ("health beside two forecasts, p95 ms", round(share(busy, 0.95), 1),
             share(busy, 0.95) < 100),
            ("requests without an answer", failed + no_light + no_busy,
             failed + no_light + no_busy == 0),
            (f"{asked.flood} at once: 200, 429 or 503", f"{known} of {asked.flood}",
             known == asked.flood),
            ("seconds until well again", round(again, 1), again < 5),
            ("MB more than before", round(after - before, 1), after - before < 100),
        ],
    )  # fmt: skip


if __name__ == "__main__":
    main()
