"""Seconds from the start of ``clv serve`` to the sign-in form and to the first page behind it.

``python tests/benchmarks/first_page.py --times 5`` fills a home with the sample shop, then starts
the server again and again and visits it with a browser that was running before. Each line is one
start: seconds until the server says that it is there, until the form can be filled in, and from
"Sign in" until the overview shows its figures; the last line has the medians. ``--empty`` is a
home without any orders. The processor time is the server's own, without its workers.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

CLV = Path(sys.executable).with_name("clv")
PATIENCE = 120_000
DRAWN = """() => document.querySelector("[data-testid=stApp]").dataset.testScriptState
    === "notRunning" && !document.querySelector("[data-stale=true]")"""
HEADER = "  ready s  form s  page s  server cpu at form  at page"


@dataclass(frozen=True)
class Start:
    """One start; seconds."""

    ready: float
    form: float
    page: float
    cpu_form: float
    cpu_page: float


@contextmanager
def serving(home: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], float, str]]:
    """Run the server; give the process, the moment it began, and what it said when it was ready."""
    began = time.perf_counter()
    server = subprocess.Popen(
        [CLV, "serve", "--port", "0", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, env={**os.environ, "CLV_HOME": str(home)},
    )  # fmt: skip
    try:
        said = ""
        while "http://" not in said:
            line = server.stdout.readline()
            if not line:
                raise SystemExit(f"the server did not start: {said}")
            said += line
        yield server, began, said
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=60)


def first_day(home: Path, *words: str) -> str:
    """Make a home, and wait until its forecast is there; return the administrator's password."""
    with serving(home, *words) as (_, _, said):
        end = time.monotonic() + 120
        while words and not list(home.glob("**/runs/*/manifest.json")):
            if time.monotonic() > end:
                raise SystemExit("the sample shop was not forecast")
            time.sleep(0.5)
        return re.search(r"password\s+(\S+)", said)[1]


def visit(browser: Browser, home: Path, password: str) -> Start:
    """Start the server, sign in, and wait for the page."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 1000})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    with serving(home) as (server, began, said):
        ready = time.perf_counter() - began
        page.goto(re.search(r"http://\S+", said)[0], wait_until="commit")
        page.get_by_label("User name").first.wait_for()
        form, cpu_form = time.perf_counter() - began, _cpu(server.pid)
        page.locator("input[type=text]").first.fill("admin")
        page.locator("input[type=password]").fill(password)
        asked = time.perf_counter()
        page.get_by_test_id("stFormSubmitButton").get_by_role("button").click()
        page.get_by_role("button", name="Sign out").first.wait_for()
        page.wait_for_function(DRAWN, polling=20)
        took = time.perf_counter() - asked
        cpu_page = _cpu(server.pid)
    context.close()
    return Start(ready, form, took, cpu_form, cpu_page)


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _line(start: Start) -> str:
    return "{:>9.2f} {:>7.2f} {:>7.2f} {:>19.2f} {:>8.2f}\n".format(*astuple(start))


def main() -> None:
    """Start as often as asked for, and say what each start took."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--times", type=int, default=5)
    ask.add_argument("--empty", action="store_true")
    given = ask.parse_args()
    words = [] if given.empty else ["--sample"]
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder) / "home"
        password = first_day(home, *words)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        sys.stdout.write(f"{HEADER}\n")
        starts = []
        for _ in range(given.times):
            starts.append(visit(browser, home, password))
            sys.stdout.write(_line(starts[-1]))
            sys.stdout.flush()
        columns = zip(*map(astuple, starts), strict=True)
        sys.stdout.write("median:\n" + _line(Start(*map(statistics.median, columns))))
        browser.close()


if __name__ == "__main__":
    main()
