"""XLSX workbooks row by row, after a look at the container: a small file can hide a huge one."""

from __future__ import annotations

import io
import itertools
import warnings
from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.compute as pc
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet._reader import WorkSheetParser

from clvcore.ingest.container.cells import cell_text
from clvcore.ingest.container.header_search import Kinds, filled, find_header, kinds_below
from clvcore.ingest.container.heading import SAMPLE, find_names, lines_above, unnamed_notice
from clvcore.ingest.container.layout import ANYWHERE, Layout, header_row_missing, sheet_missing
from clvcore.ingest.container.shapes import refuse_grouped, refuse_periods
from clvcore.ingest.container.sheets import Look, joined, left_out, of_one_shape
from clvcore.ingest.container.unpacking import Guarded, check_container
from clvcore.ingest.identifiers import rounded_notice
from clvcore.ingest.raw import (
    RawTable,
    check_columns,
    check_rows,
    column_names,
    damaged,
    without_blanks,
)
from clvcore.records.errors import Notice, ReadError

MAX_LINE = 1_048_576  # Excel's last row; a sheet may claim a later one
CHUNK = 20_000

SHAPES = ("PERIODS_IN_HEADER", "GROUPED_REPORT", "NO_HEADER")
ROUNDED = r"^-?\d{15,}0{1,}$"

Cells = list[str | None]


def read_workbook(data: bytes, layout: Layout = ANYWHERE) -> RawTable:
    """Read the sheet that looks most like orders, and all others of its shape.

    Raises
    ------
    ReadError
        If the container is damaged or suspicious, no sheet has a header with rows below it, or
        the sheet or row that was named is not there.
    """
    check_container(data)
    book = _open(data)
    try:
        return _read_book(book, layout)
    except ReadError:
        raise
    except Exception as error:  # openpyxl passes on whatever its parsers raise
        raise damaged() from error
    finally:
        book.close()


def _read_book(book: Any, layout: Layout) -> RawTable:
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    titles = tuple(sheets)
    if layout.sheet is not None:
        sheets = {title: sheets[title] for title in _named(layout.sheet, titles)}
    tops = {title: _Top(sheet) for title, sheet in sheets.items()}
    looks, refusals = _looks(tops, layout)
    if refusals and not any(look.like_orders for look in looks):
        raise next(iter(refusals.values()))
    if not any(look.rows for look in looks):
        raise _no_rows(looks)
    chosen = [look.title for look in of_one_shape(looks)]
    table = joined([_read_sheet(tops[title], layout) for title in chosen], chosen)
    seen = {*refusals, *(look.title for look in looks)} - {*chosen}
    others = [title for title in sheets if title in seen]
    said = left_out(chosen, others)
    return replace(table, sheets=titles, notices=said + table.notices + _calendar(book))


def _named(sheet: str, titles: tuple[str, ...]) -> list[str]:
    """Return the title that was asked for, its case aside where that leaves one."""
    found = [title for title in titles if title == sheet] or [
        title for title in titles if title.strip().casefold() == sheet.strip().casefold()
    ]
    if len(found) != 1:
        raise sheet_missing(sheet, titles)
    return found


def _no_rows(looks: list[Look]) -> ReadError:
    headed = next((", ".join(look.names) for look in looks), "")
    if headed:
        return ReadError(
            "HEADER_ONLY",
            "The file has column names ({columns}) but no row below them. Export it again with "
            "the orders.",
            columns=headed,
        )
    return ReadError("EMPTY_FILE", "The file is empty. Export the orders again.")


def _calendar(book: Any) -> tuple[Notice, ...]:
    if book.epoch != CALENDAR_MAC_1904:
        return ()
    return (
        Notice(
            "CALENDAR_1904",
            "The workbook counts days from 1904. Cells formatted as dates are right; dates "
            "that show as plain numbers would be read four years too early: format them as "
            "dates first.",
        ),
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


@dataclass(frozen=True, eq=False, kw_only=True)
class _Heading:
    """Where a sheet's table begins: its first row, the names, and what its cells are."""

    line: int
    names: list[str]
    named: bool
    kinds: Kinds


def _looks(tops: dict[str, _Top], layout: Layout) -> tuple[list[Look], dict[str, ReadError]]:
    """Look at each sheet; a pivot table among them is no reason to refuse the orders beside it."""
    looks: list[Look] = []
    refusals: dict[str, ReadError] = {}
    lacking: dict[str, ReadError] = {}
    for title, top in tops.items():
        try:
            look = _look(title, top, layout)
        except ReadError as error:
            if error.code not in (*SHAPES, "HEADER_ROW_MISSING"):
                raise
            (refusals if error.code in SHAPES else lacking)[title] = error
        else:
            looks += [look] if look else []
    return looks, refusals if looks else refusals | lacking


class _Top:
    """The first rows of a sheet, which are all of it where they are fewer than the sample."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet
        self.hidden = sheet.sheet_state != "visible"
        with closing(_rows(sheet)) as rows:
            self.rows = list(itertools.islice(rows, SAMPLE))

    def all_rows(self) -> Iterable[tuple[int, Cells]]:
        """Return every row of the sheet: a second pass only where there are more."""
        return self.rows if len(self.rows) < SAMPLE else _rows(self._sheet)


def _look(title: str, top: _Top, layout: Layout) -> Look | None:
    """Look at the first rows of a sheet; None if no row has two cells."""
    first = top.rows
    heading = _heading(first, layout.header_row)
    if heading is None:
        return None
    below = [line for line, _ in first if line > heading.line or not heading.named]
    return Look(
        title=title,
        names=tuple(heading.names),
        named=heading.named,
        kinds=heading.kinds,
        rows=len(below),
        hidden=top.hidden,
    )


def _heading(first: list[tuple[int, Cells]], header_row: int | None) -> _Heading | None:
    """Find the names among the first rows of a sheet, or take the row that was named."""
    if not any(filled(cells) > 1 for _, cells in first):
        return None
    width = max(len(cells) for _, cells in first)
    rows = [(line, _padded(cells, width)) for line, cells in first]
    kinds = kinds_below([cells for _, cells in rows])
    if header_row:
        cells = next((cells for line, cells in rows if line == header_row), None)
        if cells is None or filled(cells) < 2:
            raise header_row_missing(header_row)
        return _Heading(line=header_row, names=column_names(cells), named=True, kinds=kinds)
    place = find_header([cells for _, cells in rows], kinds)
    if place is None:
        place = next(n for n, (_, cells) in enumerate(rows) if filled(cells) > 1)
    line, cells = rows[place]
    if header_row == 0:
        return _Heading(line=line, names=column_names([None] * width), named=False, kinds=kinds)
    below = [cells for _, cells in rows[place + 1 :]]
    refuse_periods(cells, below)
    refuse_grouped(cells, below, kinds)
    names, named = find_names(cells, below)
    return _Heading(line=line, names=names, named=named, kinds=kinds)


def _read_sheet(top: _Top, layout: Layout) -> RawTable:
    """Read a sheet that has a table, all of it."""
    chunks: list[list[Cells]] = [[]]
    lines: list[int] = []
    width = 0
    for line, cells in top.all_rows():
        width = max(width, len(cells))
        lines.append(line)
        chunks[-1].append(cells)
        if len(chunks[-1]) == CHUNK:
            check_rows(len(lines))
            chunks.append([])
    heading = _heading(list(zip(lines, chunks[0][:SAMPLE], strict=False)), layout.header_row)
    if heading is None:
        raise damaged()
    above = sum(line < heading.line + heading.named for line in lines[:SAMPLE])
    chunks[0], lines = chunks[0][above:], lines[above:]
    names = heading.names + column_names([None] * width)[len(heading.names) :]
    table = pa.concat_tables([_chunk(chunk, names) for chunk in chunks])
    # cells of a workbook have addresses, so that no row can be shifted
    ragged = pa.array(np.zeros(len(lines), dtype=bool))
    table, kept, _ = without_blanks(table, pa.array(lines, pa.int64()), ragged)
    notices = [lines_above(heading.line, heading.named)]
    if layout.header_row is not None or not (above - heading.named):
        notices = []
    if not heading.named and layout.header_row is None:
        notices.append(unnamed_notice(names))
    return RawTable(
        table=table,
        source="xlsx",
        header_row=heading.line if heading.named else 0,
        first_line=kept[0].as_py(),
        lines=kept,
        notices=tuple(notices) + _rounded(table),
    )


def _rows(sheet: Any) -> Generator[tuple[int, Cells]]:
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


def _padded(row: Cells, width: int) -> Cells:
    return row + [None] * (width - len(row))


def _chunk(rows: list[Cells], names: list[str]) -> pa.Table:
    padded = [_padded(row, len(names)) for row in rows]
    columns = list(zip(*padded, strict=True)) or [()] * len(names)
    return pa.table([pa.array(column, pa.string()) for column in columns], names=names)
