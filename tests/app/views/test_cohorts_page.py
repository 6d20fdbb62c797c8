"""The Cohorts page: who is worth more, by when they came."""

from __future__ import annotations

from app.services import datasets, new_run, runs
from app.words.text import words_for
from clvcore.records.config import ForecastConfig


def test_the_cohorts_page_compares_the_oldest_fair_cohort_with_the_newest(filled_home, open_page):
    run = runs.load("local", filled_home.run_id)
    w = words_for("en")
    page = open_page("cohorts")
    fair = [
        name for name, cohort in run.cohorts.groupby("cohort") if cohort["customers"].iloc[0] >= 30
    ][1:]
    year = run.cohorts[run.cohorts["month_index"] == 11].set_index("cohort")
    column = "cumulative_value_per_customer"
    before, after = (year.loc[name, column] for name in (fair[0], fair[-1]))
    (title,) = page.titles
    assert w.money(before, "EUR") in title
    assert w.money(after, "EUR") in title
    assert ("worth less" in title) == (after / before <= 0.9)
    assert ("worth more" in title) == (after / before >= 1.1)
    assert "The customers of the first cohort, 2023 Q1, may have been buying before" in page.said


def test_the_cohorts_page_changes_its_measure_and_hides_the_forecast(filled_home, open_page):
    page = open_page("cohorts")
    assert "Dashed: forecast" in page.said
    page.toggle(key="cohort-fill").set_value(False).run()
    assert not page.exception
    assert "forecast" not in page.charts[0].spec
    assert "Dashed: forecast" not in page.said
    page.button_group(key="cohort-measure").set_value("retention").run()
    assert not page.exception
    assert "Share of customers with a purchase in each month" in page.said


def test_cohorts_that_are_nobodys_whole_past_leave_nothing_to_hide(filled_home, open_page):
    config = ForecastConfig(cohort_by=None, model="naive")
    entry = new_run.start("local", "analyst", filled_home.dataset_id, config)
    page = open_page("cohorts")
    assert not page.exception
    assert page.session_state["run_id"] == entry.id
    assert "customers are worth" in page.titles[0]
    assert not page.toggle
    assert "Not grouped" in page.said


def test_a_forecast_without_cohorts_says_how_to_get_them(filled_home, open_page):
    config = ForecastConfig(horizon_days=1, cohort_by="channel", model="naive")
    new_run.start("local", "analyst", filled_home.dataset_id, config)
    page = open_page("cohorts")
    assert not page.exception
    assert page.titles == ["This forecast holds no cohorts yet."]
    page.button(key="to-forecast")
    assert not open_page("cohorts", role="executive").exception


def test_customers_are_grouped_anew_by_what_the_orders_know(filled_home, open_page):
    page = open_page("cohorts")
    group = page.button_group(key=f"cohort-by-{filled_home.run_id}")
    assert list(group.options) == ["Month", "Quarter", "Year", "channel", "country"]
    group.set_value("channel").run()
    assert not page.exception
    assert "Grouped by channel" in page.said
    assert "are worth most" in page.titles[0] or "customers are worth" in page.titles[0]


def test_without_its_orders_a_run_keeps_its_own_grouping(filled_home, open_page):
    datasets.delete("local", filled_home.dataset_id)
    page = open_page("cohorts")
    assert not page.exception
    assert "Grouped by quarter of first purchase" in page.said
    assert [g.key for g in page.button_group] == ["cohort-measure"]


def test_a_cost_for_all_shows_when_each_cohort_pays_it_back(filled_home, open_page):
    page = open_page("cohorts")
    assert "What does it cost to win a customer?" in page.said
    page.number_input(key="payback-cost").set_value(20.0).run()
    assert not page.exception
    assert "What does it cost to win a customer?" not in page.said
    assert "passes the cost of winning the customer" in page.said
    assert "Value ÷ cost at the end of" in page.said
