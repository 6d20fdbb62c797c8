"""What anybody could do without a model: forecasts that a model must beat to be worth its name.

Each takes a snapshot, a horizon in days and the customers' cohort labels, and returns expected
revenue over the horizon, shape (customers,), in currency and never negative.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from clvcore.records.columns import AGE
from clvcore.records.errors import DataError
from clvcore.records.numbers import Floats
from clvcore.records.snapshot import Snapshot

# a rate measured over a few days says nothing: whoever joined yesterday would buy every day
MIN_AGE_DAYS = 30


def zero(snapshot: Snapshot, _horizon_days: int, _labels: pd.Series[str]) -> Floats:
    """Nobody buys again."""
    return np.zeros(len(snapshot.customers))


def last_window(snapshot: Snapshot, horizon_days: int, _labels: pd.Series[str]) -> Floats:
    """Everyone spends what they spent in as many days before."""
    return spent_lately(snapshot, horizon_days)


def spent_lately(snapshot: Snapshot, horizon_days: int) -> Floats:
    """Return what everyone spent in the last ``horizon_days`` days, ``as_of`` included.

    A log that is shorter than the horizon is stretched: all spend times horizon / days of the log.
    """
    window = _horizon(horizon_days)
    known_days = snapshot.history_days + 1
    purchases = snapshot.purchases
    recent = purchases["day"].to_numpy() > snapshot.history_days - window
    spent = np.bincount(
        purchases["customer"].to_numpy()[recent],
        weights=purchases["amount"].to_numpy(np.float64)[recent],
        minlength=len(snapshot.customers),
    )
    return np.asarray(spent * max(1.0, window / known_days), dtype=np.float64)


def past_rate(snapshot: Snapshot, horizon_days: int, _labels: pd.Series[str]) -> Floats:
    """All go on spending at their own rate since the first purchase, over 30 days at least."""
    rate = _revenue(snapshot) / _age(snapshot)
    return rate * _horizon(horizon_days)


def cohort_mean(snapshot: Snapshot, horizon_days: int, labels: pd.Series[str]) -> Floats:
    """All spend at the rate of their cohort: its revenue by the days its customers have lived.

    Raises
    ------
    DataError
        If the labels are not those of the snapshot's customers.
    """
    if not labels.index.equals(snapshot.customers.index):
        raise DataError(
            "LABELS_OF_OTHERS",
            "The {labels} cohort labels do not belong to the {customers} customers of the "
            "snapshot. Take them from the same snapshot, in its order.",
            labels=len(labels), customers=len(snapshot.customers),
        )  # fmt: skip
    cohort = pd.factorize(labels, use_na_sentinel=False)[0]
    revenue = np.bincount(cohort, weights=_revenue(snapshot))
    lived = np.bincount(cohort, weights=_age(snapshot))
    rate: Floats = (revenue / lived)[cohort]
    return rate * _horizon(horizon_days)


Baseline = Callable[[Snapshot, int, "pd.Series[str]"], Floats]

BASELINES: dict[str, Baseline] = {
    "zero": zero,
    "last_window": last_window,
    "past_rate": past_rate,
    "cohort_mean": cohort_mean,
}


def _horizon(days: int) -> int:
    if days < 1:
        raise DataError(
            "HORIZON_EMPTY",
            "A forecast looks at least 1 day ahead, got {days}.",
            days=days,
        )
    return days


def _revenue(snapshot: Snapshot) -> Floats:
    return snapshot.customers["revenue_to_date"].to_numpy(dtype=np.float64)


def _age(snapshot: Snapshot) -> Floats:
    """Days since the first purchase, shape (customers,), at least ``MIN_AGE_DAYS``."""
    days = snapshot.customers[AGE].to_numpy(dtype=np.float64)
    return np.asarray(np.maximum(days, MIN_AGE_DAYS))
