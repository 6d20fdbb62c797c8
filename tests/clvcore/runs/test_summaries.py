"""Forecasts from one row per customer, and the value at three, six and twelve months."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import clvcore as clv
from clvcore.records.errors import DataError, HistoryError, ModelError
from clvcore.runs.summaries import forecast_summaries


@pytest.fixture(scope="module")
def run(cdnow):
    return clv.forecast(cdnow, clv.ForecastConfig(model="mbg_nbd", horizon_months=6))


@pytest.fixture(scope="module")
def summaries(run):
    known = run.customers
    return pd.DataFrame(
        {
            "purchases": known["frequency"] + 1,
            "tenure_days": known["T"],
            "recency_days": known["T"] - known["recency"],
            "revenue": known["revenue_to_date"],
        }
    )


def test_summaries_forecast_what_their_orders_do(run, summaries):
    config = clv.ForecastConfig(model="mbg_nbd", horizon_months=6)
    made = forecast_summaries(summaries.sample(frac=1, random_state=1), config, as_of=run.as_of)
    # purchases need no more than the summary; only the mean amount includes the first purchase
    pd.testing.assert_series_equal(
        made.customers["expected_purchases"], run.customers["expected_purchases"]
    )
    pd.testing.assert_series_equal(made.customers["p_alive"], run.customers["p_alive"])
    assert made.customers["clv"].sum() == pytest.approx(run.customers["clv"].sum(), rel=0.01)
    assert (made.customers["clv_lower"] <= made.customers["clv"]).all()
    assert (made.customers["clv"] <= made.customers["clv_upper"]).all()
    whole = made.totals.set_index("scope").loc["all"]
    assert whole["clv"] == pytest.approx(made.customers["clv"].sum(), rel=1e-12)
    assert whole["clv_lower"] < whole["clv"] < whole["clv_upper"]
    assert made.warnings[0].code == "FROM_SUMMARIES"
    assert made.model == "mbg_nbd"


def test_summaries_refuse_what_they_cannot_carry(summaries):
    day = pd.Timestamp("1998-06-30").date()
    for name in ("ensemble", "ml", "cohort", "lightgbm"):
        with pytest.raises(ModelError) as refused:
            forecast_summaries(summaries, clv.ForecastConfig(model=name), as_of=day)
        assert refused.value.code == "MODEL_NEEDS_ORDERS"
    young = summaries.assign(tenure_days=100, recency_days=20)[summaries["purchases"] < 50]
    with pytest.raises(HistoryError):
        forecast_summaries(young, as_of=day)
    wrong = {"recency_days": 10_000, "purchases": 10_000}
    for column, value in wrong.items():
        broken = summaries.copy()
        broken.iloc[3, broken.columns.get_loc(column)] = value
        with pytest.raises(DataError) as refused:
            forecast_summaries(broken, as_of=day)
        assert refused.value.code == "SUMMARIES_CONTRADICT"
        assert "1 summaries" in str(refused.value)


@pytest.mark.parametrize("months", [1, 4, 18])
def test_milestones_do_not_depend_on_where_the_horizon_ends(cdnow, months):
    config = {"model": "bg_nbd", "annual_discount_rate": 0.1, "gross_margin": 0.4}
    year = clv.forecast(cdnow, clv.ForecastConfig(horizon_months=12, **config))
    other = clv.forecast(cdnow, clv.ForecastConfig(horizon_months=months, **config))
    np.testing.assert_allclose(year.milestones["value_12m"], year.customers["clv"], rtol=1e-9)
    assert (other.milestones.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)
    for column in year.milestones:
        # beyond the horizon the path goes on as the base does, which is not BG/NBD
        allowed = 1e-9 if months == 18 else 0.15
        total = year.milestones[column].sum()
        assert other.milestones[column].sum() == pytest.approx(total, rel=allowed)


def test_milestones_of_a_shop_without_repeat_buyers_go_on_evenly():
    frame = pd.DataFrame(
        {"customer_id": [f"C{i}" for i in range(30)], "amount": 10.0,
         "date": pd.date_range("2023-01-01", periods=30, freq="20D").strftime("%Y-%m-%d")}
    )  # fmt: skip
    run = clv.forecast(clv.read_transactions(frame), clv.ForecastConfig(horizon_months=3))
    total = run.milestones.sum()
    assert total["value_3m"] == pytest.approx(run.customers["clv"].sum(), rel=1e-12)
    assert total["value_12m"] == pytest.approx(4 * total["value_3m"], rel=0.02)
