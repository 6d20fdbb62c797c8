"""The Customer page: one customer's past, chance, forecast and what to do."""

from __future__ import annotations

import pytest

from app.services import runs
from app.text import words_for


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
        ({"repeats": True, "risk": "lost"}, "only a"),
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
