"""How far a shop has moved since a forecast was fitted: its customers, and what they spent since.

The population stability index compares shares of customers in the deciles of then:
PSI = sum (now - then) ln(now / then), above 0.2 a shift that calls for a new fit (Siddiqi 2006).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import chdtri

from clvcore.columns import (
    ACTUAL_TO_FORECAST,
    AGE,
    DRIFT_FEATURES,
    DRIFT_FRAME,
    FORECAST,
    PSI,
    RECENCY,
    SPENT,
)
from clvcore.errors import Notice
from clvcore.records import Floats, Run, Snapshot
from clvcore.uncertainty import common_factor, season_seen

PSI_LIMIT = 0.2
CHANCE = 0.01
TENTHS = np.arange(1, 10) / 10.0
LEVEL = 0.95
LEAST_DAYS = 7  # a few days are weekdays and chance


def measure_drift(run: Run, snapshot: Snapshot, *, full_window: bool) -> pd.DataFrame:
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
    DataFrame
        Columns of ``columns.DRIFT_FRAME``. A row per feature (``statistic`` is ``psi``; ``then``
        and ``now`` are means), and, once seven days have passed, one for the spend since the
        run's ``as_of`` of the customers it knew (``actual_to_forecast``; ``then`` is the forecast
        for these days, ``now`` what was spent; money). ``drifted`` where ``value`` lies outside
        ``lower`` to ``upper``. In shops under 200 customers chance alone moves the index, so
        its limit is what chance exceeds once in a hundred times.
    """
    then, now = _features(run.customers), _features(snapshot.customers)
    rows = [_stability(name, then[name], now[name]) for name in DRIFT_FEATURES]
    spent = _spent_since(run, snapshot, full_window=full_window)
    frame = pd.DataFrame(rows if spent is None else [*rows, spent], columns=list(DRIFT_FRAME))
    return frame.astype({"measure": "str", "statistic": "str", "drifted": bool})


def drift_notices(drift: pd.DataFrame) -> list[Notice]:
    """Warn of every row that drifted."""
    notices = []
    for row in drift[drift["drifted"]].to_dict("records"):
        if row["statistic"] == PSI:
            notices.append(
                Notice(
                    "DRIFT_CUSTOMERS",
                    "Customers have changed in {feature} since the forecast was fitted (PSI "
                    "{psi:.2f}, limit {limit:.2f}; mean {then:,.1f} then, {now:,.1f} now). Fit "
                    "again soon.",
                    feature=row["measure"], psi=row["value"], limit=row["upper"],
                    then=row["then"], now=row["now"],
                )
            )  # fmt: skip
        else:
            notices.append(
                Notice(
                    "DRIFT_SPENDING",
                    "Since the forecast was fitted its customers have spent {ratio:.0%} of what "
                    "it said, outside {lower:.0%} to {upper:.0%}. Fit again before you rely on "
                    "its level.",
                    ratio=row["value"], lower=row["lower"], upper=row["upper"],
                )
            )  # fmt: skip
    return notices


def stability_index(then: Floats, now: Floats) -> tuple[float, int]:
    """Return the PSI of ``now`` over the deciles of ``then``, and how many groups they make.

    Equal deciles (half the customers bought once) are one; half a customer is added to each group.

    Examples
    --------
    >>> stability_index(np.arange(100.0), np.arange(100.0))
    (0.0, 10)
    """
    edges = np.unique(np.quantile(then, TENTHS))
    groups = len(edges) + 1
    share = [
        (np.bincount(np.searchsorted(edges, each), minlength=groups) + 0.5)
        / (len(each) + 0.5 * groups)
        for each in (then, now)
    ]
    return float((share[1] - share[0]) @ np.log(share[1] / share[0])), groups


def _features(customers: pd.DataFrame) -> dict[str, Floats]:
    known = {
        name: customers[name].to_numpy(dtype=np.float64)
        for name in DRIFT_FEATURES
        if name in customers.columns
    }
    return {"days_since_last": known[AGE] - known[RECENCY], **known}


def _stability(name: str, then: Floats, now: Floats) -> dict[str, object]:
    value, groups = stability_index(then, now)
    chance = float(chdtri(max(groups - 1, 1), CHANCE)) * (1.0 / len(then) + 1.0 / len(now))
    limit = max(PSI_LIMIT, chance)
    return {
        "measure": name,
        "statistic": PSI,
        "then": float(then.mean()),
        "now": float(now.mean()),
        "value": value,
        "lower": 0.0,
        "upper": limit,
        "drifted": value > limit,
    }


def _spent_since(run: Run, snapshot: Snapshot, *, full_window: bool) -> dict[str, object] | None:
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
    history = (run.as_of - run.customers["first_purchase"].min().date()).days
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
    known = snapshot.customers.index.isin(run.customers.index)
    counts = (day > begin) & (day <= begin + days) & known[owner]
    return float(snapshot.purchases["amount"].to_numpy(dtype=np.float64)[counts].sum())
