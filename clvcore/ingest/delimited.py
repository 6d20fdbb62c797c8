"""CSV and TSV: a swift reader where the file allows it, a careful one for files with stray quotes.

Both give the same table where both apply, and both keep every row: one with too many or too few
cells comes back marked as ragged, never shifted into place.
"""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from clvcore.errors import Notice, ReadError
from clvcore.ingest.careful import read_carefully
from clvcore.ingest.dialect import Dialect, Ints, find_dialect
from clvcore.ingest.encoding import to_utf8
from clvcore.ingest.raw import UNNAMED, RawTable, column_names, without_blanks
from clvcore.ingest.swift import read_swiftly

LONE_RETURN = re.compile(rb"\r(?!\n)")


def read_delimited(data: bytes) -> RawTable:
    """Read a text table; delimiter and encoding are told from the whole file.

    Raises
    ------
    ReadError
        If there is no table in the text, no row under the header, or too much of either.
    """
    text, encoding, notices = to_utf8(data)
    if b"\r" in text:
        text = LONE_RETURN.sub(b"\n", text)
    if not text.strip():
        raise ReadError("EMPTY_FILE", "The file is empty. Export the orders again.")
    dialect = find_dialect(text)
    names = column_names(_header(text, dialect))
    found = read_swiftly(text, dialect, names) or read_carefully(text, dialect, names)
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
        source="tsv" if dialect.delimiter == "\t" else "csv",
        encoding=encoding,
        delimiter=dialect.delimiter,
        first_line=lines[0].as_py(),
        lines=lines,
        ragged=ragged if shifted else None,
        notices=notices + _skipped(text, dialect),
    )


def _header(text: bytes, dialect: Dialect) -> list[str]:
    start, end = dialect.starts[dialect.header], dialect.starts[dialect.header + 1]
    record = text[start:end].decode("utf-8").rstrip("\r\n")
    reader = csv.reader(io.StringIO(record, newline=""), delimiter=dialect.delimiter)
    return next(reader)


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


def _skipped(text: bytes, dialect: Dialect) -> tuple[Notice, ...]:
    above = text[: dialect.starts[dialect.header]].strip()
    if not above or above[:4].lower() == b"sep=":
        return ()
    return (
        Notice(
            "LINES_ABOVE_HEADER",
            "The column names were found on line {line}; the lines above were left out.",
            line=int(dialect.lines[dialect.header]),
        ),
    )
