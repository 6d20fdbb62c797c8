"""Blank cells that mean "as above": an order named once, on the first of its lines."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.ingest.columns.mapping import Mapping
from clvcore.ingest.distinct import is_text
from clvcore.ingest.raw import RawTable
from clvcore.ingest.subtotals import is_label
from clvcore.records.errors import Notice

FEWEST_ROWS = 3  # a lone row without a customer is a footer or a slip

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


def filled_down(raw: RawTable, mapping: Mapping) -> RawTable:
    """Return the table with the customer, day and order of a line's order on each of its lines.

    A line goes on with the order above where customer, day and order number are all blank but the
    amount and some other cell are not; a customer or day missing on a line whose order number
    stands on the lines above is theirs. Anything else that is blank stays blank: a guest has a
    day, and a total has a label.
    """
    keys = [mapping.customer_id, mapping.date]
    if not any(raw.table[name].null_count for name in keys):
        return raw
    blank = {name: _blank(raw, name) for name in keys}
    source = np.arange(raw.table.num_rows)
    below = _below(raw, mapping, blank)
    if below.sum() >= FEWEST_ROWS:
        source = np.maximum.accumulate(np.where(below, 0, source))
        below &= ~below[source]
    else:
        below[:] = False
    columns = [name for role, name in mapping.roles() if role not in ("amount", "quantity")]
    columns += [mapping.email] if mapping.email else []
    table = raw.table
    for name in dict.fromkeys(columns):
        empty = _blank(raw, name) & below
        if name in keys or name == mapping.order_id or empty.sum() == below.sum():
            table = _taken(table, name, empty, source)
    table, same = _by_order(replace(raw, table=table), mapping)
    lines = int(below.sum()) + same
    if not lines:
        return raw
    notice = Notice(
        "CELLS_FILLED_DOWN",
        "{rows} rows leave the customer or the day blank and go on with an order named above; "
        "they were read as further lines of that order.",
        rows=lines,
    )
    return replace(raw, table=table, notices=(*raw.notices, notice))


def _below(raw: RawTable, mapping: Mapping, blank: dict[str, Bools]) -> Bools:
    """Return the rows that go on with the order above."""
    below = blank[mapping.customer_id] & blank[mapping.date] & ~_blank(raw, mapping.amount)
    if mapping.order_id is not None:
        below &= _blank(raw, mapping.order_id)
    if raw.ragged is not None:
        below &= ~raw.ragged.to_numpy(zero_copy_only=False)
    if not below.any():
        return below
    rows = np.flatnonzero(below)
    used = {name for role, name in mapping.roles() if role != "attributes"}
    others = [name for name in raw.columns if name not in used]
    says = np.zeros(rows.size, dtype=bool)
    total = np.zeros(rows.size, dtype=bool)
    for name in others:
        cells = raw.table[name].take(pa.array(rows))
        says |= cells.is_valid().to_numpy()
        if is_text(cells.type):
            labels = [text for text in pc.unique(cells).to_pylist() if is_label(text)]
            total |= pc.is_in(cells, pa.array(labels, cells.type)).to_numpy()
    below[rows[~says | total]] = False
    below[0] = False
    return below


def _by_order(raw: RawTable, mapping: Mapping) -> tuple[pa.Table, int]:
    """Give lines of an order the customer and the day that an earlier line of it has."""
    table = raw.table
    if mapping.order_id is None:
        return table, 0
    encoded = pc.dictionary_encode(raw.table[mapping.order_id].combine_chunks()).indices
    number: Ints = encoded.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    # lines of one order stand together; a number that comes again further down may be another's
    order = np.append(0, np.cumsum(number[1:] != number[:-1]))
    order[number < 0] = -1
    changed = np.zeros(order.size, dtype=bool)
    for name in (mapping.customer_id, mapping.date):
        empty = _blank(raw, name)
        named = np.flatnonzero(~empty & (order >= 0))
        first = np.full(order.max(initial=-1) + 2, -1)
        first[order[named[::-1]]] = named[::-1]  # the first of several is written last
        source = first[order]
        taken = empty & (order >= 0) & (source >= 0) & (source < np.arange(order.size))
        if taken.any():
            table = _taken(table, name, taken, np.where(taken, source, 0))
            changed |= taken
    return table, int(changed.sum())


def _taken(table: pa.Table, name: str, rows: Bools, source: Ints) -> pa.Table:
    """Fill the cells of ``rows`` with those of the rows they come from."""
    if not rows.any():
        return table
    column = table[name]
    cells = pc.if_else(pa.array(rows), column.take(pa.array(source)), column)
    return table.set_column(table.column_names.index(name), name, cells)


def _blank(raw: RawTable, name: str) -> Bools:
    column = raw.table[name]
    if not column.null_count and not is_text(column.type):
        return np.zeros(len(column), dtype=bool)
    blank = column.is_null()
    if is_text(column.type):
        blank = pc.or_(blank, pc.equal(pc.utf8_trim_whitespace(column.fill_null("")), ""))
    return np.asarray(blank.to_numpy(), dtype=bool)
