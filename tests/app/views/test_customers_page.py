"""The Customers page: a list that filters, is shared by address, and leaves with those who may."""

from __future__ import annotations

import pandas as pd
import pytest

from app.accounts.users import find_user
from app.services import runs
from app.services.downloads import take
from app.words.text import words_for


def _listed(page) -> pd.DataFrame:
    return next(f.value for f in page.dataframe if "at_stake" in f.value.columns)


def test_filters_narrow_the_list_and_its_figures(filled_home, open_page):
    run = runs.load("local", filled_home.run_id)
    page = open_page("customers")
    assert len(_listed(page)) == len(run.customers)
    page.pills(key="value").set_value(["high"]).run()
    page.pills(key="risk").set_value(["cooling", "at_risk"]).run()
    kept = run.customers[
        (run.customers["segment"] == "high") & run.customers["risk"].isin(["cooling", "at_risk"])
    ]
    assert set(_listed(page)["customer"]) == set(kept.index)
    assert "high-value customer" in page.titles[0]
    assert words_for("en").money(kept["clv"].sum(), "EUR") in page.said


def test_filters_live_in_the_address(filled_home, open_page):
    run = runs.load("local", filled_home.run_id)
    wanted = str(run.customers.index[7])
    page = open_page("customers", find=wanted)
    assert list(_listed(page)["customer"]) == [wanted]


def test_a_shared_address_means_the_same_in_every_language(filled_home, open_page):
    page = open_page("customers")
    page.pills(key="value").set_value(["high"]).run()
    page.pills(key="risk").set_value(["cooling", "at_risk"]).run()
    address = {name: page.query_params[name] for name in ("value", "risk")}
    assert address == {"value": "high", "risk": ["cooling", "at_risk"]}
    there = open_page("customers", language="pt", **address)
    assert set(_listed(there)["customer"]) == set(_listed(page)["customer"])


def test_an_address_with_unknown_filters_shows_everybody(filled_home, open_page):
    run = runs.load("local", filled_home.run_id)
    page = open_page("customers", value=["huge"], risk=["<b>"], cohort="1066")
    assert not page.exception
    assert len(_listed(page)) == len(run.customers)


def test_nobody_found_offers_to_clear_the_filters(filled_home, open_page):
    page = open_page("customers", find="no such customer")
    assert page.titles == ["Nobody matches these filters."]
    page.button(key="clear-filters").click().run()
    assert not page.exception
    assert len(_listed(page)) > 1


def test_the_list_starts_with_most_at_stake(filled_home, open_page):
    assert _listed(open_page("customers"))["at_stake"].is_monotonic_decreasing


@pytest.mark.parametrize(("role", "may"), [("marketing", False), ("analyst", True)])
def test_only_those_who_may_export_see_the_menu(filled_home, open_page, role, may):
    page = open_page("customers", role=role)
    assert ("export-prepare" in page.keys) is may


def test_a_list_is_prepared_and_offered_by_a_link_that_works_once(filled_home, open_page):
    page = open_page("customers", role="analyst")
    page.button(key="export-prepare").click().run()
    assert not page.exception
    (link,) = page.get("link_button")
    assert link.proto.url.startswith("/exports/")
    analyst = find_user("analyst")
    assert analyst
    file = take(link.proto.url.rpartition("/")[2], analyst)
    assert file.content.decode("utf-8-sig").startswith("customer_id,clv,")
    # a reader who goes on finds no old link
    assert not page.run().get("link_button")


def test_value_and_chance_narrow_the_list_from_the_address(filled_home, open_page):
    run = runs.load("local", filled_home.run_id)
    page = open_page("customers", value_from="50", value_to="400", chance=["20", "60"])
    kept = run.customers[
        run.customers["clv"].between(50, 400) & run.customers["p_alive"].between(0.2, 0.6)
    ]
    assert 0 < len(kept) < len(run.customers)
    assert set(_listed(page)["customer"]) == set(kept.index)
    total = run.total(kept.index)
    span = words_for("en").money_range(total["clv_lower"], total["clv_upper"], "EUR")
    assert span in page.said


def test_order_and_columns_are_kept_in_the_address(filled_home, open_page):
    page = open_page("customers")
    page.selectbox(key="order").set_value("last_purchase").run()
    page.pills(key="columns").set_value(["clv", "last_purchase"]).run()
    assert _listed(page)["last_purchase"].is_monotonic_increasing
    address = {name: page.query_params[name] for name in ("order", "columns")}
    there = open_page("customers", language="es", **address)
    assert list(_listed(there)["customer"]) == list(_listed(page)["customer"])
    assert there.pills(key="columns").value == ["clv", "last_purchase"]


def test_an_order_nobody_knows_is_the_usual_one(filled_home, open_page):
    page = open_page("customers", order="<b>", columns=["nothing"])
    assert not page.exception
    assert _listed(page)["at_stake"].is_monotonic_decreasing
