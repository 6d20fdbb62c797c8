"""How far a shop has moved since a forecast was fitted: its customers, and what they spent since.

The population stability index compares shares of customers in the deciles of then:
PSI = sum (now - then) ln(now / then), above 0.2 a shift that calls for a new fit (Siddiqi 2006).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import chdtri

from clvcore.records.columns import (
    ACTUAL_TO_FORECAST,
    AGE,
    DRIFT_FEATURES,
    DRIFT_FRAME,
    FORECAST,
    PSI,
    RECENCY,
    SPENT,
)
from clvcore.records.errors import Notice
from clvcore.records.numbers import Floats
from clvcore.records.run import Run
from clvcore.records.snapshot import Snapshot
from clvcore.uncertainty import common_factor, history_days, season_seen

PSI_LIMIT = 0.2
CHANCE = 0.01
TENTHS = np.arange(1, 10) / 10.0
LEVEL = 0.95
LEAST_DAYS = 7  # a few days are weekdays and chance


def measure_drift(
    run: Run, snapshot: Snapshot, *, full_window: bool
) -> tuple[pd.DataFrame, list[Notice]]:
    """Compare what is known now with what ``run`` was fitted on and what it forecast.

    Parameters
    ----------
    run
        The fitted run.
    snapshot
        The same shop later, or on the same day.
    full_window
        Whether the run learned from past windows as long as its horizon.

    Returns
    -------
    tuple
        A frame of ``columns.DRIFT_FRAME``, and a warning for each row that drifted. There is a row
        per feature (``statistic`` is ``psi``; ``then`` and ``now`` are means), and, once seven
        days have passed, one for the spend since the run's ``as_of`` of the customers it knew
        (``actual_to_forecast``; ``then`` is the forecast for these days, ``now`` what was spent;
        money). ``drifted`` where ``value`` lies outside ``lower`` to ``upper``. In shops under 200
        customers chance alone moves the index, so its limit is what chance exceeds once in a
        hundred times.
    """
    now = _features(snapshot.customers)
    rows = [_stability(then, now[then.name]) for then in _distributions(run)]
    spent = _spent_since(run, snapshot, full_window=full_window)
    rows += [] if spent is None else [spent]
    frame = pd.DataFrame({name: [row[name] for row in rows] for name in DRIFT_FRAME})
    return frame, [_notice(row) for row in rows if row["drifted"]]


def stability_index(then: Floats, now: Floats) -> float:
    """Return the PSI of ``now`` over the deciles of ``then``.

    Equal deciles (half the customers bought once) are one; half a customer is added to each group.

    Examples
    --------
    >>> stability_index(np.arange(100.0), np.arange(100.0))
    0.0
    """
    return _Distribution.of("", then).index(now)


def rows_of(run: Run, snapshot: Snapshot) -> npt.NDArray[np.int64]:
    """Return the row in ``snapshot`` of each customer of ``run``, -1 if not there."""
    now = pa.array(snapshot.customers.index)
    then = pa.array(run.customers.index).cast(now.type)
    rows: npt.NDArray[np.int64] = pc.index_in(then, value_set=now).fill_null(-1).to_numpy()
    return rows


@dataclass(frozen=True, eq=False, kw_only=True)
class _Distribution:
    """A feature as it was: its distinct deciles and how many customers lay between them."""

    name: str
    mean: float
    edges: Floats
    counts: npt.NDArray[np.int64]

    @classmethod
    def of(cls, name: str, values: Floats) -> _Distribution:
        edges = np.unique(np.quantile(values, TENTHS))
        counts = np.bincount(np.searchsorted(edges, values), minlength=len(edges) + 1)
        return cls(name=name, mean=float(values.mean()), edges=edges, counts=counts)

    def index(self, values: Floats) -> float:
        counts = np.bincount(np.searchsorted(self.edges, values), minlength=len(self.counts))
        then, now = (
            (each + 0.5) / (each.sum() + 0.5 * len(each)) for each in (self.counts, counts)
        )
        return float((now - then) @ np.log(now / then))


# an answer that never changes, kept as long as its question lives
_KNOWN: WeakKeyDictionary[Run, list[_Distribution]] = WeakKeyDictionary()


def _distributions(run: Run) -> list[_Distribution]:
    if run not in _KNOWN:
        features = _features(run.customers)
        _KNOWN[run] = [_Distribution.of(name, features[name]) for name in DRIFT_FEATURES]
    return _KNOWN[run]


def _features(customers: pd.DataFrame) -> dict[str, Floats]:
    columns = [name for name in DRIFT_FEATURES if name != "days_since_last"]
    known = {name: customers[name].to_numpy(dtype=np.float64) for name in columns}
    return known | {"days_since_last": known[AGE] - known[RECENCY]}


def _stability(then: _Distribution, now: Floats) -> dict[str, Any]:
    value, customers = then.index(now), 1.0 / then.counts.sum() + 1.0 / len(now)
    chance = float(chdtri(max(len(then.edges), 1), CHANCE)) * customers
    limit = max(PSI_LIMIT, chance)
    return {
        "measure": then.name,
        "statistic": PSI,
        "then": then.mean,
        "now": float(now.mean()),
        "value": value,
        "lower": 0.0,
        "upper": limit,
        "drifted": value > limit,
    }


def _notice(row: dict[str, Any]) -> Notice:
    if row["statistic"] == PSI:
        return Notice(
            "DRIFT_CUSTOMERS",
            "Customers differ in {feature} from those the forecast was fitted on (PSI {psi:.2f}, "
            "limit {limit:.2f}; mean {then:,.1f} then, {now:,.1f} now). Fit again soon.",
            feature=row["measure"], psi=row["value"], limit=row["upper"],
            then=row["then"], now=row["now"],
        )  # fmt: skip
    return Notice(
        "DRIFT_SPENDING",
        "Since the forecast was fitted its customers have spent {ratio:.0%} of what it said, "
        "outside {lower:.0%} to {upper:.0%}. Fit again before you rely on its level.",
        ratio=row["value"], lower=row["lower"], upper=row["upper"],
    )  # fmt: skip


def _spent_since(run: Run, snapshot: Snapshot, *, full_window: bool) -> dict[str, Any] | None:
    """Hold what the run's customers have spent since against its forecast of these days."""
    horizon = (run.horizon_end - run.as_of).days
    days = min((snapshot.as_of - run.as_of).days, horizon)
    months = run.timeline[run.timeline["kind"] == FORECAST]
    ends = (months["month"] - pd.Timestamp(run.as_of)).dt.days.to_numpy(dtype=np.float64)
    path = np.append(0.0, months["revenue"].to_numpy(dtype=np.float64).cumsum())
    said = float(np.interp(days, np.append(0.0, ends), path))
    if days < LEAST_DAYS or said <= 0 or run.common is None:
        return None
    actual = _spent(run, snapshot, days)
    history = history_days(run)
    common = common_factor(
        level=LEVEL, seen=season_seen(history, days), horizon_days=days, full_window=full_window
    )
    # the customers' variances over the horizon are shared out like their revenue
    clv = float(run.customers["clv"].sum())
    own = float(run.variance.sum()) / clv**2 * float(path[-1]) / said if clv > 0 else 0.0
    width = float(common.half_width(own, 1.0))
    ratio, lower, upper = actual / said, float(np.exp(-width)), float(np.exp(width))
    return {
        "measure": SPENT,
        "statistic": ACTUAL_TO_FORECAST,
        "then": said,
        "now": actual,
        "value": ratio,
        "lower": lower,
        "upper": upper,
        "drifted": not lower <= ratio <= upper,
    }


def _spent(run: Run, snapshot: Snapshot, days: int) -> float:
    """Return what customers of the run spent in the ``days`` after its ``as_of``."""
    begin = (run.as_of - snapshot.first_day).days
    day = snapshot.purchases["day"].to_numpy()
    owner = snapshot.purchases["customer"].to_numpy()
    known = np.zeros(len(snapshot.customers) + 1, dtype=bool)
    known[rows_of(run, snapshot)] = True
    known[-1] = False
    counts = (day > begin) & (day <= begin + days) & known[owner]
    return float(snapshot.purchases["amount"].to_numpy(dtype=np.float64)[counts].sum())
