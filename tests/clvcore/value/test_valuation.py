"""Discounting and margin are applied once, to each month's revenue at its middle."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

import clvcore as clv
from clvcore.records.horizon import forecast_grid
from clvcore.value.valuation import monthly_factors, value

REVENUE = np.array([[10.0, 20.0, 40.0]])
GRID = forecast_grid(clv.ForecastConfig(horizon_months=3), dt.date(2024, 6, 30))


def test_without_discount_value_is_revenue_times_margin():
    config = clv.ForecastConfig(horizon_months=3, gross_margin=0.3)
    assert value(REVENUE, GRID, config) == pytest.approx([12.0])


def test_each_month_is_discounted_from_its_middle():
    config = clv.ForecastConfig(horizon_months=3, annual_discount_rate=0.1)
    by_hand = 10 / 1.1 ** (0.5 / 12) + 10 / 1.1 ** (1.5 / 12) + 20 / 1.1 ** (2.5 / 12)
    assert value(REVENUE, GRID, config) == pytest.approx([by_hand], rel=1e-12)


def test_a_month_cut_short_is_discounted_from_the_middle_of_its_part():
    config = clv.ForecastConfig(horizon_days=45, annual_discount_rate=0.1)
    grid = forecast_grid(config, dt.date(2024, 6, 30))
    middle = (1 + 1 + 15 / 31) / 2 / 12
    assert monthly_factors(grid, config)[1] == pytest.approx(1.1**-middle)


def test_a_run_values_its_timeline(shop):
    config = clv.ForecastConfig(horizon_months=6, annual_discount_rate=0.08, gross_margin=0.5)
    run = clv.forecast(shop, config)
    ahead = run.timeline[run.timeline["kind"] == "forecast"]["revenue"].to_numpy()
    factors = 0.5 * 1.08 ** -((np.arange(6) + 0.5) / 12)
    assert run.customers["clv"].sum() == pytest.approx(ahead @ factors, rel=1e-9)
    total = run.customers["predicted_total_value"]
    past = run.customers["revenue_to_date"]
    assert np.allclose(total, past * 0.5 + run.customers["clv"])
