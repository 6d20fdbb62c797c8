"""Why a row does not count, and the books that show every row and every cent."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Faults = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

REASONS = (
    "",
    "ragged_row",
    "missing_customer_id",
    "invalid_customer_id",
    "missing_date",
    "unreadable_date",
    "implausible_date",
    "missing_amount",
    "unreadable_amount",
    "non_finite_amount",
    "implausible_amount",
    "missing_quantity",
    "unreadable_quantity",
    "non_finite_quantity",
    "implausible_quantity",
    "returned",
    "duplicate_dropped",
    "outside_dates",
    "other_currency",
    "zero_dropped",
    "cancelled",
    "repeated_total",
    "not_a_sale",
    "subtotal",
    "far_off_date",
)
CHOSEN = ("duplicate_dropped", "outside_dates", "other_currency", "zero_dropped")
UNSOLD = ("cancelled", "repeated_total", "not_a_sale")
WINSORISED = "winsorised"
CODE = {reason: code for code, reason in enumerate(REASONS)}


@dataclass(frozen=True, eq=False, kw_only=True)
class Reading:
    """A column that was read, and what is wrong with it.

    ``faults`` has shape (rows,) and holds ``CODE`` of a reason, 0 where the value is good; the
    value itself means nothing where it is not. ``markers`` are the words, in lower case, that
    stood for missing values.
    """

    faults: Faults
    markers: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Balance:
    """Rows and money, in total, used, and dropped by reason (reasons that occur only).

    ``winsorised`` takes money off rows that are used: its rows are 0.
    """

    rows_in: int
    rows_used: int
    rows_dropped: dict[str, int]
    amount_in: float
    amount_used: float
    amount_dropped: dict[str, float]


def first_fault(*faults: Faults) -> Faults:
    """Return the first fault of every row, in the order given; 0 where there is none."""
    result = faults[0].copy()
    for later in faults[1:]:
        np.copyto(result, later, where=result == 0)
    return result


def balance(faults: Faults, amounts: Floats, counted: Floats | None = None) -> Balance:
    """Balance the books: exact sums per reason, so that the parts add up to the whole.

    Parameters
    ----------
    faults, amounts
        Shape (rows,): the reason a row does not count (0: it does) and its money, 0 where that
        cannot be read.
    counted
        Shape (rows,): the money after large amounts were cut; default ``amounts``.
    """
    counted = amounts if counted is None else counted
    counts = np.bincount(faults, minlength=len(REASONS))
    dropped = [code for code in range(1, len(REASONS)) if counts[code]]
    rows = {REASONS[code]: int(counts[code]) for code in dropped}
    money = {REASONS[code]: math.fsum(counted[faults == code]) for code in dropped}
    cut = amounts != counted
    if cut.any():
        rows[WINSORISED] = 0
        money[WINSORISED] = math.fsum(np.concatenate([amounts[cut], -counted[cut]]))
    amount_in = math.fsum(amounts)
    all_count = not dropped and not cut.any()
    return Balance(
        rows_in=faults.size,
        rows_used=int(counts[0]),
        rows_dropped=rows,
        amount_in=amount_in,
        amount_used=amount_in if all_count else math.fsum(counted[faults == 0]),
        amount_dropped=money,
    )
