"""Lines -> purchase days: what a customer bought on one calendar day is one purchase.

Money is counted in whole units, so neither the order of rows nor threads move the last digit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clvcore.features.netting import Numbers
from clvcore.features.numbered_lines import CodedLines, sorted_lines
from clvcore.records.numbers import Floats

Ints = npt.NDArray[np.int64]

DECIMALS = 1e4  # units of one unit of money: all amounts with up to four decimals are whole
EXACT_BITS = 52  # of the mantissa of a float (IEEE 754): whole numbers below 2**52 are exact
MOST_UNITS = 2.0**62  # a sum of units that still fits an int64, with a bit to spare


@dataclass(frozen=True, eq=False, kw_only=True)
class PurchaseDays:
    """One row per customer and kept purchase day, sorted by both; arrays have shape (days,).

    Parameters
    ----------
    scale
        Whole units of one unit of money.
    customers
        Shape (customers,), numbers (as in the lines) of the customers who appear.
    customer
        Place in ``customers``.
    day
        Days since 1970-01-01.
    units
        Money of the day, in whole units.
    returned
        Money taken off the day by its negative lines, in whole units.
    orders
        Distinct order ids; 0 where lines carry none.
    """

    scale: float
    customers: Numbers
    customer: Ints
    day: Ints
    units: Ints
    returned: Ints
    orders: Ints

    @classmethod
    def of(cls, lines: CodedLines) -> PurchaseDays:
        """Collapse lines that count; there must be at least one."""
        lines = _sorted(lines)
        starts = changes(lines.customer, lines.purchase_day)
        units, scale = _whole_units(lines)
        alone = starts.size == units.size  # no day has a second line
        returned = np.zeros(starts.size, dtype=np.int64)
        if (units < 0).any():
            returned = sums(np.maximum(-units, 0), starts)
        number = lines.customer[starts]
        arrivals = changes(number)
        return cls(
            scale=scale,
            customers=number[arrivals],
            customer=places(arrivals, number.size),
            day=lines.purchase_day[starts].astype(np.int64),
            units=units if alone else sums(units, starts),
            returned=returned,
            orders=_distinct_orders(lines.order, starts),
        )


def money_scale(amounts: Floats) -> float:
    """Return the whole units of one unit of money: ten-thousandths if they are exact.

    Otherwise a power of two that uses the 52 bits of a float for the largest amount.
    """
    largest = float(np.abs(amounts).max(initial=0.0))
    cents = np.rint(amounts * DECIMALS)
    if largest * DECIMALS < 2.0**EXACT_BITS and np.array_equal(cents / DECIMALS, amounts):
        return DECIMALS
    return float(2.0 ** (EXACT_BITS - 1 - np.ceil(np.log2(largest)))) if largest > 0 else 1.0


def _whole_units(lines: CodedLines) -> tuple[Ints, float]:
    """Return each line's money in whole units, and the scale; coarser if a sum would not fit."""
    scale = money_scale(lines.amount)
    size = np.abs(lines.amount)
    if size.sum() * scale >= MOST_UNITS:
        heaviest = np.bincount(lines.customer, weights=size).max() * scale
        scale *= 2.0 ** min(0.0, np.floor(np.log2(MOST_UNITS / heaviest)))
    return np.rint(lines.amount * scale).astype(np.int64), scale


def _sorted(lines: CodedLines) -> CodedLines:
    """Sort by customer and purchase day: lines come by date, and refunds may have moved."""
    customer, day = lines.customer, lines.purchase_day
    if ((day[1:] >= day[:-1]) | (customer[1:] > customer[:-1])).all():
        return lines
    return lines.take(sorted_lines(customer, day)[2])


def changes(*columns: Numbers | Ints) -> Ints:
    """Return the rows in which any of the sorted columns differs from the row before."""
    changed = np.zeros(columns[0].size, dtype=bool)
    changed[:1] = True
    for column in columns:
        changed[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(changed)


def sums(values: Ints | npt.NDArray[np.bool_], starts: Ints) -> Ints:
    """Return the sum of each group of neighbours, from the rows in which groups start.

    Differences of running totals: exact, as whole numbers are, and half the work of ``reduceat``.
    """
    running = np.zeros(values.size + 1, dtype=np.int64)
    np.cumsum(values, out=running[1:])
    total: Ints = np.diff(running[np.append(starts, values.size)])
    return total


def places(starts: Ints, rows: int) -> Ints:
    """Return the group of each row, numbered from 0, from the rows in which groups start."""
    return np.repeat(np.arange(starts.size), np.diff(np.append(starts, rows)))


def _distinct_orders(order: Numbers, starts: Ints) -> Ints:
    if order.max(initial=-1) < 0:
        return np.zeros(starts.size, dtype=np.int64)
    sizes = np.diff(np.append(starts, order.size))
    orders = (order[starts] >= 0).astype(np.int64)  # which is right for days of one line
    rows = np.flatnonzero(np.repeat(sizes > 1, sizes) & (order >= 0))
    levels = np.int64(order.max(initial=0)) + 1
    seen = np.sort(places(starts, order.size)[rows] * levels + order[rows])
    counts = np.bincount(seen[changes(seen)] // levels, minlength=starts.size)
    return np.where(sizes > 1, counts, orders)
