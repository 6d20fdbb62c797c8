"""Rows of the body to columns: 26,000 orders are checked by column, not one by one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pydantic.alias_generators import to_camel

from app.api.errors import ApiError
from app.api.parameters import MOST_ROWS, both_spellings, unknown
from clvcore.errors import ConfigError, MappingError
from clvcore.ingest import Mapping

ORDER_COLUMNS = ("customer_id", "date", "amount", "order_id")
ORDER_REQUIRED = ORDER_COLUMNS[:3]
SUMMARY_COLUMNS = (
    "customer_id", "tenure_days", "total_revenue", "purchase_frequency", "avg_order_value",
    "recency_days",
)  # fmt: skip
SUMMARY_REQUIRED = ("customer_id", "tenure_days", "purchase_frequency", "recency_days")
MOST_ATTRIBUTES = 20
LONGEST_TEXT = 256
ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
MOST_WHOLE = 2**53 - 1  # above it JSON numbers are not the same everywhere: write such ids as text
LEAST_MONEY = 1e-6
MOST_DAYS, MOST_PURCHASES, MOST_MONEY = 36_525, 36_525, 1e12
TEXT = frozenset({str, int})
LABEL = frozenset({str, int, float, bool, type(None)})
NUMBER = frozenset({int, float})

Column = list[Any]


def orders_table(rows: Any) -> tuple[pa.Table, Mapping]:
    """Return orders as an Arrow table, and what its columns mean.

    Raises
    ------
    ApiError
        ``WRONG_TYPE``, ``MISSING_PARAMETER``, ``PARAMETER_TWICE`` or ``OUT_OF_RANGE``.
    """
    columns = _columns("data", rows, ORDER_COLUMNS, ORDER_REQUIRED, attributes=True)
    attributes = tuple(name for name in columns if name not in ORDER_COLUMNS)
    table = {
        "customer_id": _texts("data", "customer_id", columns["customer_id"]),
        "date": _texts("data", "date", columns["date"], allowed=frozenset({str})),
        "amount": _numbers("data", "amount", columns["amount"], -MOST_MONEY, MOST_MONEY),
    }
    if "order_id" in columns:
        table["order_id"] = _labels("data", columns["order_id"])
    table |= {name: _labels("data", columns[name]) for name in attributes}
    return pa.table(table), _mapping(attributes, has_order="order_id" in table)


def summaries_table(rows: Any) -> pa.Table:
    """Return summaries: customer_id, purchases, tenure_days, recency_days and revenue.

    ``total_revenue`` counts; where it is missing, ``avg_order_value`` times the purchases does.

    Raises
    ------
    ApiError
        As ``orders_table``, and ``DUPLICATE_CUSTOMER``.
    """
    where = "customer_data"
    columns = _columns(where, rows, SUMMARY_COLUMNS, SUMMARY_REQUIRED, attributes=False)
    customers = _texts(where, "customer_id", columns["customer_id"])
    if len(set(customers.to_pylist())) < len(customers):
        raise ApiError("DUPLICATE_CUSTOMER", location=where)
    purchases = _whole(where, "purchase_frequency", columns, 1, MOST_PURCHASES)
    revenue = _revenue(where, columns, purchases)
    return pa.table(
        {
            "customer_id": customers,
            "purchases": purchases,
            "tenure_days": _whole(where, "tenure_days", columns, 0, MOST_DAYS),
            "recency_days": _whole(where, "recency_days", columns, 0, MOST_DAYS),
            "revenue": revenue,
        }
    )


def _revenue(where: str, columns: dict[str, Column], purchases: pa.Array) -> pa.Array:
    """Return the total of each row: the one stated, else the mean times the purchases."""
    nowhere = [None] * len(purchases)
    totals = columns.get("total_revenue", nowhere)
    means = columns.get("avg_order_value", nowhere)
    for name, column in (("total_revenue", totals), ("avg_order_value", means)):
        _numbers(where, name, [0 if value is None else value for value in column], 0, MOST_MONEY)
    if any(total is None and mean is None for total, mean in zip(totals, means, strict=True)):
        raise ApiError("MISSING_PARAMETER", parameter="total_revenue", location=where)
    rows = zip(totals, means, purchases.to_pylist(), strict=True)
    chosen = [mean * n if total is None else total for total, mean, n in rows]
    return _numbers(where, "total_revenue", chosen, 0, MOST_MONEY * MOST_PURCHASES)


def _columns(
    where: str, rows: Any, known: Iterable[str], required: Iterable[str], *, attributes: bool
) -> dict[str, Column]:
    """Return the values of each name, in the order of the rows."""
    if not isinstance(rows, list):
        raise ApiError("WRONG_TYPE", parameter=where, location="body", expected="array")
    if not 1 <= len(rows) <= MOST_ROWS:
        raise ApiError("OUT_OF_RANGE", parameter=where, location="body", minimum=1,
                      maximum=MOST_ROWS)  # fmt: skip
    if set(map(type, rows)) != {dict}:
        raise ApiError("WRONG_TYPE", parameter=where, location="body", expected="objects")
    shapes = set(map(tuple, rows))
    spellings = both_spellings(known)
    for shape in shapes:
        _check_shape(where, shape, spellings, required, attributes=attributes)
    names = dict.fromkeys(spellings.get(key, key) for shape in sorted(shapes) for key in shape)
    if len(names) > len(tuple(spellings)) + MOST_ATTRIBUTES:
        raise ApiError("OUT_OF_RANGE", parameter=where, location="body", maximum=MOST_ATTRIBUTES)
    return {name: _values(rows, name, shapes) for name in names}


def _check_shape(
    where: str,
    shape: tuple[str, ...],
    spellings: dict[str, str],
    required: Iterable[str],
    *,
    attributes: bool,
) -> None:
    named = [spellings.get(key, key) for key in shape]
    if len(set(named)) < len(named):
        raise ApiError("PARAMETER_TWICE", location=where)
    if missing := next((name for name in required if name not in named), None):
        raise ApiError("MISSING_PARAMETER", parameter=missing, location=where)
    others = [key for key in shape if key not in spellings]
    if others and not attributes:
        raise unknown(others[0], spellings, where)
    if strange := next((key for key in others if not ATTRIBUTE.fullmatch(key)), None):
        raise unknown(strange, spellings, where)


def _values(rows: list[dict[str, Any]], name: str, shapes: set[tuple[str, ...]]) -> Column:
    camel = to_camel(name)
    if all(name in shape for shape in shapes):
        return [row[name] for row in rows]
    return [row[name] if name in row else row.get(camel) for row in rows]


def _texts(where: str, name: str, column: Column, allowed: frozenset[type] = TEXT) -> pa.Array:
    if float in set(map(type, column)):  # to JSON 12.0 is a whole number
        column = [_whole_number(value) for value in column]
    kinds = set(map(type, column))
    if not kinds <= allowed:
        raise ApiError("WRONG_TYPE", parameter=name, location=where, expected="string")
    if int in kinds and any(abs(n) > MOST_WHOLE for n in column if isinstance(n, int)):
        raise ApiError("OUT_OF_RANGE", parameter=name, location=where, maximum=MOST_WHOLE)
    texts = pa.array(column if kinds == {str} else list(map(str, column)), pa.string())
    if not all(1 <= length <= LONGEST_TEXT for length in _lengths(texts)):
        raise ApiError("OUT_OF_RANGE", parameter=name, location=where, minimum=1,
                      maximum=LONGEST_TEXT)  # fmt: skip
    return texts


def _labels(where: str, column: Column) -> pa.Array:
    kinds = set(map(type, column))
    if not kinds <= LABEL:
        raise ApiError("WRONG_TYPE", location=where, expected="string")
    if not kinds <= {str, type(None)}:
        column = [value if value is None else _label(value) for value in column]
    texts = pa.array(column, pa.string())
    if any(length > LONGEST_TEXT for length in _lengths(texts)):
        raise ApiError("OUT_OF_RANGE", location=where, maximum=LONGEST_TEXT)
    return texts


def _whole_number(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _label(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _lengths(texts: pa.Array) -> set[int]:
    lengths = pc.utf8_length(texts)
    return set(pc.unique(lengths.drop_null()).to_pylist())


def _numbers(where: str, name: str, column: Column, low: float, high: float) -> pa.Array:
    if not set(map(type, column)) <= NUMBER:
        raise ApiError("WRONG_TYPE", parameter=name, location=where, expected="number")
    if not low <= min(column) <= max(column) <= high:
        raise ApiError("OUT_OF_RANGE", parameter=name, location=where, minimum=low, maximum=high)
    numbers = pa.array([float(value) for value in column], pa.float64())
    # a millionth of a coin is nothing, and numbers so small cannot be squared
    return pc.if_else(pc.less(pc.abs(numbers), LEAST_MONEY), 0.0, numbers)


def _whole(where: str, name: str, columns: dict[str, Column], low: int, high: int) -> pa.Array:
    numbers = _numbers(where, name, columns[name], low, high)
    whole = pc.floor(numbers)
    if not whole.equals(numbers):
        raise ApiError("WRONG_TYPE", parameter=name, location=where, expected="integer")
    return whole.cast(pa.int64())


def _mapping(attributes: tuple[str, ...], *, has_order: bool) -> Mapping:
    try:
        return Mapping(
            customer_id="customer_id",
            date="date",
            amount="amount",
            order_id="order_id" if has_order else None,
            attributes=attributes,
            decimal=".",
        )
    except (MappingError, ConfigError):
        raise ApiError("ATTRIBUTE_NAME_TAKEN", location="data") from None
