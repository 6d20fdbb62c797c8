"""A question the rows leave open, and what they say under either answer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from clvcore.records.errors import DataError

if TYPE_CHECKING:
    from clvcore.ingest import RawTable

QUESTIONS = {"AMBIGUOUS_DATE_FORMAT": "date_order", "AMBIGUOUS_NUMBER_FORMAT": "decimal"}
MARKS = (".", ",")
SHOWN = 5

Value = dt.date | float


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One answer to the question, and what the file then says.

    Parameters
    ----------
    choice
        What ``setting`` of the mapping would be.
    values
        What the rows shown would mean: days or numbers.
    bounds
        The first and the last day of the whole file, or its least and its largest number.
    total
        Sum of all numbers; None for days.
    in_order
        Whether no row is earlier than the one before; None for numbers.
    """

    choice: str
    values: tuple[Value, ...]
    bounds: tuple[Value, Value]
    total: float | None = None
    in_order: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Question:
    """A setting that every row leaves open; ``lines`` and ``written`` are rows of the file."""

    setting: str
    column: str
    lines: tuple[int, ...]
    written: tuple[str, ...]
    readings: tuple[Reading, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the question as JSON types."""
        return {
            "setting": self.setting, "column": self.column, "lines": list(self.lines),
            "written": list(self.written),
            "readings": [
                {
                    "choice": r.choice, "values": [_plain(value) for value in r.values],
                    "bounds": [_plain(value) for value in r.bounds], "total": r.total,
                    "in_order": r.in_order,
                }
                for r in self.readings
            ],
        }  # fmt: skip

    @classmethod
    def from_dict(cls, parts: dict[str, Any]) -> Question:
        """Rebuild from ``to_dict``."""
        readings = tuple(
            Reading(
                choice=r["choice"], values=tuple(map(_value, r["values"])),
                bounds=(_value(r["bounds"][0]), _value(r["bounds"][1])), total=r["total"],
                in_order=r["in_order"],
            )
            for r in parts["readings"]
        )  # fmt: skip
        return cls(
            setting=parts["setting"], column=parts["column"], lines=tuple(parts["lines"]),
            written=tuple(parts["written"]), readings=readings,
        )  # fmt: skip


def open_question(raw: RawTable, error: DataError) -> Question | None:
    """Read the column in question both ways; None where ``error`` asks nothing of this kind.

    The rows shown are the first that the two readings tell apart.
    """
    setting = QUESTIONS.get(error.code)
    column = str(error.values.get("column"))
    if setting is None or column not in raw.columns:
        return None
    try:
        both = _days(raw, column, error) if setting == "date_order" else _numbers(raw, column)
    except DataError:
        return None  # the column holds more than this one question: the refusal says it in words
    (_, first), (_, second) = both
    rows = _telling(raw, column, first, second)
    if not rows.size:
        return None
    cells = raw.table[column].take(rows).to_pylist()
    return Question(
        setting=setting,
        column=column,
        lines=tuple(raw.lines.take(rows).to_pylist()),
        written=tuple(str(cell) for cell in cells),
        readings=tuple(_reading(choice, values, rows) for choice, values in both),
    )


def _days(raw: RawTable, column: str, error: DataError) -> list[tuple[str, Any]]:
    from clvcore.ingest.dates.dates import read_dates

    orders = (error.values["first"], error.values["second"])
    read = [(o, read_dates(raw.table[column], name=column, order=o)) for o in orders]
    return [(o, np.where(r.faults == 0, r.days, np.datetime64("NaT", "D"))) for o, r in read]


def _numbers(raw: RawTable, column: str) -> list[tuple[str, Any]]:
    from clvcore.ingest.amounts.amounts import read_amounts

    read = [(m, read_amounts(raw.table[column], name=column, decimal=m)) for m in MARKS]
    return [(mark, np.where(r.faults == 0, r.amounts, np.nan)) for mark, r in read]


def _telling(raw: RawTable, column: str, first: Any, second: Any) -> Any:
    """Return the places of the first rows, each with a text of its own, that the two differ in."""
    known = ~(np.isnan(first) | np.isnan(second))
    places = np.flatnonzero(known & (first != second))[:1000]
    texts = raw.table[column].take(places).to_pylist()
    _, earliest = np.unique(np.array([str(text) for text in texts]), return_index=True)
    return places[np.sort(earliest)[:SHOWN]]


def _reading(choice: str, values: Any, rows: Any) -> Reading:
    shown, known = tuple(values[rows].tolist()), values[~np.isnan(values)]
    if values.dtype.kind == "M":
        in_order = bool((known[1:] >= known[:-1]).all())
        bounds = (known.min().item(), known.max().item())
        return Reading(choice=choice, values=shown, bounds=bounds, in_order=in_order)
    bounds = (float(known.min()), float(known.max()))
    return Reading(choice=choice, values=shown, bounds=bounds, total=float(known.sum()))


def _plain(value: Value) -> str | float:
    return value.isoformat() if isinstance(value, dt.date) else value


def _value(plain: str | float) -> Value:
    return dt.date.fromisoformat(plain) if isinstance(plain, str) else float(plain)
