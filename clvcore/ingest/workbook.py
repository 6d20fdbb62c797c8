"""XLSX workbooks row by row, after a look at the container: a small file can hide a huge one."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.compute as pc
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet._reader import WorkSheetParser

from clvcore.errors import Notice, ReadError
from clvcore.ingest.cells import cell_text
from clvcore.ingest.container import Guarded, check_container
from clvcore.ingest.heading import SAMPLE, find_names, lines_above, unnamed_notice
from clvcore.ingest.identifiers import rounded_notice
from clvcore.ingest.raw import RawTable, check_columns, check_rows, damaged, without_blanks

MAX_LINE = 1_048_576  # Excel's last row; a sheet may claim a later one
CHUNK = 20_000

ROUNDED = r"^-?\d{15,}0{1,}$"

Cells = list[str | None]


@dataclass(frozen=True, eq=False, kw_only=True)
class _Sheet:
    """The table of a sheet, the row number of each of its rows, and doubts."""

    table: pa.Table
    lines: pa.Array
    notices: tuple[Notice, ...]


def read_workbook(data: bytes) -> RawTable:
    """Read the first sheet that holds a table.

    Raises
    ------
    ReadError
        If the container is damaged or suspicious, or no sheet has a header with rows below it.
    """
    check_container(data)
    book = _open(data)
    try:
        headed = ""
        for sheet in book.worksheets:
            found = _read_sheet(sheet)
            if found is None:
                continue
            if found.table.num_rows:
                return _raw(found, sheet.title, book)
            headed = headed or ", ".join(found.table.column_names)
    except ReadError:
        raise
    except Exception as error:  # openpyxl passes on whatever its parsers raise
        raise damaged() from error
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


def _raw(sheet: _Sheet, title: str, book: Any) -> RawTable:
    notices = list(sheet.notices)
    if len(book.worksheets) > 1:
        notices.insert(
            0,
            Notice(
                "OTHER_SHEETS",
                "Sheet {sheet} was read; the other {others} sheets of the workbook were not.",
                sheet=title,
                others=len(book.worksheets) - 1,
            ),
        )
    if book.epoch == CALENDAR_MAC_1904:
        notices.append(
            Notice(
                "CALENDAR_1904",
                "The workbook counts days from 1904. Cells formatted as dates are right; dates "
                "that show as plain numbers would be read four years too early: format them as "
                "dates first.",
            )
        )
    return RawTable(
        table=sheet.table,
        source="xlsx",
        first_line=sheet.lines[0].as_py(),
        lines=sheet.lines,
        notices=tuple(notices),
    )


def _open(data: bytes) -> Any:
    try:
        with warnings.catch_warnings():  # openpyxl warns of styles and rules it leaves out
            warnings.simplefilter("ignore")
            return openpyxl.load_workbook(
                io.BytesIO(data), read_only=True, data_only=True, keep_links=False
            )
    except Exception as error:  # a damaged workbook raises anything from KeyError to ParseError
        raise damaged() from error


def _read_sheet(sheet: Any) -> _Sheet | None:
    """Read a sheet; None if it holds no row of two cells."""
    rows = _rows(sheet)
    header = next(((line, cells) for line, cells in rows if _filled(cells) > 1), None)
    if header is None:
        return None
    chunks: list[list[Cells]] = [[]]
    lines: list[int] = []
    width = len(header[1])
    for line, cells in rows:
        width = max(width, len(cells))
        lines.append(line)
        chunks[-1].append(cells)
        if len(chunks[-1]) == CHUNK:
            check_rows(len(lines))
            chunks.append([])
    first = header[1] + [None] * (width - len(header[1]))
    names, named = find_names(first, [_padded(row, width) for row in chunks[0][:SAMPLE]])
    notices = [lines_above(header[0], named)] if header[0] > 1 else []
    if not named:
        notices.append(unnamed_notice(names))
        chunks[0].insert(0, first)
        lines.insert(0, header[0])
    table = pa.concat_tables([_chunk(chunk, names) for chunk in chunks])
    # cells of a workbook have addresses, so that no row can be shifted
    ragged = pa.array(np.zeros(len(lines), dtype=bool))
    table, kept, _ = without_blanks(table, pa.array(lines, pa.int64()), ragged)
    return _Sheet(table=table, lines=kept, notices=tuple(notices) + _rounded(table))


def _rows(sheet: Any) -> Iterator[tuple[int, Cells]]:
    """Yield (row number, cells) of every row with content, up to its last filled cell.

    openpyxl's own rows are filled up with empty cells and rows: a cell in the last column and row
    of a sheet would cost 17 billion of them.
    """
    book = sheet.parent
    with sheet._get_source() as source, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of dates outside of its calendar
        parser = WorkSheetParser(
            Guarded(source), sheet._shared_strings, data_only=True, epoch=book.epoch,
            date_formats=book._date_formats, timedelta_formats=book._timedelta_formats,
        )  # fmt: skip
        last = 0
        for line, row in parser.parse():
            if line <= last or line > MAX_LINE:
                raise damaged()
            last = line
            texts = ((cell["column"], cell_text(cell["value"])) for cell in row)
            filled = [(column, text) for column, text in texts if text is not None]
            if filled:
                yield line, _placed(filled)


def _placed(filled: list[tuple[int, str]]) -> Cells:
    width = max(column for column, _ in filled)
    check_columns(width)
    cells: Cells = [None] * width
    for column, text in filled:
        cells[column - 1] = text
    return cells


def _rounded(table: pa.Table) -> tuple[Notice, ...]:
    """Warn of numbers beyond the 15 digits that Excel keeps."""
    long = sum(
        pc.sum(pc.match_substring_regex(column, ROUNDED)).as_py() or 0 for column in table.columns
    )
    return (rounded_notice(long),) if long else ()


def _filled(cells: list[str | None]) -> int:
    return len(cells) - cells.count(None)


def _padded(row: Cells, width: int) -> Cells:
    return row + [None] * (width - len(row))


def _chunk(rows: list[Cells], names: list[str]) -> pa.Table:
    padded = [_padded(row, len(names)) for row in rows]
    columns = list(zip(*padded, strict=True)) or [()] * len(names)
    return pa.table([pa.array(column, pa.string()) for column in columns], names=names)
