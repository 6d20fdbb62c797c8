"""Half an hour of everything at once; what the server holds must not grow.

``python tests/soak/soak.py --minutes 30``. Signed calls of the interface, five browsers that go
from page to page and take files away, new orders to fit by the interface, bodies to the upload
address, and forecasts in the background. After a fifth of the time, when everything has been
loaded once, the memory of the server's process is noted until the end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

import httpx  # noqa: E402
from browser import Browser  # noqa: E402
from browsers import VIEWS, signed_in  # noqa: E402
from client import Call, Client, Tally, steady  # noqa: E402
from load import light_call, start_forecasts, under_way  # noqa: E402
from server import Server, new_home, wait_for  # noqa: E402
from table import print_table, share  # noqa: E402

BROWSERS, CALLS = 5, 20.0  # browsers, and light calls a second
FLAT = 1.0  # megabytes a minute: what one page leaves behind, over a day, would be gigabytes


class Soak:
    """What is going on, until the end."""

    def __init__(self, address: str, light: Call, seconds: float) -> None:
        self.address, self.light = address, light
        self.end = time.monotonic() + seconds
        self.done: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.reruns: list[float] = []
        self.memory: list[tuple[float, float]] = []
        self._chance = random.Random(1)  # noqa: S311

    async def every(self, seconds: float, what) -> None:
        """Do something again and again; what goes wrong is counted, not raised."""
        while time.monotonic() < self.end:
            try:
                await what()
                self.done[what.__name__] += 1
            except Exception as error:
                self.failed[f"{what.__name__}: {type(error).__name__}"] += 1
            await asyncio.sleep(seconds)

    async def look(self, token: str) -> None:
        """Be a browser: open, go from page to page, take a file away, close, come again."""
        browser = Browser(self.address, token)
        await browser.open()
        for _ in range(12):
            if time.monotonic() > self.end:
                break
            page = self._chance.choice(VIEWS)
            self.reruns.append(1000 * await browser.rerun(page))
            if "Prepare the file" in browser.buttons:
                await browser.rerun(page, press="Prepare the file")
                await self._take(browser)
            await self._upload(browser)
            await asyncio.sleep(self._chance.uniform(2, 6))
        self.failed["exceptions on a page"] += browser.exceptions
        await browser.close()

    async def _take(self, browser: Browser) -> None:
        async with httpx.AsyncClient() as client:
            answer = await client.get(
                self.address + browser.export, headers={"cookie": browser.cookie}
            )
        answer.raise_for_status()
        self.done["downloads"] += 1

    async def _upload(self, browser: Browser) -> None:
        """Send a file to the page's upload address, and take it back as a browser does."""
        async with httpx.AsyncClient(timeout=30) as client:
            await client.get(self.address + "/_stcore/health")
            token = client.cookies.get("_streamlit_xsrf") or ""
            cookies = f"{browser.cookie}; _streamlit_xsrf={token}"
            headers = {"cookie": cookies, "x-xsrftoken": token}
            place = f"{self.address}/_stcore/upload_file/{browser.session}/{os.urandom(8).hex()}"
            files = {"file": ("orders.csv", b"id,date,amount\n" * 40_000)}
            answer = await client.put(place, files=files, headers=headers)
            self.done[f"uploads, {answer.status_code}"] += 1
            await client.delete(place, headers=headers)

    async def fit(self) -> None:
        """Ask the interface for a forecast it has not made yet."""
        body = json.loads(self.light.body)
        body["data"][0]["amount"] += self._chance.random()
        tally, client = Tally(), Client(self.address)
        call = replace(self.light, body=json.dumps(body).encode())
        await client.ask(call, tally, time.perf_counter(), patience=120)
        client.close()
        if tally.said != Counter({"200": 1}):
            raise RuntimeError(str(tally.said))

    async def forecast(self) -> None:
        """Have two forecasts of the sample shop in the background."""
        if not await asyncio.to_thread(under_way):
            await asyncio.to_thread(start_forecasts, "local")

    async def all(self, server: Server, tokens: list[str], seconds: float) -> Tally:
        """Do everything at once."""

        async def measure() -> None:
            self.memory.append((time.monotonic(), server.megabytes()))

        async with asyncio.TaskGroup() as everything:
            calls = everything.create_task(steady(self.address, self.light, CALLS, seconds))
            for token in tokens:

                async def look(token: str = token) -> None:
                    await self.look(token)

                everything.create_task(self.every(0.5, look))
            for often, what in ((10, self.fit), (60, self.forecast), (5, measure)):
                everything.create_task(self.every(often, what))
        return calls.result()

    def slope(self) -> float:
        """Return the megabytes a minute the server grew by, once all had been loaded."""
        begin, end = self.memory[0][0], self.memory[-1][0]
        late = [(t / 60, mb) for t, mb in self.memory if t > begin + (end - begin) / 5]
        middle_t = sum(t for t, _ in late) / len(late)
        middle_mb = sum(mb for _, mb in late) / len(late)
        over = sum((t - middle_t) ** 2 for t, _ in late)
        return sum((t - middle_t) * (mb - middle_mb) for t, mb in late) / over


def main() -> None:
    """Do it for so long, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    asked = parser.parse_args()
    os.environ |= {"CLV_API_RATE": "1000000/minute", "CLV_API_FAILURES": "1000000/minute"}
    server = Server(new_home("soak"))
    light = light_call()
    server.start("--sample")
    wait_for(lambda: server.seconds_idle() > 3, 90, every=0.5)
    asyncio.run(steady(server.address, light, 2, 2))  # its forecast is made once
    seconds = 60 * asked.minutes
    soak = Soak(server.address, light, seconds)
    calls = asyncio.run(soak.all(server, signed_in(BROWSERS), seconds))
    server.stop()
    sys.stdout.write(f"  light calls: {dict(calls.said)}\n")
    for kind, number in sorted((soak.done + soak.failed).items()):
        sys.stdout.write(f"  {kind:<40} {number:>7}\n")
    for at, megabytes in soak.memory[:: max(1, len(soak.memory) // 15)]:
        sys.stdout.write(f"  {(at - soak.memory[0][0]) / 60:>6.1f} min  {megabytes:>7.0f} MB\n")
    failed, slope = soak.failed.total(), soak.slope()
    print_table(
        f"{asked.minutes:g} minutes of everything",
        [
            ("light calls", sum(calls.said.values()), calls.said["200"] == calls.said.total()),
            ("light call, p95 ms", round(calls.share(0.95), 1), True),
            ("reruns", len(soak.reruns), len(soak.reruns) > 0),
            ("rerun, p95 ms", round(share(soak.reruns, 0.95)), True),
            ("what went wrong", failed, failed == 0),
            ("tracebacks in the log", server.log().count("Traceback"),
             "Traceback" not in server.log()),
            ("MB at the end", round(soak.memory[-1][1]), soak.memory[-1][1] < 1536),
            ("MB more each minute", round(slope, 2), slope < FLAT),
        ],
    )  # fmt: skip


if __name__ == "__main__":
    main()
