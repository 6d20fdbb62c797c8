"""The hurdle: exact mean, nested bounds, and moments that agree with simulation."""

from __future__ import annotations

import datetime as dt
import itertools

import numpy as np
import pytest

from clvcore.features import take_snapshot
from clvcore.models.seasonal import Seasonal
from clvcore.models.seasonal_mbg import Counts
from clvcore.uncertainty import Hurdle, hurdle_of

HURDLE = Hurdle(buys=np.array([0.05, 0.4, 0.9, 0.999]), spread=np.array([1.0, 0.5, 2.0, 0.1]))
MEAN = np.array([1.0, 10.0, 50.0, 200.0])


def test_the_mean_of_the_distribution_is_the_forecast():
    at = (np.arange(20_000) + 0.5) / 20_000
    drawn = np.array([HURDLE.quantile(MEAN, np.full(4, u)) for u in at])
    assert drawn.mean(axis=0) == pytest.approx(MEAN, rel=0.02)
    assert drawn.var(axis=0) == pytest.approx(HURDLE.variance(MEAN), rel=0.1)


def test_nothing_is_the_quantile_up_to_the_chance_of_not_buying():
    assert (HURDLE.quantile(MEAN, 1.0 - HURDLE.buys) == 0).all()
    assert (HURDLE.quantile(MEAN, 1.0 - HURDLE.buys * 0.99) > 0).all()


def test_bounds_are_nested_over_levels():
    levels = (0.5, 0.8, 0.9, 0.95, 0.99)
    bounds = [HURDLE.bounds(MEAN, level) for level in levels]
    for (low, high), (lower, higher) in itertools.pairwise(bounds):
        assert (lower <= low + 1e-12).all()
        assert (higher >= high - 1e-12).all()


def test_the_chance_to_buy_and_the_spread_agree_with_simulation(cdnow):
    snapshot = take_snapshot(cdnow, as_of=dt.date(1997, 9, 30))
    base = Seasonal().fit(snapshot)
    rows = np.flatnonzero(snapshot.customers["frequency"].to_numpy() == 3)[:1]
    hurdle = hurdle_of(base, snapshot, horizon_days=182)
    counts = Counts.of(snapshot)
    rng, draws, mbg = np.random.default_rng(3), 400_000, base.counts.mbg
    shape, unit = (float(each[rows[0]]) for each in mbg.rates(counts))
    psi = 0.1
    known = shape / (1 + psi * shape)
    rho = unit * mbg.clock.ahead(182)[-1] * shape / known
    _, _, a, b = np.exp(mbg.theta[:4])
    alive = rng.random(draws) < mbg.p_alive(counts)[rows[0]]
    wanted = rng.poisson(rng.gamma(known, size=draws) * rho)
    allowed = rng.geometric(np.maximum(rng.beta(a, b + 3 + 1, size=draws), 1e-12))
    n = np.where(alive, np.minimum(wanted, allowed), 0)
    p, q = base.amounts.p, base.amounts.q
    spend = rng.gamma(p * n) / rng.gamma(q + 4 * p, size=draws)
    bought = spend[n > 0]
    assert (n > 0).mean() == pytest.approx(hurdle.buys[rows[0]], abs=0.004)
    spread = bought.var() / bought.mean() ** 2
    assert hurdle.spread[rows[0]] == pytest.approx(spread, rel=0.05)
