"""The Cohorts page: who is worth more, by when they came."""

from __future__ import annotations

from app.services import runs
from app.text import words_for
from clvcore.config import ForecastConfig


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
    entry = runs.start("local", "analyst", filled_home.dataset_id, config)
    page = open_page("cohorts")
    assert not page.exception
    assert page.session_state["run_id"] == entry.id
    assert "customers are worth" in page.titles[0]
    assert not page.toggle
    assert "Not grouped" in page.said


def test_a_forecast_without_cohorts_says_how_to_get_them(filled_home, open_page):
    config = ForecastConfig(horizon_days=1, cohort_by="channel", model="naive")
    runs.start("local", "analyst", filled_home.dataset_id, config)
    page = open_page("cohorts")
    assert not page.exception
    assert page.titles == ["This forecast holds no cohorts yet."]
    page.button(key="to-forecast")
    assert not open_page("cohorts", role="executive").exception
