"""Mixing by factors and common paths is the same as mixing every step of every customer."""

from __future__ import annotations

import numpy as np
import pytest

from clvcore.members.mixture import STRETCH, Mixture


@pytest.fixture
def revenue():
    """Cumulative revenue of 400 customers over 5 steps; some expect next to nothing."""
    steps = np.random.default_rng(3).gamma(0.3, 20.0, (400, 5))
    return steps.cumsum(axis=1)


@pytest.fixture
def spent():
    """What another rule expects: nothing of most, one absurd amount."""
    amounts = np.random.default_rng(4).gamma(2.0, 30.0, 400)
    amounts[::3] = 0.0
    amounts[7] = 1e6
    return amounts


def blended_step_by_step(revenue, other, weight):
    total = revenue[:, -1].sum()
    scaled = other * total / other.sum()
    most = np.quantile(scaled[scaled > 0], 0.999)
    scaled = np.minimum(scaled, np.maximum(most, 5.0 * revenue[:, -1]))
    path = revenue.sum(axis=0) / total
    mixed = (1.0 - weight) * revenue + weight * scaled[:, None] * path
    return mixed * total / mixed[:, -1].sum()


def test_two_blends_and_a_stretch_are_what_they_are_step_by_step(revenue, spent):
    once = blended_step_by_step(revenue, spent, 0.3)
    twice = blended_step_by_step(once, spent[::-1], 0.1)
    end = twice[:, -1]
    factor = (np.maximum(end, 1e-12 * end.mean()) / end.mean()) ** (STRETCH - 1.0)
    expected = twice * (factor * end.sum() / (factor @ end))[:, None]
    mixed = Mixture.of(revenue).blended(spent, 0.3).blended(spent[::-1], 0.1).stretched()
    np.testing.assert_allclose(mixed.revenue(), expected, rtol=1e-12)
    np.testing.assert_allclose(mixed.end, expected[:, -1], rtol=1e-12)


def test_a_blend_keeps_the_total_and_never_falls():
    revenue = np.array([[1.0, 2.0], [3.0, 6.0]])
    whole = Mixture.of(revenue)
    mixed = whole.blended(np.array([10.0, 0.0]), 0.25)
    assert mixed.end.sum() == pytest.approx(8.0)
    assert mixed.end[0] > 2.0
    assert (np.diff(mixed.revenue(), axis=1) >= 0).all()
    assert whole.blended(np.zeros(2), 0.25) is whole


def test_where_nothing_is_expected_nothing_is_stretched():
    nothing = Mixture.of(np.zeros((3, 2)))
    assert nothing.stretched() is nothing
    assert not nothing.capped(np.zeros(3)).revenue().any()


def test_nobody_gets_more_than_his_most(revenue):
    most = np.full(400, 10.0)
    capped = Mixture.of(revenue).capped(most)
    assert capped.end.max() == pytest.approx(10.0)
    under = revenue[:, -1] < 10.0
    np.testing.assert_array_equal(capped.revenue()[under], revenue[under])
