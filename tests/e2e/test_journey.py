"""The first day: sign in, load the sample, forecast, see a chart, take the list away."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urljoin

import pandas as pd
import pytest
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = pytest.mark.browser
# Quiet for half a second: a click takes a moment to reach the server, which then says it runs.
# While a script runs, what it left before is still shown, and elements may be there twice.
QUIET = """() => {
    const app = document.querySelector("[data-testid=stApp]")?.dataset
    const quiet = app?.testScriptState === "notRunning"
        && app.testConnectionState === "CONNECTED"
        && !document.querySelector("[data-stale=true]")
    window.quietSince = quiet ? window.quietSince ?? performance.now() : undefined
    return quiet && performance.now() - window.quietSince > 500
}"""


def _settled(page: Page) -> None:
    """Wait until the script has run to its end and what it no longer draws is gone."""
    page.evaluate("window.quietSince = undefined")
    page.wait_for_function(QUIET, polling=50)


def _open(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    expect(page.get_by_label("User name").first).to_be_visible()
    _settled(page)
    return page


def _sign_in(page: Page, dashboard, password: str | None = None) -> None:
    page.get_by_label("User name").fill(dashboard.username)
    page.locator("input[type=password]").fill(password or dashboard.password)
    page.get_by_role("button", name="Sign in").click()


def _signed_in(page: Page) -> None:
    expect(page.get_by_role("button", name="Sign out").first).to_be_visible()
    _settled(page)


def _go(page: Page, name: str, address: str) -> None:
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()
    expect(page).to_have_url(address)
    _settled(page)


def test_from_the_first_sign_in_to_a_list_in_hand(dashboard, context, tmp_path: Path):
    page = _open(context, dashboard.address + "/data")
    _sign_in(page, dashboard, "not the password")
    expect(page.get_by_text("do not belong together").first).to_be_visible()
    _settled(page)
    _sign_in(page, dashboard)
    _signed_in(page)
    expect(page).to_have_url(dashboard.address + "/data")

    page.get_by_role("button", name="Use the sample shop").click()
    expect(page.get_by_text("Where every row and every cent went").first).to_be_visible()
    _settled(page)

    _go(page, "Forecast", dashboard.address + "/forecast")
    page.get_by_test_id("stMain").get_by_role("button", name="Forecast", exact=True).click()
    chart = page.locator(".js-plotly-plot .main-svg").first
    expect(chart).to_be_visible()
    _settled(page)
    expect(page.get_by_role("table").filter(has_text="(shipped)")).to_be_visible()
    box = chart.bounding_box()
    assert box is not None
    assert box["width"] > 300
    assert box["height"] > 100
    # every line and band of the figure is a path with points
    expect(page.locator(".js-plotly-plot .scatterlayer path[d]").nth(2)).to_be_attached()
    page.get_by_role("combobox", name="Forecast shown").click()
    expect(page.get_by_test_id("stSelectboxVirtualDropdown")).to_contain_text("12 months")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stSelectboxVirtualDropdown")).to_have_count(0)

    _go(page, "Customers", dashboard.address + "/customers")
    page.get_by_role("button", name="Export").click()
    page.get_by_role("button", name="Prepare the file").click()
    link = page.locator("a[href*='/exports/']")
    expect(link).to_be_visible()
    answer = page.request.get(urljoin(dashboard.address, link.get_attribute("href") or ""))
    assert answer.status == 200
    file = tmp_path / "customers.csv"
    file.write_bytes(answer.body())
    page.keyboard.press("Escape")
    table = pd.read_csv(file, dtype={"customer_id": str})
    assert len(table) > 3000
    assert table["customer_id"].is_unique
    assert (table["clv_lower"] <= table["clv"]).all()
    assert (table["clv"] <= table["clv_upper"]).all()
    assert set(table["segment"]) == {"high", "medium", "low"}

    # the others are opened for what they load: the browser profile listens to its console
    for name in ("Overview", "Segments", "Cohorts", "Trust", "Runs", "Administration"):
        page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()
        _settled(page)
        expect(page.get_by_role("heading", level=1)).to_have_count(1)


def test_the_first_page_opens_at_its_own_address(dashboard, context):
    page = _open(context, dashboard.address + "/overview")
    _sign_in(page, dashboard)
    _signed_in(page)
    expect(page).to_have_url(dashboard.address + "/overview")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_count(1)
    shown = heading.inner_text()
    expect(page.get_by_text("Page not found")).to_have_count(0)
    _go(page, "Overview", dashboard.address + "/")
    expect(heading).to_have_text(shown)


def test_the_cookie_survives_a_reload_and_dies_with_the_sign_out(dashboard, new_context, context):
    page = _open(context, dashboard.address)
    _sign_in(page, dashboard)
    _signed_in(page)
    page.wait_for_function("() => document.cookie.includes('clv_session')")
    page.goto(dashboard.address + "/customers")
    _signed_in(page)
    expect(page).to_have_url(dashboard.address + "/customers")

    copied = [cookie for cookie in context.cookies() if cookie["name"] == "clv_session"]
    assert copied[0]["sameSite"] == "Strict"
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("User name").first).to_be_visible()
    page.wait_for_function("() => !document.cookie.includes('clv_session')")

    thief = new_context()
    thief.add_cookies(copied)
    stolen = _open(thief, dashboard.address)
    expect(stolen.get_by_role("button", name="Sign out")).to_have_count(0)
