"""Dates of six figures and no marks: 930101, 311224 or, for a month, 202405."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.ingest.dates.daynumbers import NOT_A_DAY

Days = npt.NDArray[np.datetime64]
Ints = npt.NDArray[np.int64]

SIX = r"^\d{6}$"
LATE_CENTURY = 70
FIRST_YEAR, LAST_YEAR = 1990, 2100
MONTHLY = "ym"
# positions of year, month and day
ORDERS = {"ymd": (0, 1, 2), "dmy": (2, 1, 0), "mdy": (2, 0, 1)}
CLEARLY = 2  # the year takes half as many values as the day, or fewer


def six_figure_days(texts: pa.Array) -> dict[str, Days]:
    """Return the days six figures may mean, by order of their parts; NaT where there is none."""
    found: dict[str, Days] = {order: np.full(len(texts), NOT_A_DAY) for order in (*ORDERS, MONTHLY)}
    there = np.flatnonzero(_truth(pc.match_substring_regex(texts, SIX)))
    if there.size:
        numbers = texts.take(pa.array(there)).cast(pa.int64()).to_numpy()
        pairs = np.stack([numbers // 10_000, numbers // 100 % 100, numbers % 100])
        for order, (year, month, day) in ORDERS.items():
            years = np.where(pairs[year] < LATE_CENTURY, 2000, 1900) + pairs[year]
            found[order][there] = _days(years, pairs[month], pairs[day])
        months = _days(numbers // 100, pairs[2], np.ones_like(numbers))
        found[MONTHLY][there] = months
    return found


def likely_order(found: dict[str, Days], texts: pa.Array, rows: Ints) -> tuple[str, ...]:
    """Return the order of the parts that most rows fit; several if all rows leave it open.

    Of two readings that fit alike, the one whose years are few and whose days are many is right:
    ten years of orders have ten years and thirty-one days.
    """
    weight = {order: int(rows[~np.isnat(days)].sum()) for order, days in found.items()}
    best = max(weight.values())
    open_ones = tuple(order for order in found if weight[order] >= 0.99 * best)
    if MONTHLY in open_ones:
        return (MONTHLY,)
    if len(open_ones) < 2:
        return open_ones
    six = texts.filter(pc.match_substring_regex(texts, SIX))
    first = pc.count_distinct(pc.utf8_slice_codeunits(six, 0, 2)).as_py()
    last = pc.count_distinct(pc.utf8_slice_codeunits(six, 4, 6)).as_py()
    if CLEARLY * first <= last:
        open_ones = tuple(order for order in open_ones if order == "ymd") or open_ones
    elif CLEARLY * last <= first:
        open_ones = tuple(order for order in open_ones if order != "ymd") or open_ones
    return open_ones


def _days(year: Ints, month: Ints, day: Ints) -> Days:
    good = (year >= FIRST_YEAR) & (year <= LAST_YEAR) & (month >= 1) & (month <= 12) & (day >= 1)
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    first = months.astype("datetime64[D]")
    inside = good & (first + (day - 1) < (months + 1).astype("datetime64[D]"))
    return np.where(inside, first + (day - 1), NOT_A_DAY)


def _truth(values: pa.Array) -> npt.NDArray[np.bool_]:
    return values.fill_null(False).to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]
