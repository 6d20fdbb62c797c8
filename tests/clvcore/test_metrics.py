"""Scores of a point forecast: exact where the answer is known, and blind to what must not count."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clvcore as clv
from clvcore.columns import LEADERBOARD_FRAME
from clvcore.metrics import bias, gini, mae, r2, rmse, score, spearman

RANKINGS = (gini, spearman)
money = st.integers(0, 100_000).map(lambda cents: cents / 100)
pairs = st.lists(st.tuples(money, money), min_size=2, max_size=60)


@pytest.fixture(scope="module")
def outcome():
    """Spend of 500 customers, three in four of whom buy nothing; the forecast knows a little."""
    rng = np.random.default_rng(4)
    actual = np.where(rng.random(500) < 0.75, 0.0, rng.lognormal(3.0, 1.0, 500))
    predicted = np.round(0.5 * actual + rng.lognormal(1.0, 1.0, 500), 0)
    return actual, predicted


def google_gini(actual, predicted):
    """The published definition, row by row; it knows no ties."""
    gain = np.cumsum(actual[np.argsort(-predicted, kind="stable")]) / actual.sum()
    truth = np.cumsum(np.sort(actual)[::-1]) / actual.sum()
    return (2 * gain.mean() - 1) / (2 * truth.mean() - 1)


def test_errors_by_hand():
    actual, predicted = [0.0, 0.0, 10.0, 30.0], [2.0, 0.0, 4.0, 38.0]
    assert rmse(actual, predicted) == pytest.approx(math.sqrt((4 + 36 + 64) / 4))
    assert mae(actual, predicted) == pytest.approx((2 + 6 + 8) / 4)
    assert bias(actual, predicted) == pytest.approx(44 / 40 - 1)
    assert r2(actual, predicted) == pytest.approx(1 - 104 / 600)


def test_a_perfect_forecast_is_perfect_in_every_score(outcome):
    actual, _ = outcome
    assert (rmse(actual, actual), mae(actual, actual), bias(actual, actual)) == (0.0, 0.0, 0.0)
    assert gini(actual, actual) == 1.0
    assert spearman(actual, actual) == pytest.approx(1.0, abs=1e-12)
    assert r2(actual, actual) == 1.0


@pytest.mark.parametrize("constant", [0.0, 0.1, 7.0])
def test_the_same_forecast_for_everyone_ranks_nothing(outcome, constant):
    actual = outcome[0]
    for rows in (actual, np.sort(actual), np.sort(actual)[::-1]):
        predicted = np.full(len(rows), constant)
        assert gini(rows, predicted) == pytest.approx(0.0, abs=1e-12)
        assert spearman(rows, predicted) == 0.0


def test_the_mean_for_everyone_explains_nothing(outcome):
    actual = outcome[0]
    assert r2(actual, np.full(len(actual), actual.mean())) == pytest.approx(0.0, abs=1e-12)


def test_the_reverse_order_is_minus_one():
    actual = np.array([1.0, 2.0, 5.0, 90.0])
    assert gini(actual, -actual) == pytest.approx(-1.0)
    assert spearman(actual, -actual) == pytest.approx(-1.0)


def test_ties_share_their_revenue():
    # three customers: the top forecast is right, the other two cannot be told apart
    actual = np.array([10.0, 4.0, 0.0])
    whole, resolved = gini(actual, [3.0, 1.0, 1.0]), gini(actual, [3.0, 2.0, 1.0])
    reversed_tail = gini(actual, [3.0, 1.0, 2.0])
    assert resolved == 1.0
    assert whole == pytest.approx((resolved + reversed_tail) / 2)


def test_gini_is_the_published_one_without_ties():
    rng = np.random.default_rng(0)
    actual, noise = rng.lognormal(2.0, 1.5, 4_000), rng.lognormal(0.0, 1.0, 4_000)
    # the published sum counts each step at its end: an offset of about one customer in n
    assert gini(actual, actual * noise) == pytest.approx(
        google_gini(actual, actual * noise), abs=2 / 4_000
    )


def test_spearman_takes_average_ranks():
    actual, predicted = [0.0, 0.0, 1.0, 2.0], [1.0, 2.0, 2.0, 3.0]
    ranks = np.corrcoef([1.5, 1.5, 3.0, 4.0], [1.0, 2.5, 2.5, 4.0])[0, 1]
    assert spearman(actual, predicted) == pytest.approx(ranks)


@settings(deadline=None)
@given(pairs, st.randoms())
def test_the_order_of_rows_changes_nothing(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    before, after = (
        score(*np.transpose(np.asarray(side, dtype=float))) for side in (rows, shuffled)
    )
    assert after == pytest.approx(before, rel=1e-9, abs=1e-9, nan_ok=True)


@settings(deadline=None)
@given(pairs, st.sampled_from([1e-6, 0.01, 160.0, 1e6]))
def test_another_currency_scales_the_errors_and_nothing_else(rows, rate):
    actual, predicted = np.transpose(np.asarray(rows, dtype=float))
    home, abroad = score(actual, predicted), score(actual * rate, predicted * rate)
    for name in ("rmse", "mae"):
        assert abroad[name] == pytest.approx(home[name] * rate, rel=1e-9)
    for name in ("bias", "gini", "spearman"):
        assert abroad[name] == pytest.approx(home[name], rel=1e-6, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("ranking", RANKINGS)
def test_only_the_order_of_the_forecasts_counts_for_a_ranking(outcome, ranking):
    actual, predicted = outcome
    expected = ranking(actual, predicted)
    for curve in (np.sqrt, np.log1p, lambda x: 3.0 * x + 1.0):
        assert ranking(actual, curve(predicted)) == pytest.approx(expected, abs=1e-12)


@settings(deadline=None)
@given(pairs)
def test_rankings_stay_between_minus_one_and_one(rows):
    actual, predicted = np.transpose(np.asarray(rows, dtype=float))
    for ranking in RANKINGS:
        assert -1.0 - 1e-9 <= ranking(actual, predicted) <= 1.0 + 1e-9


def test_bias_where_nothing_was_spent_is_zero_or_unknown_but_never_infinite():
    assert bias([0.0, 0.0], [0.0, 0.0]) == 0.0
    assert math.isnan(bias([0.0, 0.0], [0.0, 5.0]))


def test_nothing_to_rank_scores_zero_and_no_variance_explains_all_or_nothing():
    same, other = [3.0, 3.0], [1.0, 2.0]
    assert [ranking(same, other) for ranking in RANKINGS] == [0.0, 0.0]
    assert (r2(same, same), r2(same, other)) == (1.0, 0.0)


def test_score_is_a_row_of_the_leaderboard_without_intervals(outcome):
    row = score(*outcome)
    assert tuple(row) == LEADERBOARD_FRAME
    points = ("rmse", "mae", "bias", "gini", "spearman")
    assert all(math.isfinite(row[name]) for name in points)
    assert all(math.isnan(row[name]) for name in LEADERBOARD_FRAME if name not in points)


@pytest.mark.parametrize(
    ("actual", "predicted", "code"),
    [
        ([], [], "SCORE_SHAPES"),
        ([1.0], [1.0, 2.0], "SCORE_SHAPES"),
        ([1.0, 2.0], [[1.0], [2.0]], "SCORE_SHAPES"),
        ([1.0, 2.0], [1.0, math.nan], "SCORE_NOT_FINITE"),
        ([1.0, math.inf], [1.0, 2.0], "SCORE_NOT_FINITE"),
    ],
)
def test_what_cannot_be_scored_is_refused(actual, predicted, code):
    with pytest.raises(clv.DataError) as refused:
        score(actual, predicted)
    assert refused.value.code == code
