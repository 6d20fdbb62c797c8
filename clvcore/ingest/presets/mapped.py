"""The mapping of a recognized export."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.ingest.amounts.amounts import read_amounts
from clvcore.ingest.columns.mapping import Mapping, may_be_attribute
from clvcore.ingest.dates.dates import read_dates
from clvcore.ingest.presets.preset import Preset
from clvcore.ingest.presets.sheet import find
from clvcore.ingest.raw import RawTable
from clvcore.records.errors import DataError

ROLES = ("customer_id", "date", "amount", "order_id", "quantity", "email")
MAX_LABELS = 200
ENOUGH_ROWS = 2_000
POINT = "."


def preset_mapping(preset: Preset, raw: RawTable, given: dict[str, Any] | None = None) -> Mapping:
    """Map an export as its preset says.

    Where the rows leave open how dates or numbers are to be read, the platform's own way counts:
    the order of the preset, and a decimal point, which all of these platforms write.

    Parameters
    ----------
    given
        Attributes and settings already decided; they win.
    """
    found = {role: find(getattr(preset, role) or "", raw.columns) for role in ROLES}
    used = set(found.values())
    attributes = tuple(
        column
        for column in (find(name, raw.columns) for name in preset.attributes)
        if column is not None and column not in used and _groups(raw.table[column], column)
    )
    settings: dict[str, Any] = {"attributes": attributes, "preset": preset.name}
    settings |= {role: column for role, column in found.items() if column is not None}
    date, amount = raw.table[settings["date"]], raw.table[settings["amount"]]
    if preset.date_order and _open(lambda column: read_dates(column, name="date"), date):
        settings["date_order"] = preset.date_order
    if _open(lambda column: read_amounts(column, name="amount"), amount):
        settings["decimal"] = POINT
    return Mapping.from_dict(settings | (given or {}))


def _groups(column: pa.ChunkedArray, name: str) -> bool:
    """Tell whether a column has a few labels, under a name of its own."""
    return may_be_attribute(name) and 2 <= pc.count_distinct(column).as_py() <= MAX_LABELS


def _open(read: Callable[[pa.ChunkedArray], object], column: pa.ChunkedArray) -> bool:
    """Tell whether every row can be read in two ways; few rows are asked before all are."""
    step = max(1, len(column) // ENOUGH_ROWS)
    some = column.take(pa.array(np.arange(0, len(column), step)))
    return _ambiguous(read, some) and _ambiguous(read, column)


def _ambiguous(read: Callable[[pa.ChunkedArray], object], column: pa.ChunkedArray) -> bool:
    try:
        read(column)
    except DataError as error:
        return error.code.startswith("AMBIGUOUS")
    return False
