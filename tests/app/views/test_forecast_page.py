"""The Forecast page: settings, doubts, refusals with a way on, and whose orders it is about."""

from __future__ import annotations

import pandas as pd
import pytest

from app.services import datasets, runs
from app.widgets import forecast_run
from app.words.text import LANGUAGES, words_for
from clvcore.ingest import read_transactions
from clvcore.records.config import ForecastConfig, Segmentation
from clvcore.records.transactions import Transactions
from clvcore.sample import sample_orders


def test_every_doubt_of_the_run_is_listed(filled_home, open_page):
    run = runs.load("local", filled_home.run_id)
    shown = open_page("forecast").said
    assert run.warnings
    for warning in run.warnings:
        assert words_for("en").notice(warning) in shown


def test_the_form_runs_a_forecast_with_its_settings(filled_home, open_page):
    page = open_page("forecast")
    page.slider(key="set-months").set_value(3)
    page.selectbox(key="set-model").set_value("mbg_nbd")
    page.select_slider(key="set-level").set_value(0.8)
    page.number_input(key="set-margin").set_value(40)
    page.number_input(key="set-discount").set_value(10)
    page.selectbox(key="set-segments").set_value((0.1, 0.3))
    page.number_input(key="set-uplift").set_value(25)
    page.checkbox(key="set-short").set_value(True)
    page.send()
    assert not page.exception
    assert page.session_state["run_id"] != filled_home.run_id
    run = runs.load("local", page.session_state["run_id"])
    assert run.model == "mbg_nbd"
    assert run.config == ForecastConfig(
        horizon_months=3, model="mbg_nbd", confidence_level=0.8, gross_margin=0.4,
        annual_discount_rate=0.1, segmentation=Segmentation(high=0.1, medium=0.3, uplift=0.25),
        allow_short_history=True,
    )  # fmt: skip
    assert "3 months" in page.titles[0]
    assert "Margin 40% applied. Discounted at 10% a year." in page.said


def _add(transactions: Transactions) -> None:
    """Save these orders in place of the published sample."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasets, "cdnow_sample", lambda: transactions)
        datasets.add_sample("local", "cdnow")


@pytest.fixture(scope="module")
def short_log() -> Transactions:
    """Four months of orders: too little for a forecast."""
    orders = sample_orders(400, seed=5)
    dates = orders["order_date"].astype("str")
    kept = orders[(dates >= "2023-03-01") & (dates <= "2023-06-30")]
    return read_transactions(kept, currency="EUR")


@pytest.mark.parametrize("language", LANGUAGES)
def test_too_short_a_history_is_refused_with_three_ways_on(
    empty_home, open_page, short_log, language
):
    _add(short_log)
    page = open_page("forecast", language=language).send()
    assert not page.exception
    assert "183" in page.titles[0]  # 1 March to 31 August
    assert {"way-orders", "way-data", "way-short"} <= page.keys
    assert runs.list_runs("local") == []
    page.button(key="way-short").click().run()
    assert not page.exception
    (entry,) = runs.list_runs("local")
    assert entry.config["allow_short_history"] is True


def _one_time_buyers() -> pd.DataFrame:
    days = pd.date_range("2023-01-01", periods=60, freq="7D")
    return pd.DataFrame(
        {"customer_id": [f"C{i}" for i in range(60)], "date": days, "amount": 20.0 + (days.day % 7)}
    )


def test_a_model_that_cannot_be_fitted_offers_automatic(empty_home, open_page):
    _add(read_transactions(_one_time_buyers()))
    page = open_page("forecast")
    page.selectbox(key="set-model").set_value("bg_nbd")
    page.send()
    assert not page.exception
    assert "way-auto" in page.keys
    page.button(key="way-auto").click().run()
    assert not page.exception
    assert len(runs.list_runs("local")) == 1
    assert "Keep in mind" in page.said


def test_progress_names_every_step_of_the_engine(template):
    told = dict.fromkeys(step for step, _ in template.steps)
    assert tuple(told) == forecast_run.STEPS


def test_the_forecast_page_opens_on_the_orders_of_the_forecast_shown(filled_home, open_page):
    datasets.add_sample("local", "cdnow")
    page = open_page("forecast")
    assert page.session_state["dataset_id"] == filled_home.dataset_id
    assert "Expect" in page.titles[0]


def test_choosing_other_orders_on_the_forecast_page_asks_for_their_forecast(filled_home, open_page):
    other = datasets.add_sample("local", "cdnow")
    page = open_page("forecast")
    page.selectbox(key="forecast_dataset").set_value(other.id).run()
    assert not page.exception
    assert page.titles == ["2,357 customers are ready for a forecast."]
    page.switch_page("views/data.py").run()
    assert page.titles == ["All 6,919 rows are ready."]
