"""One row per customer: what the kept purchase days up to ``as_of`` say. Days, not orders, count.

Days come sorted by customer and date, so every feature is a sum over neighbours. Money is summed in
whole units: neither threads nor the order of lines move the last digit.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from clvcore.features.days import Ints, PurchaseDays, changes, sums
from clvcore.records.numbers import Floats

WINDOWS = (30, 90, 180, 365)  # days before ``as_of``: a month, a quarter, half a year, a year
FORGETTING = 0.00385  # per day, ln 2 / 180: an amount's weight halves every 180 days; our choice
LEAST_AMOUNT = 1e-9  # units of money; a smaller one has no logarithm worth keeping
WEIGHT_UNITS = 1e6  # whole units of the weight of an amount of today; one more, so none is nothing

Column = npt.NDArray[np.int64] | Floats


def feature_table(days: PurchaseDays, today: int) -> dict[str, Column]:
    """Return the features by name, each of shape (customers,), counts as int64, else float64.

    Parameters
    ----------
    days
        Purchase days, none after ``today``.
    today
        Days since 1970-01-01.
    """
    starts = changes(days.customer)
    ends = np.append(starts[1:], days.customer.size) - 1
    ago, units = today - days.day, days.units
    known = ends - starts + 1
    first, last = ago[starts], ago[ends]
    running = np.concatenate([[0], np.cumsum(units)])
    total = running[ends + 1] - running[starts]
    returned = sums(days.returned, starts)
    after = np.maximum(known - 1, 1)
    weight = (np.rint(WEIGHT_UNITS * np.exp(-FORGETTING * np.arange(ago.max() + 1))) + 1.0)[ago]
    logs = np.log(np.maximum(units / days.scale, LEAST_AMOUNT))
    table: dict[str, Column] = {
        "frequency": known - 1,
        "recency": first - last,
        "T": first,
        "monetary_value": (total - units[starts]) / days.scale / after,
        "n_orders": np.maximum(sums(days.orders, starts), known),
        "days_since_last": last,
        "revenue_to_date": total / days.scale,
        "first_amount": units[starts] / days.scale,
        "last_amount": units[ends] / days.scale,
        "max_amount": np.maximum.reduceat(units, starts) / days.scale,
        "mean_log_amount": np.add.reduceat(logs, starts) / known,
        "recent_mean_amount": np.add.reduceat(units * weight, starts)
        / np.add.reduceat(weight, starts)
        / days.scale,
        **_gaps(days.day, starts, known),
        "returned_share": returned / (total + returned + 1.0),
        "year_end_share": sums(_months(days.day) >= 11, starts) / known,
    }
    for window in WINDOWS:
        table[f"purchases_{window}"] = inside = sums(ago < window, starts)
        spent = running[ends + 1] - running[ends + 1 - inside]  # days of a window come last
        table[f"spend_{window}"] = spent / days.scale
    return table


def _gaps(day: Ints, starts: Ints, known: Ints) -> dict[str, Column]:
    """Return mean and standard deviation of the days between purchases, NaN for a single one."""
    gap = np.diff(day, prepend=0)
    gap[starts] = 0
    gaps = np.where(known > 1, known - 1.0, np.nan)
    mean = sums(gap, starts) / gaps
    variance = sums(gap * gap, starts) / gaps - mean**2
    return {"gap_mean": mean, "gap_spread": np.sqrt(np.maximum(variance, 0.0))}


def _months(day: Ints) -> Ints:
    """Return the calendar month, 1 to 12, of days since 1970-01-01; each date is looked up once."""
    first = day.min()
    dates = np.arange(first, day.max() + 1).astype("datetime64[D]")
    months = dates.astype("datetime64[M]").astype(np.int64) % 12 + 1
    of_day: Ints = months[day - first]
    return of_day
