"""Ask a real server as often as is promised, and look at how long the answers take.

``python tests/soak/load.py --rate 200 --seconds 300``. Health and a light call (signed, counted
against the tenant's limit, answered from a remembered forecast) at an even rate; health beside two
forecasts; then ten times as much as is promised, after which it must be well again within seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

from client import Call, Client, Tally, steady  # noqa: E402
from server import Server, new_home, wait_for  # noqa: E402
from table import Check, print_table  # noqa: E402

HEALTH = Call("/health")
UNKNOWN = Call("/api/v1/nothing")
OVERLOAD_SECONDS = 10


def light_call() -> Call:
    """Return the signed question of a small shop; its forecast is made once and remembered."""
    from app.accounts.tenants import add_tenant
    from clvcore.sample import ShopParameters, simulate_shop

    orders = simulate_shop(ShopParameters(customers=40), seed=3)
    orders = orders.assign(date=orders["date"].dt.strftime("%Y-%m-%d"))
    rows = orders[["customer_id", "date", "amount"]].to_dict("records")
    keys = add_tenant("load")
    return Call(
        "/api/v1/ai/echointel/customer-intelligence/clv-forecast",
        "POST",
        (("authorization", f"Bearer {keys.token}"), ("content-type", "application/json")),
        json.dumps({"data": rows, "model_type": "naive"}).encode(),
    )


def start_forecasts(tenant: str) -> None:
    """Put two forecasts of the sample shop into the table; the launcher finds them."""
    from app.services import datasets
    from app.storage.database import JobRow, utc_now, writing
    from clvcore.records.config import ForecastConfig

    (dataset, *_) = datasets.list_datasets(tenant)
    with writing() as session:
        for months in (6, 24):
            session.add(
                JobRow(
                    id=os.urandom(16).hex(), tenant=tenant, username="admin", kind="forecast",
                    dataset_id=dataset.id, dataset_name=dataset.name, key=str(months),
                    config=ForecastConfig(horizon_months=months).to_dict(),
                    state="queued", created_at=utc_now(),
                )
            )  # fmt: skip


def under_way(state: str = "running") -> int:
    """Count the forecasts that run."""
    from app.storage.database import JobRow, reading

    with reading() as session:
        return session.query(JobRow).filter(JobRow.state == state).count()


async def beside_forecasts(address: str, seconds: float) -> tuple[Tally, float]:
    """Ask for health while two forecasts run, begun again as they end; and their share of it."""
    tally, client = Tally(), Client(address)
    begin = time.perf_counter()
    looks = busy = 0
    async with asyncio.TaskGroup() as everybody:
        for number in range(round(20 * seconds)):
            due = begin + number / 20
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            everybody.create_task(client.ask(HEALTH, tally, due))
            if number % 10 == 0:
                running = await asyncio.to_thread(under_way)
                looks, busy = looks + 1, busy + (running == 2)
                if not await asyncio.to_thread(under_way, "queued"):
                    await asyncio.to_thread(start_forecasts, "local")
    client.close()
    return tally, busy / looks


async def well_again(address: str) -> float:
    """Return the seconds until the server answers as usual."""
    begin = time.perf_counter()
    while time.perf_counter() - begin < 30:
        tally = await steady(address, HEALTH, 20, 0.5)
        if not tally.failed and tally.share(0.95) < 100:
            break
    return time.perf_counter() - begin


def main() -> None:
    """Ask, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=200)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--over", type=float, default=10, help="times the rate, for an overload")
    asked = parser.parse_args()
    os.environ |= {"CLV_API_RATE": "1000000/minute", "CLV_API_FAILURES": "1000000/minute"}
    server = Server(new_home("load"))
    light = light_call()
    server.start("--sample")
    wait_for(lambda: server.seconds_idle() > 3, 90, every=0.5)  # the workers have warmed up
    address, rate, seconds = server.address, asked.rate, asked.seconds
    asyncio.run(steady(address, light, 5, 2))
    before = server.megabytes()
    checks: list[Check] = []
    for name, call in (("health", HEALTH), ("unknown address", UNKNOWN), ("light call", light)):
        spent = server.cpu_seconds()
        # the promise is about the light call; the others need no more than a look
        lasts = seconds if call is light else max(20.0, seconds / 10)
        tally = asyncio.run(steady(address, call, rate, lasts))
        each = 1000 * (server.cpu_seconds() - spent) / len(tally.waits)
        checks += _steady(name, call, tally, each)
    start_forecasts("local")  # imports the engine here, which would hold the asking up later
    wait_for(lambda: under_way() == 2, 10)
    tally, share = asyncio.run(beside_forecasts(address, max(20.0, seconds / 5)))
    checks += [
        ("health beside two forecasts, p95 ms", _ms(tally, 0.95), tally.share(0.95) < 100),
        ("of the time two were running, %", round(100 * share), share > 0.5),
        ("failures of it", tally.failed, tally.failed == 0),
    ]
    over = asyncio.run(steady(address, light, asked.over * rate, OVERLOAD_SECONDS, most=1000))
    again = asyncio.run(well_again(address))
    known = sum(number for status, number in over.said.items() if status in ("200", "429", "503"))
    said = sum(over.said.values())
    after = server.megabytes()
    server.stop()
    checks += [
        (f"light call {asked.over:g} times as often: 200, 429, 503", f"{known} of {said}",
         known == said),
        ("refused", said - over.said["200"], True),
        ("refused without Retry-After", over.without_retry, over.without_retry == 0),
        ("seconds until well again", round(again, 1), again < 5),
        ("MB more than before", round(after - before, 1), after - before < 100),
    ]  # fmt: skip
    sys.stdout.write(f"overload: {dict(over.said)}\n")
    print_table(f"{rate:g} requests a second for {seconds:g} s", checks)


def _steady(name: str, call: Call, tally: Tally, each: float) -> list[Check]:
    wanted = {"404"} if call is UNKNOWN else {"200"}
    other = sum(number for status, number in tally.said.items() if status not in wanted)
    return [
        (f"{name}, p95 ms", _ms(tally, 0.95), tally.share(0.95) < 50),
        (f"{name}, p50 and p99 ms", f"{_ms(tally, 0.5)} {_ms(tally, 0.99)}", True),
        (f"{name}, server's CPU ms each", round(each, 2), True),
        (f"{name}, errors", other, other == 0),
    ]


def _ms(tally: Tally, part: float) -> float:
    return round(tally.share(part), 1)


if __name__ == "__main__":
    main()
