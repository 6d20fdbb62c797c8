"""When a cohort has earned what it cost to win, and how many times over it should."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from clvcore.records.errors import ConfigError
from clvcore.records.numbers import Floats

PAYBACK_FRAME = (
    "cohort", "customers", "cost", "months", "ratio", "ratio_lower", "ratio_upper",
    "month", "month_lower", "month_upper",
)  # fmt: skip


def payback(cohorts: pd.DataFrame, costs: Mapping[str, float], *, margin: float) -> pd.DataFrame:
    """Compare each cohort's cumulative value x margin with what its customers cost.

    Parameters
    ----------
    cohorts
        Columns of ``clvcore.records.columns.COHORTS_FRAME``.
    costs
        Acquisition cost per customer by cohort, above 0; cohorts without one are left out.
    margin
        Share of revenue that is kept, above 0 up to 1.

    Returns
    -------
    DataFrame
        One row per cohort in the order of ``costs``. ``months`` is the age its curve reaches,
        ``ratio`` value x margin over cost at that age. ``month`` is the age, in months and parts
        of one, at which the cost is earned back; infinite if the curve ends before. ``_lower`` and
        ``_upper`` follow from the bounds of the curve: the upper one pays back first. What has
        been observed is certain, so its bounds are the value itself.

    Raises
    ------
    ConfigError
        If a cost or the margin is outside its range.
    """
    if not 0 < margin <= 1:
        raise ConfigError(
            "MARGIN_RANGE", "The margin is {margin}; it must be above 0, at most 1.", margin=margin
        )
    rows = []
    curves = dict(list(cohorts.sort_values("month_index").groupby("cohort")))
    for name, cost in costs.items():
        if not 0 < cost < np.inf:
            raise ConfigError(
                "COST_RANGE",
                "The cost of {cohort} is {cost}; it must be above 0. Leave out those without.",
                cohort=name, cost=cost,
            )  # fmt: skip
        if name in curves:
            rows.append({"cohort": name, "cost": cost, **_row(curves[name], cost / margin)})
    return pd.DataFrame(rows, columns=list(PAYBACK_FRAME))


def _row(curve: pd.DataFrame, needed: float) -> dict[str, float]:
    value = curve["cumulative_value_per_customer"].to_numpy(dtype=np.float64)
    lower, upper = (curve[edge].fillna(curve["cumulative_value_per_customer"]).to_numpy(np.float64)
                    for edge in ("lower", "upper"))  # fmt: skip
    return {
        "customers": int(curve["customers"].iloc[0]),
        "months": len(curve),
        "ratio": value[-1] / needed,
        "ratio_lower": lower[-1] / needed,
        "ratio_upper": upper[-1] / needed,
        "month": _reached(value, needed),
        "month_lower": _reached(upper, needed),
        "month_upper": _reached(lower, needed),
    }


def _reached(curve: Floats, needed: float) -> float:
    """Return the age at which a curve of month ends passes a value, straight within a month.

    Returns can take a curve down again: the last time it passes for good counts.
    """
    below = np.flatnonzero(curve < needed)
    if not len(below):
        return float(needed / curve[0])
    at = below[-1]
    if at == len(curve) - 1:
        return float("inf")
    return float(at + 1 + (needed - curve[at]) / (curve[at + 1] - curve[at]))
