"""Orders in the body to a table: keys are understood as the columns of a file are.

A cell that cannot be read costs its row and nothing else: it becomes one the intake refuses under a
reason of its own, and is counted there. Only what no row has right is refused as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pydantic.alias_generators import to_snake

from app.api.errors import ApiError, refused
from app.api.parameters import both_spellings, unknown
from app.api.rows import (
    ATTRIBUTE,
    LEAST_MONEY,
    LONGEST_TEXT,
    MOST_ATTRIBUTES,
    MOST_MONEY,
    MOST_WHOLE,
    NUMBER,
    Column,
    checked_rows,
)
from clvcore.ingest import Mapping, RawTable, guess_mapping, read_raw
from clvcore.ingest.columns.mapping import REQUIRED, may_be_attribute
from clvcore.ingest.columns.summaries import refuse_summaries
from clvcore.ingest.container.cells import cell_text
from clvcore.records.errors import ClvError, MappingError, Notice

ORDER_COLUMNS = ("customer_id", "date", "amount", "order_id")
WHERE = "data"
# A role that only the values speak for, or a name as vague as "id", is no role here: nobody looks
# at the guess before it is used.
LEAST_SURE = 0.35
EXPECTED = {
    "customer_id": "string", "date": "string", "amount": "number", "quantity": "number",
    "refunded": "number",
}  # fmt: skip
# What the intake calls invalid, unreadable or implausible, in place of what JSON has besides.
NO_ID, NO_TEXT, NO_MONEY = "\x00", "no text", 1e18  # none of them stands for a missing value


@dataclass(frozen=True, eq=False, kw_only=True)
class OrderRows:
    """Orders as an Arrow table with one row per row of the body, and what its columns mean.

    ``understood`` names the key that each role was found under, in our own spelling where it is
    one of ours. ``notices`` are the doubts of whoever guessed.
    """

    table: pa.Table
    mapping: Mapping
    understood: dict[str, str]
    notices: tuple[Notice, ...]


def order_rows(rows: Any, cohort_by: str | None = None) -> OrderRows:
    """Return orders as a table, and what its columns mean.

    Parameters
    ----------
    cohort_by
        Key that stays an attribute, whatever else it could mean.

    Raises
    ------
    ApiError
        ``WRONG_TYPE``, ``MISSING_PARAMETER``, ``UNKNOWN_PARAMETER``, ``PARAMETER_TWICE``,
        ``OUT_OF_RANGE`` or ``ATTRIBUTE_NAME_TAKEN`` where no row can be used as it is written, and
        ``SUMMARIES_NOT_ORDERS`` where the rows are no orders.
    """
    columns = _columns(rows, _names(checked_rows(WHERE, rows)))
    columns, mapping, notices = _meaning(columns, cohort_by)
    roles = {role: name for role, name in mapping.roles() if role != "attributes"}
    table = {
        name: _cells(role, columns[name]) if role in EXPECTED else _labels(columns[name])
        for role, name in mapping.roles()
    }
    # a preset reads more columns than those it maps
    table |= {name: _plain(column) for name, column in columns.items() if name not in table}
    return OrderRows(table=pa.table(table), mapping=mapping, understood=roles, notices=notices)


def _names(shapes: Iterable[tuple[str, ...]]) -> dict[str, str]:
    """Return the column of each key: both spellings of a name are one, unless a row has both."""
    ours, keys = both_spellings(ORDER_COLUMNS), dict[str, str]()
    shapes = sorted(shapes)
    for shape in shapes:
        keys |= {key: to_snake(key) for key in shape if key not in keys}
        if len(keys) > 2 * (len(ORDER_COLUMNS) + MOST_ATTRIBUTES):
            raise _too_many()
    apart: set[str] = set()
    for shape in shapes:
        named = [ours.get(key, keys[key]) for key in shape]
        apart |= {name for name in named if named.count(name) > 1}
    if twice := next((name for name in ORDER_COLUMNS if name in apart), None):
        raise ApiError("PARAMETER_TWICE", parameter=twice, location=WHERE)
    found: dict[str, str] = {}
    first: dict[str, str] = {}
    for key, snake in keys.items():
        name = ours.get(key) or (key if snake in apart else first.setdefault(snake, key))
        found[key] = name
    return found


def _columns(rows: list[dict[str, Any]], names: dict[str, str]) -> dict[str, Column]:
    """Return the values of each column, in the order of the rows; None where a row has none."""
    spelled: dict[str, list[str]] = {}
    for key, name in names.items():
        spelled.setdefault(name, []).append(key)
    columns = {name: [row.get(keys[0]) for row in rows] for name, keys in spelled.items()}
    for name, (_, *others) in spelled.items():
        for key in others:
            pairs = zip(rows, columns[name], strict=True)
            columns[name] = [row.get(key, value) for row, value in pairs]
    return columns


def _meaning(
    columns: dict[str, Column], cohort_by: str | None
) -> tuple[dict[str, Column], Mapping, tuple[Notice, ...]]:
    """Return columns and mapping: our own names as they are, others as the intake guesses them."""
    ours: dict[str, Any] = {name: name for name in ORDER_COLUMNS if name in columns}
    if len(columns) == len(ours) and ours.keys() >= set(REQUIRED):
        return columns, Mapping(**ours, decimal=_decimal(columns["amount"])), ()
    if not columns:
        raise ApiError("MISSING_PARAMETER", parameter=REQUIRED[0], location=WHERE)
    try:
        raw = read_raw(pa.table({name: _plain(column) for name, column in columns.items()}))
        refuse_summaries(raw)
        columns = dict(zip(raw.columns, columns.values(), strict=True))  # without odd blanks
        kept = [name for name in columns if name == cohort_by and name not in ours]
        mapping, notices = _guessed(raw, ours, kept)
    except ClvError as error:
        raise refused(error) from None
    if mapping.preset is None:
        used = {name for role, name in mapping.roles() if role != "attributes"}
        others = _attributes([name for name in columns if name not in used])
        decimal = _decimal(columns[mapping.amount])
        mapping = replace(mapping, attributes=others, decimal=decimal)
    return columns, mapping, notices


def _guessed(
    raw: RawTable, ours: dict[str, str], kept: list[str]
) -> tuple[Mapping, tuple[Notice, ...]]:
    """Ask the intake, and believe no more than names say."""
    try:
        guess = guess_mapping(raw, given={**ours, "attributes": kept} if ours or kept else None)
    except MappingError as error:
        if error.code != "ROLE_NOT_FOUND":
            raise
        raise ApiError(
            "MISSING_PARAMETER", parameter=error.values["role"], location=WHERE
        ) from None
    for role in REQUIRED:
        if guess.confidence.get(role, 0.0) <= LEAST_SURE:
            raise ApiError("MISSING_PARAMETER", parameter=role, location=WHERE)
    return guess.mapping, guess.notes


def _attributes(keys: list[str]) -> tuple[str, ...]:
    """Return what is kept for cohorts: every key that means nothing else."""
    if strange := next((key for key in keys if not ATTRIBUTE.fullmatch(key)), None):
        raise unknown(strange, both_spellings(ORDER_COLUMNS), WHERE)
    if len(keys) > MOST_ATTRIBUTES:
        raise _too_many()
    if taken := next((key for key in keys if not may_be_attribute(key)), None):
        raise ApiError("ATTRIBUTE_NAME_TAKEN", parameter=taken.casefold(), location=WHERE)
    return tuple(keys)


def _too_many() -> ApiError:
    return ApiError("OUT_OF_RANGE", parameter=WHERE, location="body", maximum=MOST_ATTRIBUTES)


def _decimal(amounts: Column) -> str | None:
    """Return the decimal mark: a point beside numbers of JSON, else it is told from all rows."""
    return "." if NUMBER & set(map(type, amounts)) else None


def _plain(column: Column) -> pa.Array:
    """Return values as the guess sees them: numbers, or text; what holds something is blank."""
    kinds = set(map(type, column))
    if kinds <= {str, type(None)}:
        return pa.array(column, pa.string())
    if kinds <= {int, float, type(None)}:
        return pa.array([v if v is None else float(v) for v in column], pa.float64())
    return pa.array([None if isinstance(v, dict | list) else cell_text(v) for v in column],
                    pa.string())  # fmt: skip


def _cells(role: str, column: Column) -> pa.Array:
    """Return a column with every cell the intake can judge.

    Raises
    ------
    ApiError
        ``WRONG_TYPE`` or ``OUT_OF_RANGE`` if no row has a value the role can have.
    """
    if role == "customer_id":
        return _customers(column)
    kinds = set(map(type, column))
    if kinds <= {str, type(None)}:
        return pa.array(column, pa.string())
    good = kinds & {str, int, float}
    if not good:
        raise _wrong_type(role, column, {str, int, float})
    if role == "date":
        return pa.array([_text(value) for value in column], pa.string())
    if str in kinds or kinds - NUMBER - {type(None)}:
        return pa.array([_text(_money(value)) for value in column], pa.string())
    if not any(isinstance(v, int | float) and abs(v) <= MOST_MONEY for v in column):
        raise ApiError("OUT_OF_RANGE", parameter=role, location=WHERE,
                       minimum=-MOST_MONEY, maximum=MOST_MONEY)  # fmt: skip
    return pa.array([_money(value) for value in column], pa.float64())


def _customers(column: Column) -> pa.Array:
    """Return ids as text; a fraction, a truth value or something nested is no id."""
    kinds = set(map(type, column))
    if kinds <= {str, type(None)}:
        return pa.array(column, pa.string())
    if not any(isinstance(v, str) or v is None or _is_whole(v) for v in column):
        raise _wrong_type("customer_id", column, {str, int})
    if all(_is_whole(v) and abs(v) > MOST_WHOLE for v in column):
        raise ApiError("OUT_OF_RANGE", parameter="customer_id", location=WHERE, maximum=MOST_WHOLE)
    return pa.array([_id(value) for value in column], pa.string())


def _id(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return str(int(value)) if _is_whole(value) and abs(value) <= MOST_WHOLE else NO_ID


def _is_whole(value: Any) -> bool:
    """Tell whether a value is a whole number to JSON, to which 12.0 is one."""
    return type(value) is int or (isinstance(value, float) and value.is_integer())


def _money(value: Any) -> Any:
    """Return an amount within bounds as it is; a millionth of a coin is nothing."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if abs(value) > MOST_MONEY:
        return NO_MONEY
    # numbers so small cannot be squared
    return float(value) if abs(value) >= LEAST_MONEY else 0.0


def _text(value: Any) -> str | None:
    if isinstance(value, bool | dict | list):
        return NO_TEXT
    return cell_text(value)


def _wrong_type(role: str, column: Column, good: set[type]) -> ApiError:
    row = next(n for n, value in enumerate(column) if value is not None and type(value) not in good)
    return ApiError("WRONG_TYPE", parameter=role, location=WHERE, row=row, expected=EXPECTED[role])


def _labels(column: Column) -> pa.Array:
    """Return labels as text; they are kept, so what is none is refused."""
    for row, value in enumerate(column):
        if isinstance(value, dict | list):
            raise ApiError("WRONG_TYPE", parameter=WHERE, location=WHERE, row=row,
                           expected="string")  # fmt: skip
    texts = pa.array([v if v is None else _label(v) for v in column], pa.string())
    lengths = pc.utf8_length(texts)
    if (pc.max(lengths).as_py() or 0) > LONGEST_TEXT:
        row = pc.index_in(pa.scalar(True), pc.greater(lengths, LONGEST_TEXT)).as_py()
        raise ApiError("OUT_OF_RANGE", parameter=WHERE, location=WHERE, row=row,
                       maximum=LONGEST_TEXT)  # fmt: skip
    return texts


def _label(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
