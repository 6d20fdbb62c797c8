"""The hurdle: exact mean, nested bounds, and a transform that undoes its quantiles."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.special import gammaincinv, ndtr

from clvcore.uncertainty import Hurdle, Shape
from clvcore.uncertainty.quantiles import gamma_quantile

SHAPE = Shape(buys=np.array([0.05, 0.4, 0.9, 0.999]), spread=np.array([1.0, 0.5, 2.0, 0.1]))
MEAN = np.array([1.0, 10.0, 50.0, 200.0])
HURDLE = Hurdle(mean=MEAN, shape=SHAPE, usual=MEAN / SHAPE.buys)


def drawn(at):
    return SHAPE.quantile(np.full(4, at)) * MEAN


def test_the_mean_of_the_distribution_is_the_forecast():
    sample = np.array([drawn(u) for u in (np.arange(20_000) + 0.5) / 20_000])
    assert sample.mean(axis=0) == pytest.approx(MEAN, rel=0.02)
    assert sample.var(axis=0) == pytest.approx(HURDLE.variance(), rel=0.1)


def test_nothing_is_the_quantile_up_to_the_chance_of_not_buying():
    assert (SHAPE.quantile(1.0 - SHAPE.buys) == 0).all()
    assert (SHAPE.quantile(1.0 - SHAPE.buys * 0.99) > 0).all()


def test_bounds_are_nested_over_levels_and_the_shipped_ones_hold_the_forecast():
    levels = np.arange(0.5, 0.995, 0.01)
    bounds = [HURDLE.bounds(level) for level in levels]
    for (low, high), (lower, higher) in itertools.pairwise(bounds):
        assert (lower <= low + 1e-12).all()
        assert (higher >= high - 1e-12).all()
    for level in levels:
        lower, upper = HURDLE.shipped(level)
        assert (lower <= MEAN).all()
        assert (upper >= MEAN).all()
        assert (lower >= 0).all()


@pytest.mark.parametrize("at", [0.97, 0.99])
def test_the_transform_is_close_to_the_level_of_the_quantile(at):
    """Quantiles are averaged, probabilities too: the two are not quite inverse."""
    assert HURDLE.transform(drawn(at)) == pytest.approx(np.full(4, at), abs=0.004)


def test_nothing_is_transformed_to_the_chance_of_nothing():
    assert pytest.approx(1.0 - SHAPE.buys) == HURDLE.transform(np.zeros(4))


def test_another_forecast_scales_the_bounds_and_keeps_the_shape():
    other = HURDLE.around(1.5 * MEAN)
    assert other.shape is SHAPE
    for double, single in zip(other.bounds(0.9), HURDLE.bounds(0.9), strict=True):
        assert double == pytest.approx(1.5 * single)


def test_a_lost_customer_of_whom_another_model_expects_more_is_likelier_to_buy():
    lost = Shape(buys=np.array([1e-6, 0.5]), spread=np.array([1.0, 1.0]))
    hurdle = Hurdle(mean=np.array([1e-5, 10.0]), shape=lost, usual=np.array([10.0, 20.0]))
    other = hurdle.around(np.array([3.0, 10.0]))
    assert other.shape.buys == pytest.approx([0.1, 0.5])
    assert np.sqrt(other.variance()[0]) < 5 * 3.0


@pytest.mark.parametrize("spread", [0.02, 0.3, 1.0, 8.0, 40.0])
def test_the_table_of_quantiles_is_the_gamma(spread):
    score = np.linspace(-3.0, 6.5, 200)
    exact = gammaincinv(1 / spread, ndtr(score)) * spread
    assert gamma_quantile(np.full(200, spread), score) == pytest.approx(exact, rel=1e-4, abs=1e-8)
