"""Two units of money in one log: cents until some day and euros after, or thousands and units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clvcore.arrays.numbering import Numbering
from clvcore.records.columns import AMOUNT, DATE
from clvcore.records.errors import Notice

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

FACTORS = (2.0, 3.0)  # powers of ten between a unit and its hundredths or thousandths
LEVEL_SLACK = 0.2  # powers of ten: prices and baskets move by half or so
WITHIN_SLACK = 0.35  # of a customer's own mean, which has few amounts in it
FEWEST_LINES = 10  # on either level
FEWEST_CUSTOMERS = 3  # who bought at both
LOOKED_AT = 20_000  # lines, evenly spread: enough to see whether months are on two levels


@dataclass(frozen=True, eq=False, kw_only=True)
class _Months:
    """Lines by month: which month each is in, shape (lines,), and the middle log of each month."""

    of_line: Ints
    middle: Floats


def two_units(numbering: Numbering) -> Notice | None:
    """Point out months whose amounts are a hundred or a thousand times those of the others.

    It takes all months being on one of two levels, and customers who bought at both having moved
    alike: a shop that begins to sell dearer things has neither.
    """
    amounts = numbering.lines[AMOUNT].to_numpy()
    bought = amounts > 0
    if np.count_nonzero(bought) < 2 * FEWEST_LINES:
        return None
    some = np.flatnonzero(bought)[:: max(1, int(bought.sum()) // LOOKED_AT)]
    days = numbering.lines[DATE].to_numpy()
    glance = _by_month(days[some].astype("datetime64[D]"), np.log10(amounts[some]))
    if _high_months(glance.middle) is None:
        return None
    logs = np.log10(amounts[bought])
    days = days[bought].astype("datetime64[D]")
    months = _by_month(days, logs)
    high = _high_months(months.middle)
    if high is None:
        return None
    above = high[months.of_line]
    if min(above.sum(), (~above).sum()) < FEWEST_LINES:
        return None
    low_level, high_level = float(np.median(logs[~above])), float(np.median(logs[above]))
    if not _is_factor(high_level - low_level, LEVEL_SLACK):
        return None
    moved = _within_customers(numbering.customer[bought], logs, above)
    if moved.size < FEWEST_CUSTOMERS or not _is_factor(float(np.median(moved)), WITHIN_SLACK):
        return None
    return Notice(
        "TWO_UNITS_OF_MONEY",
        "The unit of money seems to change on {day}: the middle amount is {low:,.2f} in some "
        "months and {high:,.2f} in the others, {ratio:,.0f} times as much, and so it is for "
        "{customers} customers who bought in both. Bring all amounts to one unit, such as cents to "
        "euros, and read the orders again.",
        day=_day_of_change(days, logs, months, high), low=10**low_level, high=10**high_level,
        ratio=10 ** (high_level - low_level), customers=int(moved.size),
    )  # fmt: skip


def _by_month(days: npt.NDArray[np.datetime64], logs: Floats) -> _Months:
    months = days.astype("datetime64[M]").astype(np.int64)
    _, of_line = np.unique(months, return_inverse=True)
    order = np.lexsort((logs, of_line))
    starts = np.searchsorted(of_line[order], np.arange(int(of_line.max()) + 2))
    middle = logs[order][(starts[:-1] + starts[1:]) // 2]
    return _Months(of_line=of_line, middle=middle)


def _high_months(middle: Floats) -> Bools | None:
    """Return the months on the higher of two levels; None if there are not two."""
    levels = np.sort(middle)
    gaps = np.diff(levels)
    if not gaps.size:
        return None
    place = int(gaps.argmax())
    if gaps[place] < FACTORS[0] / 2:
        return None
    high: Bools = middle > levels[place]
    return high


def _is_factor(powers: float, slack: float) -> bool:
    return any(abs(powers - factor) <= slack for factor in FACTORS)


def _within_customers(customer: npt.NDArray[np.integer], logs: Floats, above: Bools) -> Floats:
    """Return by how many powers of ten the amounts of those who bought at both levels differ."""
    people = int(customer.max()) + 1
    count, total = (
        [np.bincount(customer[side], weights=w, minlength=people) for side, w in sides]
        for sides in (
            [(above, None), (~above, None)],
            [(above, logs[above]), (~above, logs[~above])],
        )
    )
    both = (count[0] > 0) & (count[1] > 0)
    moved: Floats = total[0][both] / count[0][both] - total[1][both] / count[1][both]
    return moved


def _day_of_change(
    days: npt.NDArray[np.datetime64], logs: Floats, months: _Months, high: Bools
) -> str:
    """Return the first day on the new level, in the months around the first change."""
    change = int(np.flatnonzero(np.diff(high.astype(np.int8)))[0])
    around = (months.of_line == change) | (months.of_line == change + 1)
    when, place = np.unique(days[around], return_inverse=True)
    count = np.bincount(place).astype(np.float64)
    total = np.bincount(place, weights=logs[around])
    before, sum_before = np.cumsum(count)[:-1], np.cumsum(total)[:-1]
    after, sum_after = count.sum() - before, total.sum() - sum_before
    apart = (sum_before / before - sum_after / after) ** 2 * before * after
    return str(when[int(apart.argmax()) + 1])
