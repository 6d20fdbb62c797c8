"""Chances and spreads in closed form agree with simulated customers, model by model."""

from __future__ import annotations

import datetime as dt
import itertools

import numpy as np
import pytest

from clvcore.features import take_snapshot
from clvcore.members.moments import hurdle_of, hurdle_of_published
from clvcore.members.published import create
from clvcore.members.seasonal import Seasonal
from clvcore.models.base import Histories
from clvcore.models.given_alive import counted_given_alive, dropout_nodes
from clvcore.models.seasonal_mbg import Counts
from clvcore.models.spend import mean_noise
from clvcore.records.horizon import Grid

DRAWS = 400_000
AS_OF = dt.date(1997, 9, 30)
GRID = Grid(as_of=AS_OF, days=(182,), months=(6.0,))


@pytest.fixture(scope="module")
def snapshot(cdnow):
    return take_snapshot(cdnow, as_of=AS_OF)


def wanted_until_dropout(rng, shape, rho, dropout):
    """Purchases of customers who are alive: a Poisson number, cut short by a geometric one."""
    wanted = rng.poisson(rng.gamma(shape, size=DRAWS) * rho)
    return np.minimum(wanted, rng.geometric(np.maximum(dropout, 1e-12)))


def spend_of(rng, counts, p, b):
    return rng.gamma(p * counts) / rng.gamma(b, size=DRAWS)


def test_the_base_with_drifting_rates(snapshot):
    base = Seasonal().fit(snapshot)
    row = np.flatnonzero(snapshot.customers["frequency"].to_numpy() == 3)[0]
    prediction = base.expected(snapshot, GRID)
    hurdle = hurdle_of(base, snapshot, prediction, horizon_days=182)
    counts, rng, mbg = Counts.of(snapshot), np.random.default_rng(3), base.counts.mbg
    shape, unit = (float(each[row]) for each in mbg.rates(counts))
    known = shape / (1 + 0.1 * shape)  # psi for half a year
    rho = unit * mbg.clock.ahead(182)[-1] * shape / known
    _, _, a, b = np.exp(mbg.theta[:4])
    n = wanted_until_dropout(rng, known, rho, rng.beta(a, b + 3 + 1, size=DRAWS))
    n = np.where(rng.random(DRAWS) < mbg.p_alive(counts)[row], n, 0)
    spend = spend_of(rng, n, base.amounts.p, base.amounts.q + 4 * base.amounts.p)
    # its chance to buy is midway to BG/NBD's
    other = base.counts.bg.p_purchase(counts, 182)[row]
    check(hurdle, row, n, spend, buys=2 * hurdle.shape.buys[row] - other)


@pytest.mark.parametrize("name", ["bg_nbd", "mbg_nbd", "pareto_nbd", "naive"])
def test_the_published_models(snapshot, name):
    fitted = create(name).fit(snapshot)
    row = np.flatnonzero(snapshot.customers["frequency"].to_numpy() == 3)[0]
    prediction = fitted.expected(snapshot, GRID)
    hurdle = hurdle_of_published(fitted, snapshot, prediction, horizon_days=182)
    model, rng, weeks = fitted.purchases, np.random.default_rng(4), 26.0
    histories = Histories.of(snapshot)
    place = histories.inverse[row]
    age = histories.age[place]
    if name == "naive":
        n = rng.poisson(rng.gamma(4.0, size=DRAWS) / (age + 1 / model.rate) * weeks)
    elif name == "pareto_nbd":
        rate = rng.gamma(model.r + 3, size=DRAWS) / (model.alpha + age)
        death = rng.gamma(model.s, size=DRAWS) / (model.beta + age)
        life = rng.exponential(size=DRAWS) / np.maximum(death, 1e-300)
        n = rng.poisson(rate * np.minimum(life, weeks))
    else:
        stays = model.b + 3 + (1.0 if name == "mbg_nbd" else 0.0)
        dropout = rng.beta(model.a, stays, size=DRAWS)
        n = wanted_until_dropout(rng, model.r + 3, weeks / (model.alpha + age), dropout)
    n = np.where(rng.random(DRAWS) < model.p_alive(histories)[place], n, 0)
    check(hurdle, row, n, spend_of(rng, n, fitted.spend.p, fitted.spend.q + 3 * fitted.spend.p))


def check(hurdle, row, n, spend, buys=None):
    bought = spend[n > 0]
    assert (n > 0).mean() == pytest.approx(buys or hurdle.shape.buys[row], abs=0.004)
    spread = bought.var() / bought.mean() ** 2
    assert hurdle.shape.spread[row] == pytest.approx(spread, rel=0.06)


@pytest.mark.parametrize(
    ("shape", "rho", "a", "stays"),
    [(150.0, 8.0, 1.5, 4.0), (150.0, 8.0, 0.07, 46.0), (0.5, 0.01, 6.0, 4.0), (3.0, 1.0, 1.0, 2.0)],
)
def test_moments_are_the_sums_over_counts(shape, rho, a, stays):
    """P(N >= k) = P(NB >= k) B(a, b' + k - 1) / B(a, b'), summed term by term."""
    k = np.arange(1, 4_001)
    at_most = np.exp(shape * -np.log1p(rho))  # P(NB = 0)
    probability, chances = at_most, [at_most]
    for j in itertools.islice(itertools.count(), k[-1]):
        probability *= (shape + j) / (j + 1) * rho / (1 + rho)
        chances.append(probability)
    at_least = np.maximum(1.0 - np.cumsum(chances)[:-1], 0.0)
    alive = np.concatenate([[1.0], np.cumprod((stays + k[:-1] - 1) / (a + stays + k[:-1] - 1))])
    first, second = (at_least * alive).sum(), ((2 * k - 1) * at_least * alive).sum()
    counted = counted_given_alive(
        np.array([shape]), np.array([rho]), dropout_nodes(a, stays, np.array([0]))
    )
    assert counted.buys[0] == pytest.approx(at_least[0])
    assert counted.first[0] == pytest.approx(first, rel=0.012)
    assert counted.second[0] == pytest.approx(second, rel=0.012)


def test_heavier_tails_are_never_taken_for_lighter_ones():
    b = np.linspace(1.01, 10.0, 200)
    noise = mean_noise(b)
    assert (np.diff(noise) <= 1e-12).all()
    assert (noise >= 1.0).all()
    assert noise[0] == pytest.approx(1.3 / 0.3)  # as b = 2.3
