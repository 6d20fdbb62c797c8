"""The Overview page: one forecast at a glance, and what changed since the one before."""

from __future__ import annotations

import datetime as dt
from urllib.parse import parse_qs

import numpy as np
import pytest

from app.services import datasets, new_run, runs
from app.words.text import words_for
from clvcore.records.config import ForecastConfig
from clvcore.runs.comparison import compare
from clvcore.sample import sample_orders
from clvcore.value.actions import action_plan

W = words_for("en")


def _links(page) -> list[tuple[str, dict[str, list[str]]]]:
    return [(e.proto.page, parse_qs(e.proto.query_string)) for e in page.get("page_link")]


def _metrics(page) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def test_the_five_figures_are_those_of_the_run(filled_home, open_page):
    customers = runs.load("local", filled_home.run_id).customers
    shown = _metrics(open_page("overview"))
    high = customers[customers["segment"] == "high"]["clv"].sum() / customers["clv"].sum()
    assert shown == {
        "Expected, 12 months": W.money(customers["clv"].sum(), "EUR"),
        "Customers": W.count(len(customers)),
        "Still customers": W.count(customers["p_alive"].sum()),
        "Per customer": W.money(customers["clv"].mean(), "EUR"),
        "High value’s share": W.percent(high),
    }


def test_the_three_groups_with_most_at_stake_lead_to_their_customers(filled_home, open_page):
    run = runs.load("local", filled_home.run_id)
    top = action_plan(run.customers, uplift=0.1).head(3)
    page = open_page("overview")
    groups = [query for _, query in _links(page) if query]
    assert groups == [
        {"value": [segment], "risk": [risk]}
        for segment, risk in zip(top["segment"], top["risk"], strict=True)
    ]
    for stake, cap in zip(top["value_at_stake"], top["spending_cap"], strict=True):
        assert W.money(stake, "EUR") in page.said
        assert f"spend at most {W.money(cap, 'EUR')}" in page.said
    page.button(key="open-slipping").click().run()
    assert not page.exception
    listed = next(f.value for f in page.dataframe if "at_stake" in f.value.columns)
    slipping = run.customers["risk"].isin(["cooling", "at_risk"])
    assert set(listed["customer"]) == set(run.customers.index[slipping])


def test_an_executive_reads_the_groups_without_a_way_to_customers(filled_home, open_page):
    page = open_page("overview", role="executive")
    assert "at stake: act on these first" in page.said
    assert [query for _, query in _links(page) if query] == []
    assert "open-slipping" not in page.keys
    assert "report-prepare" in page.keys


def test_without_an_earlier_forecast_nothing_is_compared(filled_home, open_page):
    page = open_page("overview")
    assert "Nothing to compare yet" in page.said
    assert all(not metric.delta for metric in page.metric)


def test_a_second_forecast_is_compared_and_split(filled_home, open_page):
    first = runs.find("local", filled_home.run_id)
    earlier = first.as_of - dt.timedelta(days=60)
    made = [
        new_run.start("local", "ana", filled_home.dataset_id, config).id
        for config in (
            ForecastConfig(model="naive", as_of=earlier),
            ForecastConfig(model="naive"),
        )
    ]
    page = open_page("overview")
    change = compare(*(runs.load("local", run_id) for run_id in made))
    for part in (change.stayed, change.joined, change.left):
        assert W.money(abs(part.change), "EUR") in page.said
    share = change.after.clv / change.before.clv - 1
    assert page.metric[0].delta == f"{share:+.1%}"
    assert change.stayed.change + change.joined.change + change.left.change == pytest.approx(
        change.change
    )


def test_a_run_that_was_never_measured_draws_no_fan_and_says_so(filled_home, open_page, rewrite):
    run = runs.load("local", filled_home.run_id)
    unknown = {"lower": np.nan, "upper": np.nan}
    rewrite(
        common=None,
        totals=run.totals.assign(clv_lower=np.nan, clv_upper=np.nan),
        timeline=run.timeline.assign(**unknown),
    )
    page = open_page("overview")
    assert not page.exception
    assert "Its range is not measured yet." in page.said
    assert "nan" not in page.said.casefold()


def test_the_sample_opens_with_one_click(empty_home, open_page, monkeypatch):
    monkeypatch.setattr(datasets, "sample_orders", lambda: sample_orders(150, seed=5))
    page = open_page("overview")
    page.button(key="try-sample").click().run()
    assert not page.exception
    (entry,) = runs.list_runs("local")
    assert "should spend" in page.titles[0]
    assert W.money(entry.clv, "EUR") in page.titles[0]


def test_an_executive_cannot_start_anything(empty_home, open_page):
    page = open_page("overview", role="executive")
    assert not {"to-data", "try-sample", "try-cdnow"} & page.keys
