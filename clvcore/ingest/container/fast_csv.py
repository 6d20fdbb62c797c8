"""The fast reader of CSV: complete rows in one pass, the few others one by one."""

from __future__ import annotations

import csv
import io

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from clvcore.ingest.container.dialect import Dialect, Ints
from clvcore.ingest.container.strict_csv import Found, fitted, swallowed, text_table
from clvcore.ingest.raw import check_rows

BLOCK_BYTES = 16 * 2**20


def read_fast(text: bytes, dialect: Dialect, names: list[str]) -> Found | None:
    """Read every record below the header; None if quotes leave in doubt where records end."""
    first = dialect.header + 1
    rows = first + np.flatnonzero(dialect.cells[first:])
    if not dialect.clean or not rows.size:
        return None
    check_rows(rows.size)
    complete = dialect.cells[rows] == len(names)
    several = rows[np.diff(dialect.lines)[rows] > 1]
    if any(_stray(text, dialect, record, len(names)) for record in several):
        return None
    table = _complete_rows(text, dialect, names, rows[~complete])
    if table is None or table.num_rows != int(complete.sum()):
        return None
    widths = np.full(rows.size, len(names), dtype=np.int64)
    if not complete.all():
        others = [fitted(_cells(text, dialect, row), len(names)) for row in rows[~complete]]
        widths[~complete] = [cell_count for _, cell_count in others]
        place = np.empty(rows.size, dtype=np.int64)
        place[np.concatenate([np.flatnonzero(complete), np.flatnonzero(~complete)])] = np.arange(
            rows.size
        )
        both = pa.concat_tables([table, text_table([cells for cells, _ in others], names)])
        table = both.take(pa.array(place))
    return Found(table=table, lines=pa.array(dialect.lines[rows]), widths=widths)


def _complete_rows(
    text: bytes, dialect: Dialect, names: list[str], left_out: Ints
) -> pa.Table | None:
    """Read the records below the header as text, without those ``left_out``."""
    start = int(dialect.starts[dialect.header + 1])
    body = pa.py_buffer(text).slice(start)
    if left_out.size:
        pieces = []
        for record in left_out:
            pieces.append(text[start : dialect.starts[record]])
            start = int(dialect.starts[record + 1])
        body = pa.py_buffer(b"".join([*pieces, text[start:]]))
    if not body.size:
        return text_table([], names)
    try:
        return pacsv.read_csv(
            pa.BufferReader(body),
            read_options=pacsv.ReadOptions(column_names=names, block_size=BLOCK_BYTES),
            parse_options=pacsv.ParseOptions(
                delimiter=dialect.delimiter,
                quote_char='"' if dialect.quoted else False,
                newlines_in_values=dialect.quoted,
            ),
            convert_options=pacsv.ConvertOptions(
                column_types={name: pa.string() for name in names},
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                check_utf8=False,
            ),
        )
    except pa.ArrowInvalid:  # a row longer than a block
        return None


def _record(text: bytes, dialect: Dialect, record: np.int64) -> str:
    return text[dialect.starts[record] : dialect.starts[record + 1]].decode("utf-8")


def _cells(text: bytes, dialect: Dialect, record: np.int64) -> list[str]:
    lines = io.StringIO(_record(text, dialect, record).rstrip("\r\n"), newline="\n")
    return next(csv.reader(lines, delimiter=dialect.delimiter, skipinitialspace=True), [])


def _stray(text: bytes, dialect: Dialect, record: np.int64, width: int) -> bool:
    """Tell whether a record of several lines looks as if a stray quote made it."""
    if dialect.cells[record] != width:
        return True
    taken = list(io.StringIO(_record(text, dialect, record), newline="\n"))
    return swallowed(_cells(text, dialect, record), taken, dialect.delimiter, width)
