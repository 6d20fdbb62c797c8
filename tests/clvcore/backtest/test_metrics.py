"""Scores of forecasts and intervals: exact where known, and blind to what must not count."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clvcore as clv
from clvcore.backtest.metrics import (
    bias,
    coverage,
    gini,
    in_band,
    mae,
    r2,
    rmse,
    score,
    spearman,
    wilson,
    winkler,
)
from clvcore.records.columns import LEADERBOARD_FRAME

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


@given(pairs, st.randoms())
def test_the_order_of_rows_changes_nothing(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    before, after = (
        score(*np.transpose(np.asarray(side, dtype=float))) for side in (rows, shuffled)
    )
    assert after == pytest.approx(before, rel=1e-9, abs=1e-9, nan_ok=True)


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


def test_coverage_counts_both_bounds_in():
    actual = [0.0, 0.0, 4.0, 4.0, 5.0]
    assert coverage(actual, [0.0, 1.0, 4.0, 0.0, 0.0], [0.0, 9.0, 9.0, 4.0, 4.99]) == 0.6


def test_coverage_takes_bounds_without_end():
    assert coverage([1e12, 1.0], [-np.inf, 2.0], [np.inf, np.inf]) == 0.5


def test_the_winkler_score_by_hand():
    # widths 4, 4, 4; the second misses by 1 below, the third by 3 above, at 2 / 0.25 each
    score_by_hand = (4 + (4 + 8 * 1) + (4 + 8 * 3)) / 3
    assert winkler([3.0, 1.0, 9.0], [2.0] * 3, [6.0] * 3, 0.75) == pytest.approx(score_by_hand)


def test_an_interval_without_end_scores_infinity():
    assert winkler([1.0, 1.0], [0.0, 0.0], [2.0, np.inf], 0.9) == math.inf


def test_the_true_quantiles_score_better_than_any_other_interval():
    outcome = np.random.default_rng(5).exponential(10.0, 200_000)
    lower, upper = (-10.0 * math.log(1.0 - tail) for tail in (0.05, 0.95))
    n = len(outcome)
    best = winkler(outcome, np.full(n, lower), np.full(n, upper), 0.9)
    for below, above in ((0.7, 1.0), (1.3, 1.0), (1.0, 0.9), (1.0, 1.1), (0.0, 1.3)):
        other = winkler(outcome, np.full(n, lower * below), np.full(n, upper * above), 0.9)
        assert other > best


@given(pairs, st.sampled_from([0.01, 160.0]))
def test_another_currency_scales_the_winkler_score_and_leaves_coverage(rows, rate):
    actual, upper = np.transpose(np.asarray(rows, dtype=float))
    lower = upper / 3.0
    home = winkler(actual, lower, upper, 0.8)
    assert winkler(actual * rate, lower * rate, upper * rate, 0.8) == pytest.approx(home * rate)
    held = np.mean((lower <= actual) & (actual <= upper))
    assert coverage(actual, lower, upper) == held


def test_the_wilson_interval_is_the_published_one():
    # Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29
    for held, customers, lower, upper in (
        (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):  # fmt: skip
        assert wilson(held, customers) == pytest.approx((lower, upper), abs=5e-5)


def test_the_wilson_interval_holds_the_share_it_was_counted_from_as_often_as_it_says():
    rng = np.random.default_rng(8)
    bounds = np.array([wilson(int(held), 400) for held in rng.binomial(400, 0.95, 4_000)])
    within = np.mean((bounds[:, 0] <= 0.95) & (bounds[:, 1] >= 0.95))
    assert within == pytest.approx(0.95, abs=0.02)


@given(st.integers(1, 5_000), st.data())
def test_the_wilson_interval_is_symmetric_nested_and_holds_its_share(customers, data):
    held = data.draw(st.integers(0, customers))
    lower, upper = wilson(held, customers)
    assert 0.0 <= lower <= held / customers <= upper <= 1.0
    assert wilson(customers - held, customers) == pytest.approx((1 - upper, 1 - lower), abs=1e-12)
    wide = wilson(held, customers, 0.99)
    assert wide[0] <= lower
    assert upper <= wide[1]


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95, 0.99])
def test_the_band_is_two_points_below_and_three_above(level):
    within, beyond = (-0.02, 0.0, min(0.03, 1 - level)), (-0.021, -0.2)
    assert all(in_band(round(level + off, 10), level, zeros=0.0) for off in within)
    assert not any(in_band(round(level + off, 10), level, zeros=0.0) for off in beyond)


def test_too_much_is_excused_only_where_zeros_are_near_the_level_or_above():
    for level in (0.8, 0.9):
        over = round(level + 0.031, 10)
        assert [in_band(over, level, zeros) for zeros in (level - 0.051, level - 0.05, 1.0)] == [
            False, True, True,
        ]  # fmt: skip
        assert not in_band(level - 0.021, level, zeros=1.0)


@pytest.mark.parametrize("judge", [coverage, lambda *sides: winkler(*sides, 0.9)])
@pytest.mark.parametrize(
    ("actual", "lower", "upper", "code"),
    [
        ([], [], [], "INTERVAL_SHAPES"),
        ([1.0, 2.0], [0.0], [3.0, 3.0], "INTERVAL_SHAPES"),
        ([1.0, 2.0], [0.0, 0.0], [[3.0, 3.0]], "INTERVAL_SHAPES"),
        ([math.nan], [0.0], [3.0], "OUTCOME_NOT_FINITE"),
        ([math.inf], [0.0], [math.inf], "OUTCOME_NOT_FINITE"),
        ([1.0, 1.0], [0.0, 3.0], [3.0, 2.0], "NOT_AN_INTERVAL"),
        ([1.0], [math.nan], [3.0], "NOT_AN_INTERVAL"),
        ([1.0], [math.inf], [math.inf], "NOT_AN_INTERVAL"),
        ([1.0], [-math.inf], [-math.inf], "NOT_AN_INTERVAL"),
    ],
)
def test_what_is_no_interval_is_refused(judge, actual, lower, upper, code):
    with pytest.raises(clv.DataError) as refused:
        judge(actual, lower, upper)
    assert refused.value.code == code


def test_the_refusal_names_the_first_pair_that_is_no_interval():
    with pytest.raises(clv.DataError, match=r"1 of 3 pairs are not, the first is row 1: 5\.0 to 4"):
        coverage([1.0, 1.0, 1.0], [0.0, 5.0, 0.0], [2.0, 4.0, 2.0])


@pytest.mark.parametrize(
    "judge",
    [
        lambda: winkler([1.0], [0.0], [2.0], 95),
        lambda: winkler([1.0], [0.0], [2.0], 1.0),
        lambda: wilson(1, 2, 0.0),
        lambda: in_band(0.9, 90, 0.5),
        lambda: in_band(90, 0.9, 0.5),
        lambda: in_band(0.9, 0.9, math.nan),
    ],
)
def test_what_is_no_share_is_refused(judge):
    with pytest.raises(clv.ConfigError, match=r"for 95 % write 0\.95") as refused:
        judge()
    assert refused.value.code == "NOT_A_SHARE"


@pytest.mark.parametrize(("held", "customers"), [(3, 2), (-1, 2), (0, 0)])
def test_what_is_no_count_of_customers_is_refused(held, customers):
    with pytest.raises(clv.DataError) as refused:
        wilson(held, customers)
    assert refused.value.code == "SHARE_COUNTS"
