"""How far a forecast was from what happened: pure functions of two arrays.

Every function takes ``actual`` and ``predicted``, shape (customers,), in one currency. A
forecast that is the same for everyone ranks nothing: its ``gini`` and ``spearman`` are 0.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from clvcore.columns import LEADERBOARD_FRAME
from clvcore.errors import DataError
from clvcore.records import Floats


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
    actual, predicted = _pair(actual, predicted)
    if np.ptp(actual) == 0:
        return 0.0
    return _area_above_diagonal(actual, predicted) / _area_above_diagonal(actual, actual)


def spearman(actual: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    """Return the correlation of average ranks, -1 to 1; 0 where either side is constant."""
    actual, predicted = _pair(actual, predicted)
    if np.ptp(actual) == 0 or np.ptp(predicted) == 0:
        return 0.0
    left, right = (pd.Series(side).rank().to_numpy(np.float64) for side in (actual, predicted))
    return float(np.clip(np.corrcoef(left, right)[0, 1], -1.0, 1.0))


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
    """Return one row of the leaderboard, keyed by ``clvcore.columns.LEADERBOARD_FRAME``.

    A point forecast has no interval: the coverage columns and the interval score are NaN.

    Raises
    ------
    DataError
        If the two differ in shape, are empty or hold a value that is not finite.
    """
    points = {
        "rmse": rmse(actual, predicted),
        "mae": mae(actual, predicted),
        "bias": bias(actual, predicted),
        "gini": gini(actual, predicted),
        "spearman": spearman(actual, predicted),
    }
    return {name: points.get(name, float("nan")) for name in LEADERBOARD_FRAME}


def _area_above_diagonal(actual: Floats, predicted: Floats) -> float:
    """Area between gain curve and diagonal, up to a factor common to every order of ``actual``.

    Each group of equal forecasts is one straight piece of the curve: a trapezoid.
    """
    _, group = np.unique(-predicted, return_inverse=True)
    # sums start from sorted amounts, so that the order of rows cannot move the last digit
    order = np.lexsort((actual, group))
    size = np.bincount(group)
    money = np.bincount(group[order], weights=actual[order])
    reached = np.cumsum(money)
    area = float(np.sum(size * (reached - money / 2.0)))
    return area - len(actual) * float(reached[-1]) / 2.0


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
