"""The first day: sign in, load the sample, forecast, see a chart, take the list away."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

pytestmark = pytest.mark.browser
PATIENCE = 60_000


@pytest.fixture
def context(browser: Browser):
    """A fresh browser profile; every request that leaves this machine is an error."""
    context = browser.new_context(
        locale="en-GB", viewport={"width": 1440, "height": 1000}, accept_downloads=True
    )
    context.set_default_timeout(PATIENCE)
    abroad = []
    context.on(
        "request",
        lambda request: abroad.append(request.url) if "//127.0.0.1" not in request.url else None,
    )
    yield context
    context.close()
    assert [url for url in abroad if not url.startswith(("data:", "blob:"))] == []


def _sign_in(page: Page, dashboard, password: str | None = None) -> None:
    page.get_by_label("User name").fill(dashboard.username)
    page.locator("input[type=password]").fill(password or dashboard.password)
    page.get_by_role("button", name="Sign in").click()


def _open(context: BrowserContext, dashboard, path: str = "/") -> Page:
    page = context.new_page()
    page.goto(dashboard.address + path)
    return page


def _signed_in(page: Page) -> None:
    expect(page.get_by_role("button", name="Sign out")).to_be_visible(timeout=PATIENCE)


def _settled(page: Page) -> None:
    """Wait until the script has run to its end and what it no longer draws is gone."""
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=PATIENCE)
    expect(page.locator("[data-stale=true]")).to_have_count(0, timeout=PATIENCE)


def test_from_the_first_sign_in_to_a_list_in_hand(dashboard, context, tmp_path: Path):
    page = _open(context, dashboard, "/data")
    _sign_in(page, dashboard, "not the password")
    expect(page.get_by_text("do not belong together")).to_be_visible(timeout=PATIENCE)
    _sign_in(page, dashboard)
    _signed_in(page)
    assert page.url == dashboard.address + "/data"

    page.get_by_role("button", name="Use the sample shop").click()
    expect(page.get_by_text("Where every row and every cent went")).to_be_visible(timeout=PATIENCE)

    page.get_by_role("link", name="Forecast").click()
    page.get_by_test_id("stMain").get_by_role("button", name="Forecast", exact=True).click()
    chart = page.locator(".js-plotly-plot .main-svg").first
    expect(chart).to_be_visible(timeout=PATIENCE)
    selector = page.get_by_role("combobox", name="Forecast shown")
    expect(selector).to_be_visible()
    expect(page.get_by_role("table")).to_contain_text("(shipped)")
    selector.click()
    expect(page.get_by_test_id("stSelectboxVirtualDropdown")).to_contain_text("12 months")
    page.keyboard.press("Escape")
    box = chart.bounding_box()
    assert box is not None
    assert box["width"] > 300
    assert box["height"] > 100
    # every line and band of the figure is a path with points
    assert page.locator(".js-plotly-plot .scatterlayer path[d]").count() > 2

    page.get_by_role("link", name="Customers").click()
    page.get_by_role("button", name="Export").click()
    with page.expect_download(timeout=PATIENCE) as started:
        page.get_by_role("button", name="CSV").click()
    file = tmp_path / "customers.csv"
    started.value.save_as(file)
    table = pd.read_csv(file, dtype={"customer_id": str})
    assert len(table) > 3000
    assert table["customer_id"].is_unique
    assert (table["clv_lower"] <= table["clv"]).all()
    assert (table["clv"] <= table["clv_upper"]).all()
    assert set(table["segment"]) == {"high", "medium", "low"}


def test_the_first_page_opens_at_its_own_address(dashboard, context):
    page = _open(context, dashboard, "/segments")
    _sign_in(page, dashboard)
    _signed_in(page)
    assert page.url == dashboard.address + "/segments"
    heading = page.get_by_role("heading", level=1)
    _settled(page)
    expect(heading).to_have_count(1)
    shown = heading.first.inner_text()
    expect(page.get_by_text("Page not found")).to_have_count(0)
    page.get_by_role("link", name="Segments").click()
    page.wait_for_url(dashboard.address + "/")
    expect(heading).to_have_text(shown)


def test_the_cookie_survives_a_reload_and_dies_with_the_sign_out(dashboard, browser, context):
    page = _open(context, dashboard)
    _sign_in(page, dashboard)
    _signed_in(page)
    page.wait_for_function("document.cookie.includes('clv_session')")
    page.goto(dashboard.address + "/customers")
    _signed_in(page)
    assert page.url.endswith("/customers")

    copied = [cookie for cookie in context.cookies() if cookie["name"] == "clv_session"]
    assert copied[0]["sameSite"] == "Strict"
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("User name")).to_be_visible(timeout=PATIENCE)
    page.wait_for_function("!document.cookie.includes('clv_session')")

    thief = browser.new_context()
    thief.add_cookies(copied)
    stolen = thief.new_page()
    stolen.goto(dashboard.address)
    expect(stolen.get_by_label("User name")).to_be_visible(timeout=PATIENCE)
    expect(stolen.get_by_role("button", name="Sign out")).to_have_count(0)
    thief.close()
