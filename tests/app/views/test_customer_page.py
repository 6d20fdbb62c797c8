"""The Customer page: one customer's past, chance, forecast and what to do."""

from __future__ import annotations

import pytest

from app.services import datasets, runs
from app.services.customers import MOST_FOUND, open_customer
from app.words.text import words_for
from clvcore.value.actions import value_at_stake

HOSTILE = "<img src=x onerror=alert(1)> **b** :material/key: $x$ ![a](http://evil.example/p.png)"


@pytest.fixture
def run(filled_home):
    return runs.load("local", filled_home.run_id)


def _first(customers, *, repeats=None, risk=None):
    chosen = customers
    if repeats is not None:
        chosen = chosen[(chosen["frequency"] > 0) == repeats]
    if risk is not None:
        chosen = chosen[chosen["risk"] == risk]
    return chosen.iloc[0]


@pytest.mark.parametrize(
    ("about", "says"),
    [
        ({"repeats": True, "risk": "active"}, "buys every"),
        ({"repeats": True, "risk": "at_risk"}, "then stopped in"),
        ({"repeats": True, "risk": "lost"}, ": only a"),
        ({"repeats": False}, "bought once"),
    ],
)
def test_each_kind_of_customer_has_its_finding_and_the_numbers_of_the_run(
    run, open_page, about, says
):
    row = _first(run.customers, **about)
    page = open_page("customer", id=row.name)
    assert not page.exception
    assert not page.error
    assert row.name in page.titles[0]
    assert says in page.titles[0]
    w = words_for("en")
    assert w.money(row["clv"], "EUR") in page.said
    assert w.money_range(row["clv_lower"], row["clv_upper"], "EUR") in page.said
    assert w.money(row["revenue_to_date"], "EUR") in page.said
    assert len(page.charts) == 3
    assert all(proto.alt for proto in page.charts)


@pytest.mark.parametrize("language", ["es", "pt"])
def test_the_page_speaks_the_readers_language(run, open_page, language):
    row = _first(run.customers, repeats=True, risk="cooling")
    page = open_page("customer", language=language, id=row.name)
    assert not page.exception
    assert row.name in page.titles[0]
    assert words_for(language).money(row["clv"], "EUR") in page.said


def test_without_an_id_it_offers_those_with_most_at_stake(run, open_page):
    page = open_page("customer")
    assert not page.exception
    assert page.titles == ["Which customer would you like to see?"]
    assert not page.charts
    links = [element.proto for element in page.get("page_link")]
    top = value_at_stake(run.customers).idxmax()
    assert any(f"id={top}" in link.query_string and top in link.label for link in links)


def test_an_unknown_id_is_said_plainly(filled_home, open_page):
    page = open_page("customer", id="nobody-of-that-name")
    assert not page.exception
    assert page.titles == ["There is no customer “nobody-of-that-name” in this forecast."]
    assert not page.charts


def test_a_hostile_id_is_shown_as_text(filled_home, open_page):
    page = open_page("customer", id=HOSTILE)
    assert not page.exception
    assert "<img" in page.titles[0]
    assert r"\<img" in page.title[0].value
    assert not any("<img" in element.proto.body for element in page.get("html"))
    links = [element.proto.label for element in page.get("page_link")]
    assert not any("<img" in label for label in links)


def test_a_part_of_an_id_leads_to_the_one_or_to_a_choice(run, open_page):
    wanted = str(run.customers.index[5])
    assert wanted in open_page("customer", id=wanted.lower()).titles[0]
    page = open_page("customer", id=wanted[:2])
    assert page.titles[0].startswith("Several customers match")
    assert len(page.get("page_link")) == 1 + MOST_FOUND


def test_the_box_finds_a_customer(run, open_page):
    page = open_page("customer")
    wanted = str(run.customers.index[9])
    page.text_input(key="customer-search").set_value(wanted).run()
    assert not page.exception
    assert wanted in page.titles[0]
    assert page.query_params["id"] in (wanted, [wanted])


def test_deleted_orders_leave_what_the_forecast_holds(filled_home, run, open_page):
    datasets.delete("local", filled_home.dataset_id)
    row = run.customers.iloc[0]
    page = open_page("customer", id=row.name)
    assert not page.exception
    assert "The purchases cannot be shown" in page.said
    assert "no longer there" in page.said
    assert words_for("en").money(row["predicted_total_value"], "EUR") in page.said
    assert len(page.charts) == 1


def test_a_run_without_its_clock_still_opens(run, open_page, rewrite):
    rewrite(state=None, common=None)
    page = open_page("customer", id=run.customers.index[0])
    assert not page.exception
    assert "Run the forecast again" in page.said


def test_an_executive_may_not_look_at_one_customer(run, open_page):
    page = open_page("customer", role="executive", id=run.customers.index[0])
    assert "No access" in page.said
    assert not page.charts


def test_what_is_drawn_is_what_the_run_says(filled_home, run):
    entry = runs.find("local", filled_home.run_id)
    row = _first(run.customers, repeats=True, risk="at_risk")
    customer = open_customer("local", entry, row.name)
    purchases = customer.life.purchases()
    assert len(purchases) == row["frequency"] + 1
    assert purchases["amount"].sum() == pytest.approx(row["revenue_to_date"])
    assert customer.path["upper_95"].iloc[-1] == pytest.approx(row["clv_upper"])
    assert customer.at_stake == pytest.approx(row["clv"] * (1 / row["p_alive"] - 1))
    assert customer.cap == pytest.approx(0.1 * customer.at_stake)
