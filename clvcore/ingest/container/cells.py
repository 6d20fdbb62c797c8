"""One cell of a workbook or of a mixed column as the text a person would type for it."""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal

EXACT = 2**53  # from here on a float skips whole numbers, and two long ids may become one
THREE_DECIMALS = re.compile(r"-?\d+\.\d{3}")


def cell_text(value: object) -> str | None:
    """Return the cell as text; None if it is empty.

    Whole numbers come without a decimal point, days without a clock come as ``2024-06-30``.

    Examples
    --------
    >>> [cell_text(cell) for cell in (13085.0, "007", None, 2.5)]
    ['13085', '007', None, '2.5']
    """
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time() and value.tzinfo is None
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, float):
        text = number_text(value)
        # as text, 1.234 could be a thousand and more; 1.2340 says that it was a number
        return f"{text}0" if text and THREE_DECIMALS.fullmatch(text) else text
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value) or None


def number_text(value: float) -> str | None:
    """Return a float as text, whole ones without a point; None for NaN, a frame's empty cell."""
    if math.isnan(value):
        return None
    if value.is_integer() and abs(value) < 1e22:
        return str(int(value))
    return repr(value)
