"""Take a picture of every page: ``make screenshots``. Light and dark, wide and narrow, to look at.

The server runs on the sample shop in a home of its own; the pictures go to ``screenshots/``.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
from playwright.sync_api import Browser, Page, sync_playwright

PAGES = (
    "overview", "segments", "customers", "customer", "cohorts", "trust", "data", "forecast", "runs",
    "admin",
)  # fmt: skip
LOOKS = (("light", 1440), ("dark", 1440), ("light", 400), ("dark", 400))
OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
TALLEST = 5200
PATIENCE = 180_000  # milliseconds; a machine that is busy elsewhere needs them


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("screenshots"))
    parser.add_argument("--languages", default="en", help="such as en,es,pt")
    parser.add_argument("--pages", default=",".join(PAGES))
    asked = parser.parse_args()
    asked.out.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        server, address, password = start(Path(home))
        try:
            customer = customer_of(Path(home))
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=shutil.which("chromium"), args=OPTIONS
                )
                for language in asked.languages.split(","):
                    for theme, width in LOOKS:
                        shoot(browser, address, password, asked, customer, language, theme, width)
                browser.close()
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=60)


def start(home: Path) -> tuple[subprocess.Popen[str], str, str]:
    """Start the server; return it, its address and the password it made."""
    command = [Path(sys.executable).with_name("clv"), "serve", "--sample", "--port", "0"]
    server = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=home,
        env={**os.environ, "CLV_HOME": str(home / "home")},
    )  # fmt: skip
    said = ""
    for line in server.stdout:
        said += line
        if "http://" in line:
            break
    address, password = re.search(r"http://\S+", said), re.search(r"password\s+(\S+)", said)
    if address is None or password is None:
        raise SystemExit(f"the server did not start: {said}")
    return server, address[0], password[1]


def shoot(
    browser: Browser, address: str, password: str, asked: argparse.Namespace,
    customer: str, language: str, theme: str, width: int,
) -> None:  # fmt: skip
    """Sign in once and take every page in one look."""
    context = browser.new_context(
        viewport={"width": width, "height": 1000}, color_scheme=theme, locale=language
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"{address}/?lang={language}")
    page.locator("input[type=password]").wait_for()
    page.locator("input[type=text]").first.fill("admin")
    page.locator("input[type=password]").fill(password)
    page.get_by_test_id("stFormSubmitButton").get_by_role("button").click()
    page.locator("input[type=password]").wait_for(state="detached")
    settle(page)
    for name in asked.pages.split(","):
        query = f"?id={customer}&lang={language}" if name == "customer" else f"?lang={language}"
        page.set_viewport_size({"width": width, "height": 1000})
        page.goto(f"{address}/{name}{query}")
        settle(page)
        tall = page.evaluate("document.querySelector('[data-testid=stMain]')?.scrollHeight ?? 1000")
        page.set_viewport_size({"width": width, "height": min(int(tall) + 20, TALLEST)})
        settle(page)
        page.screenshot(path=asked.out / f"{name}-{theme}-{width}-{language}.png")
    context.close()


def customer_of(home: Path) -> str:
    """Return a customer worth looking at: the most valuable of those who are at risk."""
    customers = pd.read_parquet(next(home.rglob("customers.parquet")))
    slipping = customers[customers["risk"] == "at_risk"]
    return str(slipping["clv"].idxmax())


def settle(page: Page) -> None:
    """Wait until the script has run, and charts have had a moment to be drawn."""
    page.locator("h1").first.wait_for()
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    time.sleep(1.5)


if __name__ == "__main__":
    main()
