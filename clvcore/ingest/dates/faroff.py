"""Days far from all others: a typing error or a placeholder that would move the last day known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clvcore.records.errors import Notice

Days = npt.NDArray[np.datetime64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

# chosen on simulated and real logs, none of which loses a row by them
FAR_DAYS = 400  # longer than a shop that sells once a year is silent
TIMES_USUAL = 10  # the silence that 99 of 100 in this log do not reach
FEWEST_ROWS = 20  # in the rest, or nothing is far from anything
FEW_ROWS = 0.02
FEW_DAYS, FEW_DAYS_ROWS = 3, 0.2  # a placeholder is one day with many rows
DENSE_DAYS, DENSE_GAP = 10, 7.0  # a shop that was open then, whatever came between


@dataclass(frozen=True, eq=False, kw_only=True)
class FarOff:
    """Rows that are left out, shape (rows,), and what is said about them."""

    rows: Bools
    notices: tuple[Notice, ...] = ()


def far_off(days: Days, good: Bools, lines: Ints, *, before: bool, after: bool) -> FarOff:
    """Find the few rows dated long before or after all others.

    A log that really reaches so far keeps its rows: they are more than a few, or lie as close
    together as in an open shop, or such silences are usual in it.

    Parameters
    ----------
    days, good, lines
        Shape (rows,): the day of each row, whether it counts so far, and its line.
    before, after
        Whether to look before and after the others; a side whose end was stated is left alone.
    """
    nobody = np.zeros(days.size, dtype=bool)
    numbers = days.astype("datetime64[D]").view(np.int64)
    numbers = numbers if good.all() else numbers[good]
    if numbers.size < FEWEST_ROWS:
        return FarOff(rows=nobody)
    lowest = int(numbers.min())
    counts = np.bincount(numbers - lowest)
    when = np.flatnonzero(counts)
    rows = counts[when]
    first, last = _body(when, rows)
    gone = np.zeros(when.size, dtype=bool)
    if after and _is_few(when[last + 1 :], rows[last + 1 :], rows):
        gone[last + 1 :] = True
    if before and _is_few(when[:first], rows[:first], rows):
        gone[:first] = True
    if not gone.any() or int(rows[~gone].sum()) < FEWEST_ROWS:
        return FarOff(rows=nobody)
    outside = np.isin(days.astype("datetime64[D]").view(np.int64) - lowest, when[gone]) & good
    kept = when[~gone] + lowest
    place = int(outside.argmax())
    notice = Notice(
        "FAR_OFF_DATES",
        "{rows} rows are dated far from all others, which lie from {first} to {last}: line {line} "
        "is dated {example}. They were left out as typing errors or placeholders; correct the "
        "dates, or state the first and last day to keep them.",
        rows=int(outside.sum()), first=_text(kept[0]), last=_text(kept[-1]),
        line=int(lines[place]), example=str(days[place].astype("datetime64[D]")),
    )  # fmt: skip
    return FarOff(rows=outside, notices=(notice,))


def _body(when: Ints, rows: Ints) -> tuple[int, int]:
    """Return the places of the first and the last day of the log proper."""
    cuts = np.flatnonzero(np.diff(when) > FAR_DAYS) + 1
    starts, ends = np.append(0, cuts), np.append(cuts, when.size)
    sums = np.add.reduceat(rows, starts)
    largest = int(sums.argmax())
    first, last = int(starts[largest]), int(ends[largest]) - 1
    inside = np.diff(when[first : last + 1])
    usual = float(np.quantile(inside, 0.99)) if inside.size else 0.0
    far = max(FAR_DAYS, TIMES_USUAL * usual)
    while last + 1 < when.size and when[last + 1] - when[last] <= far:
        last += 1
    while first > 0 and when[first] - when[first - 1] <= far:
        first -= 1
    return first, last


def _is_few(when: Ints, rows: Ints, every: Ints) -> bool:
    """Tell whether days beyond a silence are too few to be a stretch of the log."""
    if not when.size:
        return False
    if when.size >= DENSE_DAYS and float(np.median(np.diff(when))) <= DENSE_GAP:
        return False
    share = rows.sum() / every.sum()
    return bool(share <= FEW_ROWS or (when.size <= FEW_DAYS and share <= FEW_DAYS_ROWS))


def _text(day: np.int64) -> str:
    return str(np.datetime64(int(day), "D"))
