"""Summaries in the body to columns, which are checked as such; one wrong row is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pydantic.alias_generators import to_camel

from app.api.errors import ApiError
from app.api.parameters import both_spellings, unknown
from app.api.rows import (
    LEAST_MONEY,
    LONGEST_TEXT,
    MOST_MONEY,
    MOST_WHOLE,
    NUMBER,
    Column,
    checked_rows,
)

SUMMARY_COLUMNS = (
    "customer_id", "tenure_days", "total_revenue", "purchase_frequency", "avg_order_value",
    "recency_days",
)  # fmt: skip
SUMMARY_REQUIRED = ("customer_id", "tenure_days", "purchase_frequency", "recency_days")
MOST_DAYS, MOST_PURCHASES = 36_525, 36_525
WHERE = "customer_data"


def summaries_table(rows: Any) -> pa.Table:
    """Return summaries: customer_id, purchases, tenure_days, recency_days and revenue.

    ``total_revenue`` counts; where it is missing, ``avg_order_value`` times the purchases does.

    Raises
    ------
    ApiError
        ``WRONG_TYPE``, ``MISSING_PARAMETER``, ``UNKNOWN_PARAMETER``, ``PARAMETER_TWICE``,
        ``OUT_OF_RANGE`` or ``DUPLICATE_CUSTOMER``, with the first row it is about.
    """
    columns = _columns(rows)
    customers = _texts("customer_id", columns["customer_id"])
    if len(pc.unique(customers)) < len(customers):
        first: dict[str, int] = {}
        ids = enumerate(customers.to_pylist())
        row = next(n for n, name in ids if first.setdefault(name, n) < n)
        raise ApiError("DUPLICATE_CUSTOMER", parameter="customer_id", location=WHERE, row=row)
    purchases = _whole("purchase_frequency", columns, 1, MOST_PURCHASES)
    revenue = _revenue(columns, purchases)
    return pa.table(
        {
            "customer_id": customers,
            "purchases": purchases,
            "tenure_days": _whole("tenure_days", columns, 0, MOST_DAYS),
            "recency_days": _whole("recency_days", columns, 0, MOST_DAYS),
            "revenue": revenue,
        }
    )


def _revenue(columns: dict[str, Column], purchases: pa.Array) -> pa.Array:
    """Return the total of each row: the one stated, else the mean times the purchases."""
    nowhere = [None] * len(purchases)
    totals = columns.get("total_revenue", nowhere)
    means = columns.get("avg_order_value", nowhere)
    for name, column in (("total_revenue", totals), ("avg_order_value", means)):
        _numbers(name, [0 if value is None else value for value in column], 0, MOST_MONEY)
    either = [mean if total is None else total for total, mean in zip(totals, means, strict=True)]
    _each("total_revenue", either, "MISSING_PARAMETER", lambda value: value is not None)
    rows = zip(totals, means, purchases.to_pylist(), strict=True)
    chosen = [mean * n if total is None else total for total, mean, n in rows]
    return _numbers("total_revenue", chosen, 0, MOST_MONEY * MOST_PURCHASES)


def _columns(rows: list[dict[str, Any]]) -> dict[str, Column]:
    """Return the values of each name of a summary, in the order of the rows."""
    shapes = checked_rows(WHERE, rows)
    spellings = both_spellings(SUMMARY_COLUMNS)
    for shape in shapes:
        _check_shape(shape, spellings)
    names = dict.fromkeys(spellings[key] for shape in sorted(shapes) for key in shape)
    return {name: _values(rows, name, shapes) for name in names}


def _check_shape(shape: tuple[str, ...], spellings: dict[str, str]) -> None:
    if strange := next((key for key in shape if key not in spellings), None):
        raise unknown(strange, spellings, WHERE)
    named = [spellings[key] for key in shape]
    if twice := next((name for name in named if named.count(name) > 1), None):
        raise ApiError("PARAMETER_TWICE", parameter=twice, location=WHERE)
    if missing := next((name for name in SUMMARY_REQUIRED if name not in named), None):
        raise ApiError("MISSING_PARAMETER", parameter=missing, location=WHERE)


def _values(rows: list[dict[str, Any]], name: str, shapes: set[tuple[str, ...]]) -> Column:
    camel = to_camel(name)
    if all(name in shape for shape in shapes):
        return [row[name] for row in rows]
    return [row[name] if name in row else row.get(camel) for row in rows]


def _texts(name: str, column: Column) -> pa.Array:
    column = [_whole_number(value) for value in column]  # to JSON 12.0 is a whole number
    _each(name, column, "WRONG_TYPE", lambda v: type(v) in (str, int), expected="string")
    _each(name, column, "OUT_OF_RANGE", lambda v: isinstance(v, str) or abs(v) <= MOST_WHOLE,
          maximum=MOST_WHOLE)  # fmt: skip
    texts = list(map(str, column))
    _each(name, texts, "OUT_OF_RANGE", lambda text: 1 <= len(text) <= LONGEST_TEXT,
          minimum=1, maximum=LONGEST_TEXT)  # fmt: skip
    return pa.array(texts, pa.string())


def _each(
    name: str, column: Column, code: str, good: Callable[[Any], bool], **details: Any
) -> None:
    """Refuse the first value that is not good, and say in which row it stands."""
    row = next((row for row, value in enumerate(column) if not good(value)), None)
    if row is not None:
        raise ApiError(code, parameter=name, location=WHERE, row=row, **details)


def _whole_number(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _numbers(name: str, column: Column, low: float, high: float) -> pa.Array:
    _each(name, column, "WRONG_TYPE", lambda v: type(v) in NUMBER, expected="number")
    _each(name, column, "OUT_OF_RANGE", lambda v: low <= v <= high, minimum=low, maximum=high)
    numbers = pa.array([float(value) for value in column], pa.float64())
    return pc.if_else(pc.less(pc.abs(numbers), LEAST_MONEY), 0.0, numbers)


def _whole(name: str, columns: dict[str, Column], low: int, high: int) -> pa.Array:
    numbers = _numbers(name, columns[name], low, high)
    _each(name, columns[name], "WRONG_TYPE", lambda v: v == int(v), expected="integer")
    return numbers.cast(pa.int64())
