"""Intervals hold what they promise where the model is the truth, in every class of customers."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from scipy.stats import binom

import clvcore as clv
from clvcore.features import take_outcome, take_snapshot
from clvcore.members.moments import hurdle_of, hurdle_of_published
from clvcore.members.published import create
from clvcore.members.seasonal import Seasonal
from clvcore.records.horizon import Grid
from clvcore.sample import ShopParameters, simulate_shop

AS_OF, END = dt.date(2024, 3, 31), dt.date(2024, 12, 31)
DAYS = (END - AS_OF).days
GRID = Grid(as_of=AS_OF, days=(DAYS,), months=(9.0,))
MAPPING = {"customer_id": "customer_id", "date": "date", "amount": "amount"}
SEEDS = (11, 12, 13)


def world(seed):
    shop = simulate_shop(
        ShopParameters(customers=3_000, last_join_day=AS_OF, r=0.6, alpha=5.0), seed=seed
    )
    transactions = clv.read_transactions(shop, mapping=MAPPING)
    snapshot = take_snapshot(transactions, as_of=AS_OF)
    outcome = take_outcome(transactions, snapshot, end=END)
    return snapshot, outcome.customers["revenue"].to_numpy()


@pytest.fixture(scope="module")
def worlds():
    return [world(seed) for seed in SEEDS]


def published(snapshot):
    fitted = create("bg_nbd").fit(snapshot)
    return hurdle_of_published(fitted, snapshot, fitted.expected(snapshot, GRID), horizon_days=DAYS)


def seasonal(snapshot):
    base = Seasonal().fit(snapshot)
    return hurdle_of(base, snapshot, base.expected(snapshot, GRID), horizon_days=DAYS)


@pytest.mark.parametrize("make", [published, seasonal])
@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
def test_intervals_hold_at_least_what_they_promise_and_little_more(worlds, make, level):
    held, customers, nothing = 0, 0, 0
    for snapshot, revenue in worlds:
        lower, upper = make(snapshot).shipped(level)
        held += int(((lower <= revenue) & (revenue <= upper)).sum())
        customers += len(revenue)
        nothing += int((revenue == 0).sum())
    # parameters are estimated and days are whole: two points beside the binomial band
    assert held >= binom.ppf(0.005, customers, level) - 0.02 * customers
    # nobody can be held less often than he buys nothing
    assert held / customers <= max(level, nothing / customers) + 0.05


def test_the_silent_are_bounded_by_nothing(worlds):
    snapshot, _ = worlds[0]
    lower, _ = seasonal(snapshot).shipped(0.95)
    silent = snapshot.customers["days_since_last"].to_numpy() > 300
    assert silent.sum() > 100
    assert (lower[silent] == 0).all()
    assert np.isfinite(lower).all()
