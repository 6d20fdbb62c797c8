"""The first day: sign in, load the sample, forecast, see a chart, take the list away."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_from_the_first_sign_in_to_a_list_in_hand(steps, dashboard, context):
    page = steps.open(context, dashboard.address + "/data")
    steps.sign_in(page, dashboard, "not the password")
    expect(page.get_by_text("do not belong together").first).to_be_visible()
    steps.settled(page)
    steps.sign_in(page, dashboard)
    steps.signed_in(page)
    steps.go(page, "Data", dashboard.address + "/data")

    page.get_by_role("button", name="Use the sample shop").click()
    expect(page.get_by_text("Where every row and every cent went").first).to_be_visible()
    steps.settled(page)

    steps.go(page, "Forecast", dashboard.address + "/forecast")
    page.get_by_test_id("stMain").get_by_role("button", name="Forecast", exact=True).click()
    chart = page.locator(".js-plotly-plot .main-svg").first
    expect(chart).to_be_visible()
    steps.settled(page)
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

    steps.go(page, "Customers", dashboard.address + "/customers")
    page.get_by_role("button", name="Export").click()
    content = steps.taken(page, "Prepare the file", dashboard.address)
    page.keyboard.press("Escape")
    table = pd.read_csv(io.BytesIO(content), dtype={"customer_id": str})
    assert len(table) > 3000
    assert table["customer_id"].is_unique
    assert (table["clv_lower"] <= table["clv"]).all()
    assert (table["clv"] <= table["clv_upper"]).all()
    assert set(table["segment"]) == {"high", "medium", "low"}


def test_the_first_page_opens_at_its_own_address(steps, dashboard, context):
    page = steps.open(context, dashboard.address + "/overview")
    steps.sign_in(page, dashboard)
    steps.signed_in(page)
    expect(page).to_have_url(dashboard.address + "/overview")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_count(1)
    shown = heading.inner_text()
    expect(page.get_by_text("Page not found")).to_have_count(0)
    steps.go(page, "Overview", dashboard.address + "/")
    expect(heading).to_have_text(shown)


def test_the_cookie_survives_a_reload_and_dies_with_the_sign_out(
    steps, dashboard, new_context, context
):
    page = steps.open(context, dashboard.address)
    steps.sign_in(page, dashboard)
    steps.signed_in(page)
    steps.has_cookie(context)
    assert "clv_session" not in page.evaluate("() => document.cookie")
    page.goto(dashboard.address + "/customers")
    steps.signed_in(page)
    expect(page).to_have_url(dashboard.address + "/customers")

    copied = [cookie for cookie in context.cookies() if cookie["name"] == "clv_session"]
    assert (copied[0]["sameSite"], copied[0]["httpOnly"]) == ("Strict", True)
    other_tab = steps.open(context, dashboard.address + "/trust", "Language")
    steps.signed_in(other_tab)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("User name").first).to_be_visible()
    steps.has_cookie(context, there=False)
    other_tab.reload()
    expect(other_tab.get_by_label("User name").first).to_be_visible()

    thief = new_context()
    thief.add_cookies(copied)
    stolen = steps.open(thief, dashboard.address)
    expect(stolen.get_by_role("button", name="Sign out")).to_have_count(0)
