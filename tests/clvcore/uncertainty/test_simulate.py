"""Simulated intervals hold what they promise where the model is the truth."""

from __future__ import annotations

import datetime as dt

import pytest
from scipy.stats import binom

import clvcore as clv
from clvcore.features import take_outcome, take_snapshot
from clvcore.models import create
from clvcore.sample import ShopParameters, simulate_shop
from clvcore.uncertainty import simulate_bounds

AS_OF, END = dt.date(2024, 3, 31), dt.date(2024, 12, 31)
MAPPING = {"customer_id": "customer_id", "date": "date", "amount": "amount"}


def bounds(fitted, snapshot, level, draws=600):
    return simulate_bounds(
        fitted,
        snapshot,
        horizon_days=(END - AS_OF).days,
        level=level,
        seed=0,
        draws=draws,
    )


@pytest.fixture(scope="module")
def world():
    shop = simulate_shop(
        ShopParameters(customers=4000, last_join_day=AS_OF, r=0.6, alpha=5.0), seed=11
    )
    transactions = clv.read_transactions(shop, mapping=MAPPING)
    snapshot = take_snapshot(transactions, as_of=AS_OF)
    outcome = take_outcome(transactions, snapshot, end=END)
    return snapshot, create("bg_nbd").fit(snapshot), outcome.customers["revenue"].to_numpy()


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
def test_intervals_hold_at_least_what_they_promise_and_little_more(world, level):
    snapshot, fitted, revenue = world
    lower, upper = bounds(fitted, snapshot, level)
    held = int(((lower <= revenue) & (revenue <= upper)).sum())
    n = len(revenue)
    # parameters are estimated and days are whole: two points beside the binomial band
    assert held >= binom.ppf(0.005, n, level) - 0.02 * n
    # nobody can be held less often than he buys nothing
    nothing = float((revenue == 0).mean())
    assert held / n <= max(level, nothing) + 0.05


def test_intervals_are_nested_and_start_at_nothing_where_nothing_is_likely(world):
    snapshot, fitted, _ = world
    narrow, wide = bounds(fitted, snapshot, 0.8), bounds(fitted, snapshot, 0.95)
    assert (wide[0] <= narrow[0]).all()
    assert (narrow[1] <= wide[1]).all()
    silent = snapshot.customers["days_since_last"].to_numpy() > 300
    assert silent.sum() > 100
    assert (wide[0][silent] == 0).all()


def test_more_draws_refine_the_same_interval(world):
    snapshot, fitted, _ = world
    few = bounds(fitted, snapshot, 0.9, draws=600)[1].sum()
    many = bounds(fitted, snapshot, 0.9, draws=3000)[1].sum()
    assert few == pytest.approx(many, rel=0.02)
