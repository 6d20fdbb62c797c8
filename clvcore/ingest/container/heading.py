"""Whether the first line names the columns, or is already an order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from clvcore.ingest.raw import UNNAMED, column_names
from clvcore.records.errors import Notice, ReadError

Row = Sequence[str | None]

SAMPLE = 500
UNIFORM = 0.8
MONEY = r"[^\w\s.,+-]{1,2}|[A-Z]{1,3}\$?"
KINDS = {
    "date": re.compile(
        r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?!\d).*|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}(?!\d).*"
        r"|\d{1,2}[-. ][^\W\d_]{3,10}\.?[-. ,]+\d{2,4}(?!\d).*|(?:19|20)\d\d[01]\d[0-3]\d"
        r"|(?:[^\W\d_]{2,10}\.?,? )?[^\W\d_]{3,10}\.? \d{1,2},? \d{4}(?!\d).*"
        r"|\d{2,4} ?[年년] ?\d{1,2} ?[月월].*"
    ),
    "number": re.compile(
        rf"[-+(]? ?(?:{MONEY})? ?[-+]?\d[\d.,'’٫٬\s]*(?:e[-+]?\d+)?\)? ?-?(?: ?(?:{MONEY}))?", re.I
    ),
    "address": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
}
# a year, a number of a column, a quarter: names as well as data
NAME_LIKE = re.compile(r"\d{1,4}|[a-z]{1,2}\d{1,2}", re.I)


def find_names(header: Row, below: Sequence[Row]) -> tuple[list[str], bool]:
    """Return the names of the columns, and whether ``header`` holds them or is data itself.

    It is data if it reads like the rows below in more of the columns that are all dates, all
    numbers or all addresses than it does not; the columns are then called ``column 1`` and so on.

    Parameters
    ----------
    header, below
        The cells of the first row, and of a sample of the others.

    Raises
    ------
    ReadError
        ``NO_HEADER`` if as much speaks for data as for names.
    """
    alike, unlike = _votes(header, below) if any(below) else (_data(header) // 2, 0)
    if alike > unlike:
        widths = Counter(len(row) for row in (header, *below))
        return column_names([None] * widths.most_common(1)[0][0]), False
    if alike == unlike:
        refuse_data(header)
    return column_names(header), True


def refuse_data(header: Row) -> None:
    """Raise ReadError ``NO_HEADER`` if one of the names is a date, a price or an address."""
    cell = next((cell for cell in header if is_data(cell)), None)
    if cell is not None:
        raise ReadError(
            "NO_HEADER",
            "The first line holds data ({cell!r}), not the names of the columns. Add a line "
            "above it that names them, such as customer_id, date, amount.",
            cell=cell.strip(),
        )


def unnamed_notice(names: Sequence[str]) -> Notice:
    """Say that no line named the columns."""
    return Notice(
        "NO_HEADER_LINE",
        "No line names the columns: the first one already holds data. They were called "
        "{first} to {last}, from left to right.",
        first=f"{UNNAMED}1",
        last=f"{UNNAMED}{len(names)}",
    )


def lines_above(line: int, named: bool) -> Notice:
    """Say that lines above the table, a title perhaps, were left out."""
    if named:
        return Notice(
            "LINES_ABOVE_HEADER",
            "The column names were found on line {line}; the lines above were left out.",
            line=line,
        )
    return Notice(
        "LINES_ABOVE_TABLE",
        "The table begins on line {line}; the lines above were left out.",
        line=line,
    )


def _votes(header: Row, below: Sequence[Row]) -> tuple[int, int]:
    """Count the uniform columns in which the first cell is like the others, and is not."""
    alike = unlike = 0
    for place, first in enumerate(header):
        cells = [row[place] for row in below if place < len(row) and (row[place] or "").strip()]
        if not cells or not (first or "").strip():
            continue
        kind, count = Counter(kind_of(cell) for cell in cells).most_common(1)[0]
        if kind is None or count < UNIFORM * len(cells):
            continue
        if kind_of(first) != kind:
            unlike += 1
        elif is_data(first):
            alike += 1
    return alike, unlike


def _data(row: Row) -> int:
    return sum(is_data(cell) for cell in row)


def is_data(cell: str | None) -> bool:
    """Tell whether a cell is a date, a number of some length or an address, so hardly a name."""
    return kind_of(cell) is not None and not NAME_LIKE.fullmatch((cell or "").strip())


def kind_of(cell: str | None) -> str | None:
    """Return what a cell looks like: ``date``, ``number`` or ``address``; None: like neither."""
    text = (cell or "").strip()
    return next((kind for kind, shape in KINDS.items() if shape.fullmatch(text)), None)
