"""CSV, TSV and aligned text: a fast reader where it can, a strict one where quotes are astray.

Both give the same table where both apply, and both keep every row: one with too many or too few
cells comes back marked as ragged, never shifted into place.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from clvcore.ingest.container.blanks import tabbed
from clvcore.ingest.container.dialect import Dialect, Ints, find_dialect
from clvcore.ingest.container.encoding import to_utf8
from clvcore.ingest.container.fast_csv import read_fast
from clvcore.ingest.container.header_search import LOOKED_AT, find_header, kinds_below
from clvcore.ingest.container.heading import SAMPLE, find_names, lines_above, unnamed_notice
from clvcore.ingest.container.layout import ANYWHERE, Layout, header_row_missing
from clvcore.ingest.container.limits import check_text
from clvcore.ingest.container.quoting import plain_quotes
from clvcore.ingest.container.shapes import refuse_grouped, refuse_periods
from clvcore.ingest.container.strict_csv import read_strictly
from clvcore.ingest.raw import UNNAMED, RawTable, check_columns, column_names, without_blanks
from clvcore.records.errors import Notice, ReadError

LONE_RETURN = re.compile(rb"\r(?!\n)")


def read_delimited(data: bytes, layout: Layout = ANYWHERE) -> RawTable:
    """Read a text table; delimiter and encoding are told from the whole file.

    Raises
    ------
    ReadError
        If there is no table in the text, no row under the header, or too much of either.
    """
    layout.refuse_sheet()
    text, encoding, notices = to_utf8(data)
    if b"\r" in text:
        text = LONE_RETURN.sub(b"\n", text)
    if not text.strip():
        raise ReadError("EMPTY_FILE", "The file is empty. Export the orders again.")
    check_text(text)
    text = plain_quotes(text)
    spaced = tabbed(text)
    text = spaced or text
    dialect = find_dialect(text, "\t" if spaced else None)
    dialect, names, named = _with_header(text, dialect, layout.header_row)
    header_row = int(dialect.lines[dialect.header]) if named else 0
    if layout.header_row is None:
        notices += _skipped(text, dialect, named)
    if not named:
        notices += () if layout.header_row == 0 else (unnamed_notice(names),)
        dialect = replace(dialect, header=dialect.header - 1)
    found = read_fast(text, dialect, names) or read_strictly(text, dialect, names)
    ragged = pa.array(_ragged(found.table, found.widths, names))
    table, lines, ragged = without_blanks(found.table, found.lines, ragged)
    if table.num_rows == 0:
        raise ReadError(
            "HEADER_ONLY",
            "The file has column names ({columns}) but no row below them. Export it again with "
            "the orders.",
            columns=", ".join(names),
        )
    shifted = ragged.true_count
    if shifted == table.num_rows:
        raise _header_mismatch(names)
    return RawTable(
        table=table,
        source="text" if spaced else "tsv" if dialect.delimiter == "\t" else "csv",
        encoding=encoding,
        delimiter=" " if spaced else dialect.delimiter,
        header_row=header_row,
        first_line=lines[0].as_py(),
        lines=lines,
        ragged=ragged if shifted else None,
        notices=notices,
    )


def _with_header(
    text: bytes, dialect: Dialect, header_row: int | None
) -> tuple[Dialect, list[str], bool]:
    """Return the dialect with the record of the names, the names, and whether there are any."""
    check_columns(int(dialect.cells[dialect.header]))
    written = dialect.header + np.flatnonzero(dialect.cells[dialect.header :])
    top, sample = written[:LOOKED_AT], written[:: max(1, written.size // SAMPLE)]
    if header_row:
        header = int(np.searchsorted(dialect.lines, header_row))
        if header >= dialect.cells.size or dialect.lines[header] != header_row:
            raise header_row_missing(header_row)
        if dialect.cells[header] < 2:
            raise header_row_missing(header_row)
        dialect = replace(dialect, header=header)
        return dialect, column_names(_cells(text, dialect, header)), True
    rows = [_cells(text, dialect, int(record)) for record in sample]
    upper = [_cells(text, dialect, int(record)) for record in top]
    kinds = kinds_below(rows)
    found = find_header(upper, kinds)
    header = dialect.header if found is None else int(top[found])
    dialect = replace(dialect, header=header)
    first = _cells(text, dialect, header)
    if header_row == 0:
        return dialect, column_names([None] * len(first)), False
    below = [row for row, record in zip(rows, sample, strict=True) if record > header]
    refuse_periods(first, below)
    refuse_grouped(first, upper[1 + (found or 0) :] + below, kinds)
    names, named = find_names(first, below)
    return dialect, names, named


def _cells(text: bytes, dialect: Dialect, record: int) -> list[str]:
    start, end = dialect.starts[record], dialect.starts[record + 1]
    lines = io.StringIO(text[start:end].decode("utf-8").rstrip("\r\n"), newline="")
    try:
        return next(csv.reader(lines, delimiter=dialect.delimiter, skipinitialspace=True), [])
    except csv.Error:  # a cell of more than 131,072 characters: a quote never closed
        return lines.getvalue().split(dialect.delimiter)


def _ragged(table: pa.Table, widths: Ints, names: list[str]) -> npt.NDArray[np.bool_]:
    """Tell which rows may have cells in the wrong columns.

    Too many cells, or too few; but a short row has lost nothing if the columns it lacks are empty
    in every complete row, or have no name where no row is complete.
    """
    width = len(names)
    if (widths == width).all():
        return np.zeros(widths.size, dtype=bool)
    complete = table.filter(pa.array(widths == width))
    needed = width
    while needed and complete[names[needed - 1]].null_count == complete.num_rows:
        if not complete.num_rows and not names[needed - 1].startswith(UNNAMED):
            break
        needed -= 1
    return (widths > width) | (widths < needed)


def _header_mismatch(names: list[str]) -> ReadError:
    return ReadError(
        "HEADER_MISMATCH",
        "The header has {columns} columns ({names}) but no row below it has as many cells. Check "
        "that the first line names every column, once, and export again.",
        columns=len(names), names=", ".join(names),
    )  # fmt: skip


def _skipped(text: bytes, dialect: Dialect, named: bool) -> tuple[Notice, ...]:
    above = text[: dialect.starts[dialect.header]].strip()
    if not above or above[:4].lower() == b"sep=":
        return ()
    return (lines_above(int(dialect.lines[dialect.header]), named),)
