"""The base of the ensemble: likelihood, clock and order values, on planted truth."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import approx_fprime

import clvcore as clv
from clvcore.features import take_snapshot
from clvcore.models.base import Histories
from clvcore.models.clock import Clock
from clvcore.models.given_alive import expected_given_alive
from clvcore.models.order_value import Orders, OrderValue, soft_cap
from clvcore.models.seasonal_likelihood import Rows, by_row, fit_mode, fit_near, log_likelihood
from clvcore.models.seasonal_mbg import Counts, SeasonalMbg, fit_seasonal
from clvcore.sample import ShopParameters, simulate_shop

MAPPING = {"customer_id": "customer_id", "date": "date", "amount": "amount"}
CHRISTMAS = (0.8, 0.8, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 1.0, 1.5, 2.0)


@pytest.fixture(scope="module")
def cdnow_rows(cdnow):
    histories = Histories.of(take_snapshot(cdnow, as_of=dt.date(1997, 9, 30)))

    def rows(*, drops_at_first):
        return Rows(
            x=histories.frequency,
            t_x=histories.recency,
            age=histories.age,
            z=np.exp(-(histories.age.max() - histories.age) / 6),
            weights=histories.weights.astype(float),
            drops_at_first=drops_at_first,
        )

    return rows


@pytest.mark.parametrize(
    ("drops_at_first", "published", "ll"),
    [
        (True, [0.525, 6.183, 0.891, 1.614], -9582.1357),
        (False, [0.243, 4.414, 0.793, 2.426], -9582.4292),
    ],
)
def test_without_clock_covariate_and_prior_it_is_the_published_model(
    cdnow_rows, drops_at_first, published, ll
):
    rows = cdnow_rows(drops_at_first=drops_at_first)
    theta = fit_mode(rows, prior=False, covariate=False)
    assert np.exp(theta[:4]) == pytest.approx(published, abs=5e-4)
    assert log_likelihood(theta, rows)[0] == pytest.approx(ll, abs=5e-5)


@pytest.mark.parametrize("drops_at_first", [True, False])
def test_the_gradient_is_that_of_the_likelihood(cdnow_rows, drops_at_first):
    rows = cdnow_rows(drops_at_first=drops_at_first)
    theta = np.array([-0.5, 1.8, 0.3, 0.7, 0.2])
    numeric = approx_fprime(theta, lambda point: log_likelihood(point, rows)[0], 1e-6)
    assert log_likelihood(theta, rows)[1] == pytest.approx(numeric, abs=0.05)


def test_expected_purchases_by_quadrature_equal_the_closed_form(cdnow):
    snapshot = take_snapshot(cdnow, as_of=dt.date(1997, 9, 30))
    counts = Counts.of(snapshot)
    fitted = fit_seasonal(counts)
    nodes = fitted.dropout_nodes(np.array([0, 5]))
    many = expected_given_alive(np.array([0.6, 5.6]), np.array([[0.01], [0.01]]), nodes)
    # over a short time nobody drops out: R rho purchases, to second order in rho
    assert many[:, 0] == pytest.approx([0.006, 0.056], rel=0.05)


def shop_with(season, customers=6000, **settings):
    parameters = ShopParameters(
        customers=customers,
        first_day=dt.date(2021, 1, 1),
        last_day=dt.date(2023, 12, 31),
        r=0.8, alpha=8.0, a=0.6, b=4.0,
        season=season,
        **settings,
    )  # fmt: skip
    return clv.read_transactions(simulate_shop(parameters, seed=5), mapping=MAPPING)


def test_a_planted_season_is_found_and_carried_ahead():
    snapshot = take_snapshot(shop_with(CHRISTMAS))
    clock = SeasonalMbg.fit(Counts.of(snapshot)).mbg.clock
    start = pd.Timestamp(snapshot.first_day)
    middle = start + pd.to_timedelta((clock.edges[1:] + clock.edges[:-1]) / 2, unit="D")
    speeds = pd.Series(clock.speeds).groupby(middle.month).mean()
    assert speeds[12] / speeds[6] == pytest.approx(CHRISTMAS[11] / CHRISTMAS[5], rel=0.25)
    ahead = np.diff(clock.ahead(365), prepend=0.0)
    assert ahead[335:].mean() / ahead[150:180].mean() == pytest.approx(2.0 / 0.9, rel=0.3)


def test_a_shop_without_season_keeps_a_nearly_flat_clock():
    clock = SeasonalMbg.fit(Counts.of(take_snapshot(shop_with(None)))).mbg.clock
    settled = clock.speeds[6:]
    assert settled.std() < 0.12


def test_a_season_makes_the_forecast_follow_it():
    transactions = shop_with(CHRISTMAS)
    config = clv.ForecastConfig(as_of="2022-10-31", horizon_months=4, model="probabilistic")
    ahead = clv.forecast(transactions, config).timeline.query("kind == 'forecast'")["purchases"]
    november, december, january, _ = ahead
    assert december > november > january


def test_a_flat_clock_is_the_calendar():
    clock = Clock.flat(100)
    assert clock.edges.tolist() == [0.0, 40.0, 70.0, 100.0]
    assert clock.weeks(np.array([0.0, 35.0, 100.0])) == pytest.approx([0.0, 5.0, 100 / 7])
    assert clock.ahead(14)[-1] == pytest.approx(2.0)
    assert not clock.is_adjustable


def test_a_lone_huge_order_is_capped_and_a_corroborated_one_is_not():
    amount = np.concatenate([np.full(5000, 10.0), [1e6], [1e6, 9e5]])
    owner = np.concatenate([np.repeat(np.arange(2500), 2), [2500], [2501, 2501]])
    capped = soft_cap(owner, amount, np.bincount(owner))
    assert capped[5000] < 1e6 / 10
    assert capped[5001] == 1e6


@pytest.mark.parametrize("amounts", [[0.0] * 20, [5.0] * 20, [1e-6] * 19 + [1e12]])
def test_order_values_are_finite_on_any_amounts(amounts):
    n = np.full(10, 2)
    orders = Orders(n=n, mean=np.add.reduceat(amounts, np.arange(0, 20, 2)) / 2, restored=1.0)
    values = OrderValue.fit(orders).expected(orders)
    assert np.isfinite(values).all()
    assert (values >= 0).all()


def test_the_scores_of_each_row_are_the_slopes_of_its_likelihood():
    generator = np.random.default_rng(5)
    age = generator.uniform(5.0, 60.0, 40)
    x = generator.integers(0, 6, 40)
    rows = Rows(
        x=x, t_x=np.where(x > 0, age * generator.uniform(0.1, 1.0, 40), 0.0), age=age,
        z=generator.uniform(0.0, 1.0, 40), weights=generator.integers(1, 5, 40).astype(float),
        drops_at_first=True,
    )  # fmt: skip
    for bg in (False, True):
        kind = replace(rows, drops_at_first=not bg)
        theta = np.array([-0.3, 1.9, -0.4, 0.8, 0.2])
        _, scores = by_row(theta, kind)
        numeric = approx_fprime(theta, lambda point, kind=kind: by_row(point, kind)[0], 1e-6)
        np.testing.assert_allclose(scores.T, numeric, atol=1e-4)


@pytest.mark.parametrize("shrinkage", [0.1, 0.3, 1.0])
def test_a_group_far_from_the_pool_is_still_fitted_to_its_mode(shrinkage):
    generator = np.random.default_rng(8)
    age = generator.uniform(10.0, 80.0, 3_000)
    x = generator.poisson(generator.gamma(3.0, 0.5, 3_000) * age * 0.5)
    rows = Rows(
        x=x, t_x=np.where(x > 0, age * generator.uniform(0.8, 1.0, 3_000), 0.0), age=age,
        z=np.zeros(3_000), weights=np.ones(3_000), drops_at_first=True,
    )  # fmt: skip
    pool = np.append(np.log([0.62, 5.6, 0.78, 2.6]), 0.0)
    theta = fit_near(rows, pool=pool, shrinkage=shrinkage)
    _, gradient = log_likelihood(theta, rows)
    pull = gradient[:4] - (theta[:4] - pool[:4]) / shrinkage**2
    inside = np.abs(theta[:4]) < 6.99
    assert np.abs(pull[inside]).max() < 1e-2 * len(x)
