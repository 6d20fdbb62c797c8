"""XLSX workbooks row by row, after a look at the container: a small file can hide a huge one."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa

from clvcore.errors import Notice, ReadError
from clvcore.ingest.cells import cell_text
from clvcore.ingest.raw import (
    MAX_COLUMNS,
    RawTable,
    check_columns,
    check_rows,
    column_names,
    without_blanks,
)

MAX_PARTS = 1_000
MAX_UNPACKED_BYTES = 300 * 2**20
MAX_RATIO = 100
RATIO_FROM_BYTES = 10 * 2**20
CHUNK = 20_000

Numbered = tuple[int, list[str | None]]


def read_workbook(data: bytes) -> RawTable:
    """Read the first sheet that holds a table.

    Raises
    ------
    ReadError
        If the container is damaged or suspicious, or no sheet has a header with rows below it.
    """
    _check_container(data)
    book = _open(data)
    try:
        headed = ""
        for sheet in book.worksheets:
            found = _read_sheet(sheet)
            if found is None:
                continue
            table, lines, header_line = found
            if table.num_rows:
                return _raw(table, lines, header_line, sheet.title, len(book.worksheets))
            headed = headed or ", ".join(table.column_names)
    except ReadError:
        raise
    except Exception as error:  # openpyxl passes on whatever its parsers raise
        raise _damaged() from error
    finally:
        book.close()
    if headed:
        raise ReadError(
            "HEADER_ONLY",
            "The file has column names ({columns}) but no row below them. Export it again with "
            "the orders.",
            columns=headed,
        )
    raise ReadError("EMPTY_FILE", "The file is empty. Export the orders again.")


def _raw(table: pa.Table, lines: pa.Array, header_line: int, sheet: str, sheets: int) -> RawTable:
    notices = []
    if sheets > 1:
        notices.append(
            Notice(
                "OTHER_SHEETS",
                "Sheet {sheet} was read; the other {others} sheets of the workbook were not.",
                sheet=sheet,
                others=sheets - 1,
            )
        )
    if header_line > 1:
        notices.append(
            Notice(
                "LINES_ABOVE_HEADER",
                "The column names were found on line {line}; the lines above were left out.",
                line=header_line,
            )
        )
    return RawTable(
        table=table,
        source="xlsx",
        first_line=lines[0].as_py(),
        lines=lines,
        notices=tuple(notices),
    )


def _check_container(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            parts = container.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise _damaged() from error
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        raise ReadError(
            "UNSUPPORTED_FORMAT",
            "The file is {what}. Give a CSV, TSV, XLSX or Parquet file.",
            what="an OpenDocument file" if "mimetype" in names else "a ZIP archive, not a workbook",
        )
    bomb = sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES or any(
        part.file_size > RATIO_FROM_BYTES
        and part.file_size > MAX_RATIO * max(part.compress_size, 1)
        for part in parts
    )
    if bomb or len(parts) > MAX_PARTS:
        raise ReadError(
            "WORKBOOK_TOO_LARGE",
            "The workbook unpacks to more than can be read safely. Save the sheet with the orders "
            "as CSV and give that file.",
        )


def _open(data: bytes) -> Any:
    try:
        with warnings.catch_warnings():  # openpyxl warns of styles and rules it leaves out
            warnings.simplefilter("ignore")
            return openpyxl.load_workbook(
                io.BytesIO(data), read_only=True, data_only=True, keep_links=False
            )
    except Exception as error:  # a damaged workbook raises anything from KeyError to ParseError
        raise _damaged() from error


def _read_sheet(sheet: Any) -> tuple[pa.Table, pa.Array, int] | None:
    """Return table, lines and the header's line; None if the sheet holds no header."""
    rows = _rows(sheet)
    header = next(((line, cells) for line, cells in rows if _filled(cells) > 1), None)
    if header is None:
        return None
    width = len(header[1])
    chunks: list[list[list[str | None]]] = [[]]
    lines: list[int] = []
    for line, cells in rows:
        if not _filled(cells):
            continue
        width = max(width, len(cells))
        lines.append(line)
        chunks[-1].append(cells)
        if len(chunks[-1]) == CHUNK:
            check_rows(len(lines))
            chunks.append([])
    names = column_names([*header[1], *[None] * (width - len(header[1]))])
    table = pa.concat_tables([_chunk(chunk, names) for chunk in chunks])
    # cells of a workbook have addresses, so that no row can be shifted
    ragged = pa.array(np.zeros(len(lines), dtype=bool))
    table, kept, _ = without_blanks(table, pa.array(lines, pa.int64()), ragged)
    return table, kept, header[0]


def _rows(sheet: Any) -> Iterator[Numbered]:
    """Yield (row number, cells) up to the last filled cell of each row."""
    sheet.reset_dimensions()  # the stated size may be wrong, or a lie
    with warnings.catch_warnings():  # openpyxl warns of dates outside of its calendar
        warnings.simplefilter("ignore")
        for line, values in enumerate(sheet.iter_rows(values_only=True), start=1):
            if any(value is not None for value in values[MAX_COLUMNS:]):
                check_columns(len(values))
            cells = [cell_text(value) for value in values[:MAX_COLUMNS]]
            while cells and cells[-1] is None:
                cells.pop()
            yield line, cells


def _filled(cells: list[str | None]) -> int:
    return len(cells) - cells.count(None)


def _chunk(rows: list[list[str | None]], names: list[str]) -> pa.Table:
    width = len(names)
    padded = [row + [None] * (width - len(row)) for row in rows]
    columns = list(zip(*padded, strict=True)) or [()] * width
    return pa.table([pa.array(column, pa.string()) for column in columns], names=names)


def _damaged() -> ReadError:
    return ReadError(
        "UNREADABLE_FILE",
        "The file is damaged or was not copied in full. Export it again.",
    )
