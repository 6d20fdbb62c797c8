"""What rows of orders and rows of summaries have in common: limits, and that they are rows."""

from __future__ import annotations

import re
from typing import Any

from app.api.errors import ApiError
from app.api.parameters import MOST_ROWS

MOST_ATTRIBUTES = 20
LONGEST_TEXT = 256
ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
MOST_WHOLE = 2**53 - 1  # above it JSON numbers are not the same everywhere: write such ids as text
LEAST_MONEY = 1e-6  # of a coin: nobody is paid less, and numbers so small cannot be squared
MOST_MONEY = 1e12
NUMBER = frozenset({int, float})

Column = list[Any]


def checked_rows(where: str, rows: Any) -> set[tuple[str, ...]]:
    """Return the shapes of rows, the different lists of keys, if they are rows at all.

    Raises
    ------
    ApiError
        ``WRONG_TYPE`` if they are no list of objects, ``OUT_OF_RANGE`` for none or too many.
    """
    if not isinstance(rows, list):
        raise ApiError("WRONG_TYPE", parameter=where, location="body", expected="array")
    if not 1 <= len(rows) <= MOST_ROWS:
        raise ApiError("OUT_OF_RANGE", parameter=where, location="body", minimum=1,
                      maximum=MOST_ROWS)  # fmt: skip
    if set(map(type, rows)) != {dict}:
        row = next(n for n, one in enumerate(rows) if not isinstance(one, dict))
        raise ApiError("WRONG_TYPE", parameter=where, location="body", row=row, expected="objects")
    return set(map(tuple, rows))
