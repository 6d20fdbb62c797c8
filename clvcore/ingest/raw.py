"""The raw table: what stood in the file, before anyone says what it means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from clvcore.ingest.distinct import Distinct, distinct_texts
from clvcore.records.errors import Notice, ReadError

MAX_COLUMNS = 200
MAX_ROWS = 20_000_000
MAX_BYTES = 2**31
MAX_NAME = 256
UNNAMED = "column "


@dataclass(frozen=True, eq=False, kw_only=True)
class RawTable:
    """The cells of a file, row by row, nothing dropped and nothing converted.

    Parameters
    ----------
    table
        One column per column of the file, null where a cell is empty. Text files and workbooks
        give text throughout (``007`` stays ``007``); Parquet, frames and Arrow keep their types.
    source
        ``csv``, ``tsv``, ``text`` (set apart by blanks), ``xlsx``, ``parquet`` or ``frame``.
    encoding, delimiter
        How a text file was read; None for the others.
    header_row
        Line that names the columns, 1-based; 0: no line does. None for tables without lines.
    sheets, sheet
        All parts of a workbook or archive by name, and the one that was read, None if several
        were joined; no parts for the others.
    first_line
        Line of the first data row in the file, 1-based; the header of a plain CSV, if it has one,
        is line 1.
    lines
        int64, shape (rows,): line on which each row begins. Rows without any content are no rows.
    ragged
        bool, shape (rows,): the row has more or fewer cells than the header, so that its cells may
        stand in the wrong columns. None: no such row.
    notices
        Doubts about how the file was read.
    """

    table: pa.Table
    source: str
    encoding: str | None = None
    delimiter: str | None = None
    header_row: int | None = None
    sheets: tuple[str, ...] = ()
    sheet: str | None = None
    first_line: int = 1
    lines: pa.Array
    ragged: pa.Array | None = None
    notices: tuple[Notice, ...] = ()
    _distinct: dict[str, Distinct] = field(default_factory=dict, init=False, repr=False)

    def distinct(self, name: str) -> Distinct:
        """Return the distinct values of a text column: the guess asks for them, then the intake."""
        if name not in self._distinct:
            self._distinct[name] = distinct_texts(self.table[name])
        return self._distinct[name]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in the order of the file."""
        return tuple(self.table.column_names)


def column_names(header: Sequence[object]) -> list[str]:
    """Name every column: trimmed, never blank, never twice the same.

    A blank name becomes ``column 3``; the second ``amount`` becomes ``amount (2)``.

    Raises
    ------
    ReadError
        If there are more than 200 columns, or a name has more than 256 characters.
    """
    check_columns(len(header))
    names: list[str] = []
    for number, cell in enumerate(header, start=1):
        base = " ".join(str(cell).split()) if cell is not None else ""
        base = base or f"{UNNAMED}{number}"
        if len(base) > MAX_NAME:
            raise ReadError(
                "NAME_TOO_LONG",
                "The name of column {number} has {length:,} characters; {limit} are read. Check "
                "that the first line names the columns, and shorten this name.",
                number=number, length=len(base), limit=MAX_NAME,
            )  # fmt: skip
        name, copy = base, 1
        while name in names:
            copy += 1
            name = f"{base} ({copy})"
        names.append(name)
    return names


def check_columns(columns: int) -> None:
    """Refuse a table too wide to be an order log.

    Raises
    ------
    ReadError
        If there are more than 200 columns.
    """
    if columns > MAX_COLUMNS:
        raise ReadError(
            "TOO_WIDE",
            "The table has {columns} columns, more than the {limit} that can be read. Keep the "
            "columns for customer, date and amount and delete the others.",
            columns=columns, limit=MAX_COLUMNS,
        )  # fmt: skip


def check_rows(rows: int, limit: int = MAX_ROWS) -> None:
    """Refuse more rows than can be held.

    Raises
    ------
    ReadError
        If ``rows`` is above ``limit``, by default 20 million.
    """
    if rows > limit:
        raise ReadError(
            "TOO_MANY_ROWS",
            "The table has more than {limit:,} rows, the most that can be read. Split the file by "
            "customer, or sum the lines of each order first.",
            limit=limit,
        )  # fmt: skip


def damaged() -> ReadError:
    """Say that the file breaks off, or is not what its first bytes say."""
    return ReadError(
        "UNREADABLE_FILE",
        "The file is damaged or was not copied in full. Export it again.",
    )


def without_blanks(
    table: pa.Table, lines: pa.Array, ragged: pa.Array
) -> tuple[pa.Table, pa.Array, pa.Array]:
    """Drop rows and nameless columns in which every cell is empty: exports are full of them."""
    unnamed = [
        name
        for name in table.column_names
        if name.startswith(UNNAMED) and table[name].null_count == table.num_rows
    ]
    table = table.drop_columns(unnamed)
    if any(column.null_count == 0 for column in table.columns):
        return table, lines, ragged
    filled = pc.is_valid(table.column(0))
    for column in table.columns[1:]:
        filled = pc.or_(filled, pc.is_valid(column))
    if pc.all(filled).as_py() is not False:
        return table, lines, ragged
    mask = filled.combine_chunks()
    return table.filter(mask), lines.filter(mask), ragged.filter(mask)
