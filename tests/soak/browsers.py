"""Thirty people look at the dashboard at once: how long does a page take?

``python tests/soak/browsers.py --browsers 30 --seconds 120``. Each is signed in, opens a page,
reads for some seconds, and goes on: half of the time to another page, else the same again.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

from browser import Browser  # noqa: E402
from server import Server, new_home, wait_for  # noqa: E402
from table import print_table, share  # noqa: E402

VIEWS = ("overview", "segments", "cohorts", "trust", "customers", "data", "runs")
READS = 5.0, 15.0  # seconds on a page


class Visit:
    """What all of them waited, in milliseconds, by page."""

    def __init__(self, seed: int) -> None:
        self.first: list[float] = []
        self.reruns: list[float] = []
        self.by_page: dict[str, list[float]] = {}
        self.exceptions = self.failed = self.signed_in = 0
        self._chance = random.Random(seed)  # noqa: S311

    async def look(self, browser: Browser, seconds: float, come: float) -> None:
        """Be one of them: come, look around, leave."""
        chance = random.Random(self._chance.random())  # noqa: S311
        await asyncio.sleep(chance.uniform(0, come))
        self.first.append(1000 * await browser.open())
        end = asyncio.get_running_loop().time() + seconds
        page = "overview"
        while asyncio.get_running_loop().time() < end:
            await asyncio.sleep(chance.uniform(*READS))
            page = chance.choice(VIEWS) if chance.random() < 0.5 else page
            took = 1000 * await browser.rerun(page)
            self.reruns.append(took)
            self.by_page.setdefault(page, []).append(took)
        self.signed_in += "Sign out" in browser.buttons
        self.exceptions += browser.exceptions
        await browser.close()

    async def all(self, address: str, tokens: list[str], seconds: float) -> None:
        """Let everybody come within a quarter of the time."""
        visits = (self.look(Browser(address, t), seconds, seconds / 4) for t in tokens)
        ended = await asyncio.gather(*visits, return_exceptions=True)
        for problem in ended:
            if problem is not None:
                self.failed += 1
                sys.stderr.write(f"{type(problem).__name__}: {problem}\n")


def signed_in(number: int) -> list[str]:
    """Return the tokens of so many open sessions of the first administrator."""
    from app.accounts import sessions
    from app.accounts.users import FIRST_ADMIN

    return [sessions.begin(FIRST_ADMIN) for _ in range(number)]


def main() -> None:
    """Look, and print how long it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--browsers", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=120)
    asked = parser.parse_args()
    server = Server(new_home("browsers")).start("--sample")
    wait_for(lambda: server.seconds_idle() > 3, 90, every=0.5)
    tokens = signed_in(asked.browsers + 1)
    alone = Visit(0)  # the first visitor pays for imports; he is not counted
    asyncio.run(alone.all(server.address, tokens[:1], 25))
    visit = Visit(1)
    before, spent = server.megabytes(), server.cpu_seconds()
    asyncio.run(visit.all(server.address, tokens[1:], asked.seconds))
    after, spent = server.megabytes(), server.cpu_seconds() - spent
    server.stop()
    for page, waits in sorted(visit.by_page.items()):
        sys.stdout.write(
            f"  {page:<10} {len(waits):>5} times, p50 {share(waits, 0.5):>6.0f} ms, "
            f"p95 {share(waits, 0.95):>6.0f} ms\n"
        )
    rerun = share(visit.reruns, 0.95)
    print_table(
        f"{asked.browsers} signed-in browsers for {asked.seconds:g} s",
        [
            ("reruns", len(visit.reruns), len(visit.reruns) > 0),
            ("rerun, p50 ms", round(share(visit.reruns, 0.5)), True),
            ("rerun, p95 ms", round(rerun), rerun < 500),
            (
                "server's CPU ms each",
                round(1000 * spent / sum(map(len, visit.by_page.values()))),
                True,
            ),
            ("signed in to the end", visit.signed_in, visit.signed_in == asked.browsers),
            ("first page, p95 ms", round(share(visit.first, 0.95)), True),
            ("visits that failed", visit.failed, visit.failed == 0),
            ("exceptions shown", visit.exceptions, visit.exceptions == 0),
            ("MB more than before", round(after - before), after < 1536),
        ],
    )


if __name__ == "__main__":
    main()
