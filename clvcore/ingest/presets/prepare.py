"""From an export as it stands to lines that mean what a plain order log means."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.ingest.amounts.amounts import AmountReading, read_amounts
from clvcore.ingest.columns.mapping import Mapping
from clvcore.ingest.container.cells import cell_text
from clvcore.ingest.distinct import is_text
from clvcore.ingest.presets.plain import plain_lines, says_more
from clvcore.ingest.presets.preset import Preset, as_written
from clvcore.ingest.presets.registry import fitting_preset
from clvcore.ingest.presets.sheet import Bools, Floats, Lines, Sheet, find, truth
from clvcore.ingest.raw import RawTable
from clvcore.records.errors import MappingError

ENOUGH_ROWS = 2_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Prepared:
    """A table with the same rows and columns, and the rows that are no purchases.

    Parameters
    ----------
    raw
        Cells of the mapped columns say what each line means; all others are as in the file.
    dropped
        Text, shape (rows,): ``cancelled``, ``repeated_total`` or ``not_a_sale``, null on lines
        that count. A dropped line keeps its own amount, so that the books show it.
    """

    raw: RawTable
    dropped: pa.Array


def prepare(raw: RawTable, mapping: Mapping) -> Prepared:
    """Rewrite the mapped columns of an export to what its lines mean.

    Without a preset, that is what a status, refunds and totals of orders say, where they are
    mapped.

    No row is removed or added, and the names of the columns stay, so a mapping on the file's own
    columns fits before and after.

    Raises
    ------
    MappingError
        If there is no such preset, the file has not its columns, or tax or shipping is to be left
        out where the export does not state it apart.
    DataError
        If numbers can be read in two ways.
    """
    unchanged = Prepared(raw=raw, dropped=pa.nulls(raw.table.num_rows, pa.string()))
    preset = None if mapping.preset is None else fitting_preset(mapping.preset, raw.columns)
    if preset is not None:
        _check(preset, mapping, raw)
    if preset.lines is as_written if preset is not None else not says_more(mapping):
        return unchanged
    money = read_amounts(raw.table[mapping.amount], name=mapping.amount, decimal=mapping.decimal)
    decimal = mapping.decimal or _decimal(raw.table[mapping.amount], money)
    sheet = Sheet(
        raw=raw,
        decimal=decimal,
        tax=mapping.include_tax is not False,
        shipping=mapping.include_shipping is not False,
        known={mapping.amount: money},
    )
    lines = preset.lines(sheet) if preset is not None else plain_lines(sheet, mapping)
    dropped = _reasons(lines, sheet.rows)
    used = pc.is_null(dropped)
    table = raw.table
    if lines.amount is not None:
        cells = _amounts(table[mapping.amount], money, lines.amount, decimal or ".", used)
        table = _with(table, mapping.amount, cells)
    if preset is not None:
        table = _by_preset(table, preset, mapping, raw, lines, used)
    return Prepared(
        raw=replace(raw, table=table, notices=(*raw.notices, *lines.notices)), dropped=dropped
    )


def _by_preset(
    table: pa.Table, preset: Preset, mapping: Mapping, raw: RawTable, lines: Lines, used: pa.Array
) -> pa.Table:
    """Set customers, orders and currencies to what the preset makes of them."""
    if lines.customer is not None and _same(preset.customer_id, mapping.customer_id, raw):
        table = _with(table, mapping.customer_id, lines.customer)
    if lines.order is not None and mapping.order_id is not None:
        table = _with(table, mapping.order_id, lines.order)
    codes = preset.currency and find(preset.currency, raw.columns)
    if codes and codes not in {column for _, column in mapping.roles()}:
        nothing = pa.scalar(None, table[codes].type)
        table = _with(table, codes, pc.if_else(used, table[codes], nothing))
    return table


def _check(preset: Preset, mapping: Mapping, raw: RawTable) -> None:
    for role in ("amount", "order_id", "quantity"):
        if not _same(getattr(preset, role), getattr(mapping, role), raw):
            raise MappingError(
                "PRESET_CONTRADICTED",
                "The preset {preset} counts the column {column!r} as {role}, but the mapping says "
                "otherwise. Leave the preset out, or map {role} as it does.",
                preset=preset.title, role=role,
                column=find(getattr(preset, role) or "", raw.columns) or "none",
            )  # fmt: skip
    for word, chosen, apart in (
        ("tax", mapping.include_tax, preset.tax),
        ("shipping", mapping.include_shipping, preset.shipping),
    ):
        if chosen is False and not apart:
            raise MappingError(
                "NOT_STATED_APART",
                "Exports of {preset} do not state {what} apart, so it cannot be left out. Leave "
                "include_{what} at its default.",
                preset=preset.title, what=word,
            )  # fmt: skip


def _same(name: str | None, mapped: str | None, raw: RawTable) -> bool:
    return (find(name, raw.columns) if name else None) == mapped


def _decimal(column: pa.ChunkedArray, told: AmountReading) -> str | None:
    """Return the mark that ``told`` was read with; the other columns of money follow it.

    None where no amount has a mark: then they tell for themselves.
    """
    if not is_text(column.type):
        return None
    found = False
    for mark in (",", "."):
        # a cell with a mark means something else, or nothing, under the other convention
        marked = np.flatnonzero(truth(pc.match_substring(column, mark)))[:ENOUGH_ROWS]
        found |= marked.size > 0
        point = read_amounts(column.take(pa.array(marked)), name="amount", decimal=".")
        same = point.amounts == told.amounts[marked]
        if not (same & (point.faults == told.faults[marked])).all():
            return ","
    return "." if found else None


def _reasons(lines: Lines, rows: int) -> pa.Array:
    reasons = pa.nulls(rows, pa.string())
    for reason, marked in lines.dropped.items():
        reasons = pc.coalesce(reasons, pc.if_else(pa.array(marked), reason, None))
    return reasons


def _amounts(
    column: pa.ChunkedArray, was: AmountReading, amount: Floats, decimal: str, used: pa.Array
) -> pa.ChunkedArray:
    """Return the column with new amounts where they differ; unreadable cells stay as they are."""
    amount = np.round(amount, 6) + 0.0
    changed: Bools = (was.faults == 0) & (was.amounts != amount) & truth(used)
    if not changed.any():
        return column
    if not is_text(column.type):
        return pc.if_else(pa.array(changed), pa.array(amount), column.cast(pa.float64()))
    values, place = np.unique(amount[changed], return_inverse=True)
    texts = [(cell_text(value) or "").replace(".", decimal) for value in values.tolist()]
    cells = np.full(amount.size, None, dtype=object)
    cells[changed] = np.array(texts, dtype=object)[place]
    written = pa.array(cells, pa.string())
    return pc.if_else(pa.array(changed), written, column.cast(pa.string()))


def _with(table: pa.Table, name: str, cells: pa.Array | pa.ChunkedArray) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, cells)
