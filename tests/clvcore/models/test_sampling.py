"""Large shops are learned from a part of their customers: the forecast hardly notices."""

from __future__ import annotations

import numpy as np
import pytest

import clvcore as clv
from clvcore.models import sampling
from clvcore.models.sampling import every_kth
from clvcore.sample import sample_orders


@pytest.mark.parametrize("size", [1.0, 7.0])
def test_a_sample_stands_for_everyone_evenly(size):
    rows, sizes = every_kth(np.full(50_000, size))
    assert sizes.sum() == pytest.approx(50_000 * size)
    assert sizes @ rows / sizes.sum() == pytest.approx(25_000, abs=3)
    assert (np.diff(rows) > 0).all()


def test_a_small_shop_is_taken_whole():
    rows, sizes = every_kth(np.ones(30_000))
    assert len(rows) == 30_000
    assert (sizes == 1.0).all()


def test_a_part_of_the_shop_gets_its_part_of_the_sample():
    assert len(every_kth(np.ones(50_000), share=0.25)[0]) == 3_750
    assert len(every_kth(np.ones(50_000), share=0.01)[0]) == sampling.LEAST_FITTED


def test_a_sample_of_a_sixth_moves_the_forecast_by_less_than_a_tenth_of_its_interval(monkeypatch):
    log = clv.read_transactions(sample_orders(3_000, seed=4))
    config = clv.ForecastConfig(horizon_months=6, model="ensemble")
    whole = clv.forecast(log, config)
    monkeypatch.setattr(sampling, "MOST_FITTED", 1_000)
    monkeypatch.setattr(sampling, "SAMPLED", 500)
    monkeypatch.setattr(sampling, "LEAST_FITTED", 100)
    part = clv.forecast(log, config)
    total, other = whole.totals.iloc[0], part.totals.iloc[0]
    assert 0 < abs(other["clv"] - total["clv"]) < (total["clv_upper"] - total["clv_lower"]) / 10
    customers = whole.customers
    moved = (part.customers["clv"].reindex(customers.index) - customers["clv"]).abs()
    width = customers["clv_upper"] - customers["clv_lower"]
    assert (
        moved < width / 10
    ).mean() > 0.9  # with a thirtieth of the sample a real large shop gets
