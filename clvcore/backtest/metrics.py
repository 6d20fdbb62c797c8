"""How far a forecast was from what happened, and how often its intervals held: pure functions.

A point forecast is judged from ``actual`` and ``predicted``, an interval from ``actual``, ``lower``
and ``upper``, each of shape (customers,), in one currency. A forecast that is the same for everyone
ranks nothing: its ``gini`` and ``spearman`` are 0. Coverage and the Winkler score belong together:
narrow bounds that miss and wide bounds that are safe each look well in one of the two.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from clvcore.records.columns import LEADERBOARD_FRAME
from clvcore.records.errors import ConfigError, DataError
from clvcore.records.numbers import Floats

MOST_UNDER, MOST_OVER, ZEROS_NEAR = 0.02, 0.03, 0.05
_ROUNDING = 1e-9


def rmse(actual: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    """Return the root of the mean squared error, in currency.

    Examples
    --------
    >>> rmse([0.0, 10.0], [3.0, 6.0])
    3.5355339059327378
    """
    actual, predicted = _pair(actual, predicted)
    return float(np.sqrt(np.mean((predicted - actual) ** 2)))


def mae(actual: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    """Return the mean absolute error, in currency; with many zeros it rewards predicting 0."""
    actual, predicted = _pair(actual, predicted)
    return float(np.mean(np.abs(predicted - actual)))


def bias(actual: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    """Return the relative error of the total, ``sum(predicted) / sum(actual) - 1``.

    Where nothing was spent, a forecast of nothing has a bias of 0; any other forecast has an error
    that no relative number can express, and gets NaN rather than infinity.

    Examples
    --------
    >>> bias([10.0, 10.0], [5.0, 20.0]), bias([0.0], [0.0]), bias([0.0], [5.0])
    (0.25, 0.0, nan)
    """
    actual, predicted = _pair(actual, predicted)
    spent, expected = float(actual.sum()), float(predicted.sum())
    if spent == 0:
        return 0.0 if expected == 0 else float("nan")
    return expected / spent - 1.0


def gini(actual: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    """Return the normalized Gini coefficient: how well the forecast ranks customers by value.

    Customers are lined up from the highest forecast down; the gain curve is the share of all
    revenue reached on the way. Its area above the diagonal is divided by the area of the true
    order: 1 is the true order, 0 no order, -1 the reverse (Wang, Liu & Miao 2019, arXiv
    1912.07753). Customers with equal forecasts share their revenue evenly, so the order of rows
    plays no part. Where everyone spent the same there is nothing to rank, and the value is 0.

    Examples
    --------
    >>> gini([0, 1, 5], [1, 2, 3]), gini([0, 1, 5], [3, 2, 1]), gini([0, 1, 5], [2, 2, 2])
    (1.0, -1.0, 0.0)
    """
    return Scorer(actual).score(predicted)["gini"]


def spearman(actual: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    """Return the correlation of average ranks, -1 to 1; 0 where either side is constant."""
    return Scorer(actual).score(predicted)["spearman"]


def r2(actual: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    """Return the share of the variance explained: 1 perfect, 0 as good as the mean, below 0 worse.

    Where everyone spent the same there is no variance: 1 for the exact forecast, 0 for any other.
    """
    actual, predicted = _pair(actual, predicted)
    error = float(np.sum((actual - predicted) ** 2))
    if np.ptp(actual) == 0:
        return 1.0 if error == 0 else 0.0
    return 1.0 - error / float(np.sum((actual - actual.mean()) ** 2))


def score(actual: npt.ArrayLike, predicted: npt.ArrayLike) -> dict[str, float]:
    """Return one row of the leaderboard, keyed by ``clvcore.records.columns.LEADERBOARD_FRAME``.

    A point forecast has no interval: the coverage columns and the interval score are NaN.

    Raises
    ------
    DataError
        If the two differ in shape, are empty or hold a value that is not finite.
    """
    return Scorer(actual).score(predicted)


class Scorer:
    """Scores any number of forecasts of one outcome, which is lined up only once."""

    def __init__(self, actual: npt.ArrayLike) -> None:
        self._actual, _ = _pair(actual, actual)
        self._units = _whole_units(self._actual)
        self._area, self._ranks = _line_up(self._units, self._actual)

    def score(self, predicted: npt.ArrayLike) -> dict[str, float]:
        """Return what ``score`` returns; raises as it does."""
        actual, predicted = _pair(self._actual, predicted)
        ranking = {"gini": 0.0, "spearman": 0.0}
        if np.ptp(actual) > 0:
            area, ranks = _line_up(self._units, predicted)
            ranking["gini"] = area / self._area
            if np.ptp(predicted) > 0:
                related = float(np.corrcoef(self._ranks, ranks)[0, 1])
                ranking["spearman"] = min(1.0, max(-1.0, related))
        points = {
            "rmse": rmse(actual, predicted),
            "mae": mae(actual, predicted),
            "bias": bias(actual, predicted),
        } | ranking
        return {name: points.get(name, float("nan")) for name in LEADERBOARD_FRAME}


def coverage(actual: npt.ArrayLike, lower: npt.ArrayLike, upper: npt.ArrayLike) -> float:
    """Return the share of outcomes within their interval, bounds included, 0 to 1.

    Raises
    ------
    DataError
        If shapes differ, nothing is given, an outcome is not finite or a pair of bounds is no
        interval. Bounds may be infinite.

    Examples
    --------
    >>> coverage([0.0, 5.0, 9.0, 20.0], [0.0, 1.0, 2.0, 3.0], [4.0, 4.0, 9.0, 30.0])
    0.75
    """
    actual, lower, upper = _interval(actual, lower, upper)
    return float(np.mean((lower <= actual) & (actual <= upper)))


def winkler(
    actual: npt.ArrayLike, lower: npt.ArrayLike, upper: npt.ArrayLike, level: float
) -> float:
    """Return the mean interval score, in currency; lower is better.

    The width, plus 2 / (1 - level) times the distance by which the outcome missed it (Winkler
    1972; Gneiting & Raftery 2007, eq. 43). In expectation the quantiles at both tails of
    (1 - level) / 2 score best. An infinite bound scores infinity.

    Raises
    ------
    ConfigError
        If ``level`` is not between 0 and 1.
    DataError
        As ``coverage``.

    Examples
    --------
    >>> winkler([5.0], [0.0], [10.0], 0.75), winkler([12.0], [0.0], [10.0], 0.75)
    (10.0, 26.0)
    """
    actual, lower, upper = _interval(actual, lower, upper)
    missed = np.maximum(lower - actual, 0.0) + np.maximum(actual - upper, 0.0)
    return float(np.mean(upper - lower + 2.0 / (1.0 - _share("level", level)) * missed))


def wilson(held: int, customers: int, level: float = 0.95) -> tuple[float, float]:
    """Return the Wilson (1927) interval of a share counted on ``customers``.

    Parameters
    ----------
    held
        How many of them the intervals held.
    customers
        How many there were, at least 1.
    level
        Of the interval returned, not of those that were counted.

    Raises
    ------
    ConfigError
        If ``level`` is not between 0 and 1.
    DataError
        If ``held`` is not a count out of ``customers``.

    Examples
    --------
    >>> [round(bound, 3) for bound in wilson(19, 20)]
    [0.764, 0.991]
    """
    if not 0 <= held <= customers or customers < 1:
        raise DataError(
            "SHARE_COUNTS",
            "A share counts the customers held out of all there were, at least 1; got {held} of "
            "{customers}.",
            held=held, customers=customers,
        )  # fmt: skip
    z = float(ndtri(0.5 + _share("level", level) / 2.0))
    share, slack = held / customers, z**2 / customers
    middle = (share + slack / 2.0) / (1.0 + slack)
    half = z * float(np.sqrt((share * (1.0 - share) + slack / 4.0) / customers)) / (1.0 + slack)
    # at the ends the exact bound is the share itself, which rounding must not cut off
    return (
        0.0 if held == 0 else middle - half,
        1.0 if held == customers else middle + half,
    )


def in_band(coverage: float, level: float, zeros: float) -> bool:
    """Return whether a measured coverage counts as its level: at most 2 points under, 3 over.

    Being over is excused where ``zeros``, the share of outcomes that are 0, is within 5 points of
    the level or above it: an interval of zero-inflated spend has to hold nothing at all, and with
    it all customers who spent nothing. Being under never is.

    Raises
    ------
    ConfigError
        If a value is not a share; ``level`` must lie strictly between 0 and 1.

    Examples
    --------
    >>> in_band(0.88, 0.80, zeros=0.60), in_band(0.88, 0.80, zeros=0.76)
    (False, True)
    >>> in_band(0.93, 0.95, zeros=0.99), in_band(0.92, 0.95, zeros=0.99)
    (True, False)
    """
    level = _share("level", level)
    for name, share in (("coverage", coverage), ("zeros", zeros)):
        if not 0.0 <= share <= 1.0:
            raise _no_share(name, share, "from 0 to 1")
    over = coverage - level  # differences of decimals carry rounding errors
    if over < -MOST_UNDER - _ROUNDING:
        return False
    return over <= MOST_OVER + _ROUNDING or zeros >= level - ZEROS_NEAR - _ROUNDING


def _whole_units(amounts: Floats) -> Floats:
    """Return amounts as whole numbers small enough for exact sums, in any order of rows."""
    total = float(np.abs(amounts).sum())
    scale = 2.0 ** (51 - np.ceil(np.log2(total))) if total > 0 else 1.0
    return np.asarray(np.rint(amounts * scale))


def _line_up(units: Floats, predicted: Floats) -> tuple[float, Floats]:
    """Return the area between gain curve and diagonal, and the average ranks of the forecast.

    ``units`` are the outcomes in whole units, so that the order within equal forecasts is nothing.
    The area is up to a factor common to every order of ``actual``; each group of equal forecasts
    is one straight piece of the curve, a trapezoid.
    """
    order = np.argsort(predicted)
    lined = predicted[order]
    starts = np.flatnonzero(np.concatenate([[True], lined[1:] != lined[:-1]]))
    sizes = np.diff(starts, append=len(lined))
    money = np.add.reduceat(units[order], starts)
    reached = np.cumsum(money[::-1])
    area = float(np.sum(sizes[::-1] * (reached - money[::-1] / 2.0)))
    ranks = np.empty(len(lined))
    ranks[order] = np.repeat(starts + (sizes + 1) / 2.0, sizes)
    return area - len(units) * float(reached[-1]) / 2.0, ranks


def _pair(actual: npt.ArrayLike, predicted: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Both as float arrays of one shape (customers,)."""
    left = np.asarray(actual, dtype=np.float64)
    right = np.asarray(predicted, dtype=np.float64)
    if left.ndim != 1 or left.shape != right.shape or left.size == 0:
        raise DataError(
            "SCORE_SHAPES",
            "A forecast is scored against one outcome per customer, at least one; got shapes "
            "{actual} and {predicted}.",
            actual=left.shape, predicted=right.shape,
        )  # fmt: skip
    if not (np.isfinite(left).all() and np.isfinite(right).all()):
        raise DataError(
            "SCORE_NOT_FINITE",
            "Only finite amounts can be scored; {count} of the {size} pairs hold something else.",
            count=int((~(np.isfinite(left) & np.isfinite(right))).sum()), size=left.size,
        )  # fmt: skip
    return left, right


def _interval(
    actual: npt.ArrayLike, lower: npt.ArrayLike, upper: npt.ArrayLike
) -> tuple[Floats, Floats, Floats]:
    """All three as float arrays of one shape (customers,), each pair of bounds an interval."""
    outcome, low, high = (np.asarray(side, dtype=np.float64) for side in (actual, lower, upper))
    if outcome.ndim != 1 or not outcome.shape == low.shape == high.shape or outcome.size == 0:
        raise DataError(
            "INTERVAL_SHAPES",
            "An interval is scored against one outcome per customer, at least one; got shapes "
            "{actual} for outcomes, {lower} and {upper} for bounds.",
            actual=outcome.shape, lower=low.shape, upper=high.shape,
        )  # fmt: skip
    if not np.isfinite(outcome).all():
        raise DataError(
            "OUTCOME_NOT_FINITE",
            "Only finite outcomes can be scored; {count} of {size} are something else.",
            count=int((~np.isfinite(outcome)).sum()), size=outcome.size,
        )  # fmt: skip
    no_interval = ~((low <= high) & (low < np.inf) & (high > -np.inf))  # NaN compares as False
    if no_interval.any():
        first = int(no_interval.argmax())
        raise DataError(
            "NOT_AN_INTERVAL",
            "A lower bound must be a number up to its upper bound; {count} of {size} pairs are "
            "not, the first is row {row}: {lower} to {upper}.",
            count=int(no_interval.sum()), size=outcome.size, row=first,
            lower=float(low[first]), upper=float(high[first]),
        )  # fmt: skip
    return outcome, low, high


def _share(name: str, value: float) -> float:
    """Return ``value`` as a float strictly between 0 and 1."""
    if not 0.0 < value < 1.0:
        raise _no_share(name, value, "between 0 and 1, both excluded")
    return float(value)


def _no_share(name: str, value: float, allowed: str) -> ConfigError:
    return ConfigError(
        "NOT_A_SHARE",
        "{name} must be a share {allowed}, got {value}; for 95 % write 0.95.",
        name=name, allowed=allowed, value=value,
    )  # fmt: skip
