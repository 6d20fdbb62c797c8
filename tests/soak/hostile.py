"""Hostile texts as customers, cohorts, columns, files and people, in a real browser and in files.

``python tests/soak/hostile.py --customers 215``. Every page is opened, and the pages of so many of
the customers: nothing may run, no request may leave the machine, nothing may be said on the
console; and no cell of an export may be a formula.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from pathlib import Path
from urllib.parse import quote

import openpyxl
import pandas as pd
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from hostile_strings import HOSTILE  # noqa: E402
from server import Server, new_home  # noqa: E402
from table import print_table  # noqa: E402

from app.accounts.users import add_user, find_user  # noqa: E402
from app.services import datasets, exports, new_run, runs  # noqa: E402
from app.services.session import identity_of  # noqa: E402
from clvcore.ingest import Mapping  # noqa: E402
from clvcore.records.config import ForecastConfig  # noqa: E402

VIEWS = ("overview", "segments", "cohorts", "trust", "customers", "data", "forecast", "runs",
         "admin")  # fmt: skip
USER, PASSWORD = "hostile", "a canary in a coal mine"
COLUMN = "<img src=x onerror=window.__hit=1>![a](https://evil.example/c.png)"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
NOT_OURS = ("/_stcore/", "Unrecognized feature", "escape its sandboxing", "status of 404")


def fill() -> str:
    """Keep orders of hostile customers and a forecast of them; return the forecast."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["customer", "date", "amount", COLUMN])
    days = pd.date_range("2023-01-01", periods=6 * len(HOSTILE), freq="13h")
    for number, day in enumerate(days):
        customer = HOSTILE[number * 7 % len(HOSTILE)]
        cohort = HOSTILE[number * 7 % len(HOSTILE) // 6 * 6]
        table.writerow([customer, day.strftime("%Y-%m-%d"), 10 + number % 9, cohort])
    name = "<b onclick=alert(1)>![a](https://evil.example/f.png).csv"
    intake = datasets.inspect_upload("local", name, text.getvalue().encode())
    mapping = Mapping(customer_id="customer", date="date", amount="amount", attributes=(COLUMN,))
    saved = datasets.save("local", intake.content_hash, name, mapping, "EUR")
    add_user(USER, PASSWORD, role="admin", name=HOSTILE[0])
    config = ForecastConfig(model="naive", cohort_by=COLUMN)
    return new_run.start("local", USER, saved.id, config).id


class Watch:
    """Everything a page did that it must not."""

    def __init__(self, page: Page, address: str) -> None:
        self.executed: list[str] = []
        self.abroad: list[str] = []
        self.said: list[str] = []
        home = (address, address.replace("http", "ws"), "data:", "blob:")
        page.on("dialog", lambda dialog: (self.executed.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda r: r.url.startswith(home) or self.abroad.append(r.url))
        page.on("console", self._listen)
        page.on("popup", lambda popup: self.abroad.append(popup.url))

    def _listen(self, message) -> None:
        if message.type == "error" and not any(known in message.text for known in NOT_OURS):
            self.said.append(message.text)


def settled(page: Page) -> None:
    """Wait until the page is drawn, move over its charts, and look whether anything ran."""
    page.wait_for_selector("h1", timeout=60_000)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_timeout(700)
    for chart in page.locator(".js-plotly-plot").all()[:6]:
        box = chart.bounding_box()
        if box:
            for part in (0.2, 0.5, 0.8):
                page.mouse.move(box["x"] + part * box["width"], box["y"] + box["height"] / 2)


def formulas(run_id: str) -> int:
    """Return how many cells of the exports a spreadsheet would run."""
    account = find_user(USER)
    assert account is not None
    found = 0
    for kind in ("csv", "xlsx"):
        wish = exports.Wish(format=kind)
        content = exports.export_customers(identity_of(account), run_id, None, wish).content
        if kind == "xlsx":
            for sheet in openpyxl.load_workbook(io.BytesIO(content)):
                found += sum(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)
            continue
        for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))):
            for cell in row:
                found += cell.lstrip(" \ufeff").startswith(FORMULA) and not _is_number(cell)
    return found


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def main() -> None:
    """Open everything, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=20)
    asked = parser.parse_args()
    home = new_home("hostile")
    run_id = fill()
    customers = list(runs.load("local", run_id).customers.index)
    server = Server(home).start()
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=options)
        page = browser.new_context(viewport={"width": 1440, "height": 2400}).new_page()
        page.set_default_timeout(60_000)
        watch = Watch(page, server.address)
        page.goto(server.address)
        page.locator("input[type=text]").first.fill(USER)
        page.locator("input[type=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Sign out").wait_for()
        while not any(cookie["name"] == "clv_session" for cookie in page.context.cookies()):
            page.wait_for_timeout(100)
        addresses = [f"/{view}" for view in VIEWS]
        addresses += [f"/customer?id={quote(str(name))}" for name in customers[: asked.customers]]
        hits = 0
        for address in addresses:
            sys.stderr.write(f"{address[:100]}\n")
            page.goto(server.address + address)
            settled(page)
            hits += bool(page.evaluate("() => 'undefined' !== typeof window.__hit"))
        browser.close()
    server.stop()
    for line in (*watch.executed, *watch.abroad, *watch.said):
        sys.stdout.write(f"  {line[:300]}\n")
    runnable = formulas(run_id)
    print_table(
        f"{len(HOSTILE)} hostile texts, {len(customers)} of them customers",
        [
            ("pages opened", len(addresses), True),
            ("scripts that ran", len(watch.executed) + hits, not watch.executed and not hits),
            ("requests to elsewhere", len(watch.abroad), not watch.abroad),
            ("errors on the console", len(watch.said), not watch.said),
            ("formula cells in exports", runnable, runnable == 0),
            ("tracebacks in the log", server.log().count("Traceback"), True),
        ],
    )


if __name__ == "__main__":
    main()
