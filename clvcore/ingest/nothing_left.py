"""The refusal of a file of which no row can be used; it keeps the rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from clvcore.ingest.columns.mapping import REQUIRED, Mapping
from clvcore.ingest.ledger import CHOSEN, REASONS, Faults
from clvcore.records.columns import LINE
from clvcore.records.errors import DataError

FIRST_FAULTS = 10  # of a file without any good row, named in its refusal
CELL_IS_WRONG = ("unreadable", "implausible", "non_finite", "invalid")


class NothingLeftError(DataError):
    """No row is left; ``rejected`` lists those that could not be read, as a report does."""

    rejected: pd.DataFrame | None = None

    @classmethod
    def of(cls, reason: DataError, rejected: pd.DataFrame) -> NothingLeftError:
        """Return the refusal with the rows it is about."""
        error = cls(reason.code, reason.template, **reason.values)
        error.rejected = rejected
        return error


def nothing_left(faults: Faults, rejected: pd.DataFrame, mapping: Mapping) -> NothingLeftError:
    """Say why no row can be used, with the first cell of the commonest kind and its line."""
    counts = np.bincount(faults, minlength=len(REASONS))
    dropped = {REASONS[code]: int(counts[code]) for code in np.flatnonzero(counts) if code}
    first = [[int(row), REASONS[faults[row]]] for row in np.flatnonzero(faults)[:FIRST_FAULTS]]
    values = {
        "rows": int(faults.size),
        "reasons": ", ".join(f"{reason}: {rows}" for reason, rows in dropped.items()),
        "dropped": dropped,
        "first": first,
    }
    commonest = REASONS[int(counts.argmax())]
    if commonest in CHOSEN:
        error = DataError(
            "OPTIONS_LEAVE_NOTHING",
            "None of the {rows} rows is left ({reasons}). Widen the choice of dates, currency or "
            "amounts.",
            **values,
        )
    elif cell := _first_cell(commonest, rejected, mapping):
        error = DataError(
            "NO_USABLE_ROWS",
            "None of the {rows} rows can be used ({reasons}): line {line} has {example!r} in "
            "column {column!r}. Check which column is mapped to customer, date and amount.",
            **values, **cell,
        )  # fmt: skip
    else:
        error = DataError(
            "NO_USABLE_ROWS",
            "None of the {rows} rows can be used ({reasons}). Check which column is mapped to "
            "customer, date and amount.",
            **values,
        )
    return NothingLeftError.of(error, rejected)


def _first_cell(reason: str, rejected: pd.DataFrame, mapping: Mapping) -> dict[str, Any]:
    """Return line, text and column of the first cell that is wrong for this reason, if any is."""
    rows = rejected[rejected["reason"] == reason]
    role = next((r for r in (*REQUIRED, "quantity") if reason.endswith(r)), None)
    if role is None or rows.empty or not reason.startswith(CELL_IS_WRONG):
        return {}
    row = rows.iloc[0]
    return {
        "line": int(row[LINE]),
        "example": str(row[role]),
        "column": getattr(mapping, role),
    }
