"""The cohort member: finds planted differences, and is the pool where a cohort is thin."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import clvcore as clv
from clvcore.features import cohort_labels, take_outcome, take_snapshot
from clvcore.members.cohort import MIN_CUSTOMERS, CohortModel
from clvcore.members.seasonal import Seasonal
from clvcore.records.horizon import forecast_grid
from clvcore.records.snapshot import Snapshot
from clvcore.sample import ShopParameters, simulate_shop

MAPPING = {"customer_id": "customer_id", "date": "date", "amount": "amount",
           "attributes": ["channel"]}  # fmt: skip
AS_OF = dt.date(2024, 6, 30)
PLANTED = {
    # the one buys often and stays, the other seldom and leaves
    "web": ShopParameters(customers=1_500, dropout_at_first=True, r=1.5, alpha=8.0, a=0.3, b=5.0),
    "fair": ShopParameters(customers=1_500, dropout_at_first=True, r=0.5, alpha=12.0, a=1.5, b=2.0),
    "stall": ShopParameters(customers=100, dropout_at_first=True, r=0.5, alpha=12.0, a=1.5, b=2.0),
}


@pytest.fixture(scope="module")
def log():
    """Two large channels of known and different parameters, and one too small to tell."""
    parts = [
        simulate_shop(parameters, seed=7 + k).assign(channel=name)
        for k, (name, parameters) in enumerate(PLANTED.items())
    ]
    for name, part in zip(PLANTED, parts, strict=True):
        part["customer_id"] = name + part["customer_id"]
    return clv.read_transactions(pd.concat(parts, ignore_index=True), mapping=MAPPING)


@pytest.fixture(scope="module")
def snapshot(log):
    return take_snapshot(log, as_of=AS_OF)


@pytest.fixture(scope="module")
def grid():
    return forecast_grid(clv.ForecastConfig(horizon_months=6), AS_OF)


@pytest.fixture(scope="module")
def pool(snapshot):
    return Seasonal().fit(snapshot)


@pytest.fixture(scope="module")
def fitted(snapshot, pool):
    return CohortModel("channel").fit(snapshot, pool)


def test_planted_differences_are_found_out_of_time(log, snapshot, grid, pool, fitted):
    actual = take_outcome(log, snapshot, end=dt.date(2024, 12, 30)).customers["revenue"]
    actual = actual.to_numpy(dtype=float)
    labels = cohort_labels(snapshot, "channel").to_numpy()
    own, shared = (
        model.predict(snapshot, grid).prediction.revenue[:, -1] for model in (fitted, pool)
    )

    def ratio(expected, name):
        return expected[labels == name].sum() / actual[labels == name].sum()

    # the pool sees the channel that leaves as if it stayed
    assert ratio(shared, "fair") > 2
    assert ratio(own, "fair") < 1.5
    assert abs(ratio(own, "web") - 1) < 0.12
    assert ((own - actual) ** 2).mean() < 0.97 * ((shared - actual) ** 2).mean()


def test_a_cohorts_rate_lies_on_its_side_of_the_pool(pool, fitted):
    rate = {
        name: fit.parameters["r"] / fit.parameters["alpha"] for name, fit in fitted.fits.items()
    }
    pooled = pool.counts.mbg.parameters
    assert rate["fair"] < pooled["r"] / pooled["alpha"] < rate["web"]


def test_a_thin_cohort_is_the_pool_exactly_and_says_so(snapshot, grid, pool, fitted):
    labels = cohort_labels(snapshot, "channel").to_numpy()
    assert 0 < (labels == "stall").sum() < MIN_CUSTOMERS
    assert set(fitted.fits) == {"web", "fair"}
    whole, member = pool.expected(snapshot, grid), fitted.predict(snapshot, grid).prediction
    thin = labels == "stall"
    for name in ("purchases", "revenue", "p_alive", "p_purchase"):
        assert np.allclose(getattr(member, name)[thin], getattr(whole, name)[thin]), name
    assert (member.revenue[~thin] != whole.revenue[~thin]).any()
    assert (member.p_alive == whole.p_alive).all()
    (notice,) = fitted.notices
    assert notice.code == "COHORT_USES_POOL"
    assert str(notice).startswith("1 of 3 cohorts are too small")


def test_without_cohorts_worth_a_fit_the_member_is_the_pool(snapshot, grid, pool):
    days = CohortModel("month").fit(snapshot, pool)
    assert not days.fits
    member, whole = days.predict(snapshot, grid).prediction, pool.expected(snapshot, grid)
    assert (member.revenue == whole.revenue).all()
    assert (member.p_alive == whole.p_alive).all()


def test_shrinkage_leads_from_the_cohorts_own_fit_to_the_pool(snapshot, pool):
    centre = pool.counts.mbg.theta
    away = [
        np.abs(CohortModel("channel", sd).fit(snapshot, pool).fits["fair"].theta - centre).max()
        for sd in (1e-3, 0.1, 0.3, 1.0)
    ]
    assert away == sorted(away)
    assert away[0] < 0.01
    assert away[-1] > 0.3


def test_what_is_predicted_is_whole_and_in_bounds(snapshot, grid, fitted):
    prediction = fitted.predict(snapshot, grid).prediction
    shape = (len(snapshot.customers), len(grid.days))
    assert prediction.purchases.shape == prediction.revenue.shape == shape
    for table in (prediction.purchases, prediction.revenue):
        assert np.isfinite(table).all()
        assert (table >= 0).all()
        assert (np.diff(table, axis=1) >= 0).all()
    assert (prediction.p_alive <= 1).all()
    assert (prediction.p_purchase >= 0).all()
    assert (prediction.p_purchase <= prediction.p_alive + 1e-12).all()
    assert prediction.index.equals(snapshot.customers.index)


def test_a_cohort_never_seen_is_forecast_by_the_pool(snapshot, grid, pool, fitted):
    elsewhere = replace(snapshot, customers=snapshot.customers.assign(channel="new"))
    elsewhere.customers["channel"] = elsewhere.customers["channel"].astype("str")
    assert (
        fitted.predict(elsewhere, grid).prediction.revenue == pool.expected(snapshot, grid).revenue
    ).all()


def _turned(snapshot, seed=3):
    """The same customers in another order, under other names, in renamed cohorts."""
    order = np.random.default_rng(seed).permutation(len(snapshot.customers))
    customers = snapshot.customers.iloc[order].copy()
    customers.index = pd.Index([f"x{k}" for k in range(len(order))], name="customer_id")
    customers["channel"] = customers["channel"].map({"web": "z", "fair": "a", "stall": "m"})
    row = np.argsort(order)
    purchases = snapshot.purchases.assign(customer=row[snapshot.purchases["customer"]])
    turned = Snapshot(
        as_of=snapshot.as_of,
        first_day=snapshot.first_day,
        customers=customers.astype({"channel": "str"}),
        purchases=purchases.sort_values(["customer", "day"], ignore_index=True),
    )
    return turned, order


def test_order_and_names_of_customers_and_cohorts_play_no_part(snapshot, grid, fitted):
    turned, order = _turned(snapshot)
    other = CohortModel("channel").fit(turned)
    straight, shuffled = (
        fitted.predict(snapshot, grid).prediction,
        other.predict(turned, grid).prediction,
    )
    for name in ("purchases", "revenue", "p_alive", "p_purchase", "purchase_value"):
        assert getattr(shuffled, name) == pytest.approx(getattr(straight, name)[order], rel=1e-9), (
            name
        )


def test_a_column_that_is_not_there_is_refused(snapshot, pool):
    with pytest.raises(clv.DataError, match="shoe_size"):
        CohortModel("shoe_size").fit(snapshot, pool)
