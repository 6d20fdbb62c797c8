"""Tables that hold orders in a shape nobody can read row by row, and what to export instead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

import pyarrow as pa

from clvcore.ingest.columns.headers import name_score
from clvcore.ingest.container.header_search import Kinds, filled
from clvcore.ingest.container.heading import Row, kind_of
from clvcore.records.errors import ReadError

LANGUAGES = ("en", "es", "pt", "de", "fr", "it", "nl", "pl", "ru", "zh", "ja", "ko", "ar", "tr")
FEWEST_PERIODS = 3
FEWEST_HEADINGS = 2
ALMOST_ALL = 0.9
NAMES_ROLE = 0.5
YEAR = r"(?:19|20)\d\d"
MONTH = r"(?:0?[1-9]|1[0-2])"
PERIOD = re.compile(
    rf"{YEAR}(?:[-/._ ]?{MONTH})?|{MONTH}[-/._ ]{YEAR}|{YEAR} ?[年년] ?(?:{MONTH} ?[月월])?"
    rf"|{MONTH} ?[月월]|(?:{YEAR}[-/ ]?)?[QT][1-4](?:[-/ ']*(?:{YEAR}|\d\d))?"
    rf"|(?:{YEAR}[-/ ]?)?K?W ?\d\d?(?:[-/ ]*{YEAR})?",
    re.IGNORECASE,
)
WORD_AND_YEAR = re.compile(
    rf"([^\W\d_]+)\.?[-/ '’_]*(?:de )?({YEAR}|\d\d)?|({YEAR})[-/ ]([^\W\d_]+)\.?"
)


def refuse_periods(names: Row, below: Sequence[Row]) -> None:
    """Raise ReadError ``PERIODS_IN_HEADER`` if columns are months, years or days.

    They are where at least half of the columns are called so, hold numbers, and no other column
    holds dates.
    """
    periods = _periods(names)
    if not periods:
        return
    cells = [_kinds(below, place) for place in range(len(names))]
    numbers = [kind for place in periods for kind in cells[place]]
    others = [kinds for place, kinds in enumerate(cells) if place not in periods and kinds]
    if numbers.count("number") < ALMOST_ALL * len(numbers) or not numbers:
        return
    if any(kinds.count("date") > len(kinds) / 2 for kinds in others):
        return
    raise _periods_in_header([names[place] or "" for place in periods])


def refuse_period_columns(schema: pa.Schema) -> None:
    """Raise the same ReadError for a typed table, by the types of its columns."""
    periods = _periods(schema.names)
    others = [field for place, field in enumerate(schema) if place not in periods]
    dated = any(
        pa.types.is_temporal(field.type) or name_score("date", field.name) >= NAMES_ROLE
        for field in others
    )
    if periods and not dated and all(_is_number(schema.types[place]) for place in periods):
        raise _periods_in_header([schema.names[place] for place in periods])


def refuse_grouped(names: Row, rows: Sequence[Row], kinds: Kinds) -> None:
    """Raise ReadError ``GROUPED_REPORT`` if customers are headings above their rows.

    They are where no column is named like a customer, and between the rows of the table others
    hold one text only: in a column that those rows leave blank, or again beside its total.
    """
    if any(name_score("customer_id", name) >= NAMES_ROLE for name in names if name):
        return
    data = [place for place, row in enumerate(rows) if kinds.is_data(row)]
    if not data:
        return
    alone = [
        next((place, cell.strip()) for place, cell in enumerate(row) if cell and cell.strip())
        for row in rows[: data[-1]]
        if filled(row) == 1
    ]
    headings = {text: place for place, text in alone if kind_of(text) is None}
    blank = [text for text, place in headings.items() if _blank(rows, data, place)]
    again = _beside_totals(rows, headings)
    found = blank if len(blank) >= FEWEST_HEADINGS else again
    if len(found) < FEWEST_HEADINGS:
        return
    raise ReadError(
        "GROUPED_REPORT",
        "This is a grouped report: lines such as {first!r} and {second!r} stand alone above the "
        "rows that belong to them. Export a flat list, in which every row names its customer, "
        "date and amount.",
        first=found[0], second=found[1],
    )  # fmt: skip


def _kinds(rows: Sequence[Row], place: int) -> list[str | None]:
    cells = (row[place] for row in rows if place < len(row))
    return [kind_of(cell) for cell in cells if cell and cell.strip()]


def _blank(rows: Sequence[Row], data: Sequence[int], place: int) -> bool:
    """Tell whether almost all rows of the table leave a column blank."""
    cells = [rows[row][place] if place < len(rows[row]) else None for row in data]
    return sum(not (cell or "").strip() for cell in cells) >= ALMOST_ALL * len(cells)


def _beside_totals(rows: Sequence[Row], headings: dict[str, int]) -> list[str]:
    """Return the headings that a longer text of some other row says again: "Total for A"."""
    longer = {
        cell.strip() for row in rows if filled(row) > 1 for cell in row if cell and cell.strip()
    }
    return [
        text
        for text in headings
        if any(text in cell and text != cell and kind_of(cell) is None for cell in longer)
    ]


def _is_period(name: str) -> bool:
    """Tell whether a name is a month, a quarter, a year or a day, a word before or after aside."""
    return any(
        PERIOD.fullmatch(text) or kind_of(text) == "date" or _is_month(text)
        for text in _without_a_word(name.strip())
    )


def _without_a_word(text: str) -> Iterator[str]:
    yield text
    if " " in text:
        yield text.split(" ", 1)[1].strip()
        yield text.rsplit(" ", 1)[0].strip()


def _is_month(text: str) -> bool:
    found = WORD_AND_YEAR.fullmatch(text)
    return found is not None and (found[1] or found[4]).casefold() in month_names()


@cache
def month_names() -> frozenset[str]:
    """Return the names of months and their short forms in fourteen languages, lower case."""
    from babel import Locale  # asked for by few files

    names = set()
    for language in LANGUAGES:
        for form in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                names.update(Locale(language).months[form][width].values())
    return frozenset(name.casefold().rstrip(".") for name in names)


def _periods(names: Row) -> list[int]:
    """Return the columns called like periods, if they are many enough to be the table."""
    periods = [place for place, name in enumerate(names) if name and _is_period(name)]
    return periods if len(periods) >= max(FEWEST_PERIODS, filled(names) / 2) else []


def _is_number(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
        or pa.types.is_null(kind)
    )


def _periods_in_header(periods: Sequence[str]) -> ReadError:
    return ReadError(
        "PERIODS_IN_HEADER",
        "The {count} columns from {first!r} to {last!r} are months or other periods: their "
        "amounts stand side by side, one row for each customer. Export the orders instead, one "
        "row each; or unpivot the columns (Excel: Data, From Table, Unpivot Other Columns; "
        "pandas: melt) to one row each for customer, date and amount.",
        count=len(periods), first=periods[0].strip(), last=periods[-1].strip(),
    )  # fmt: skip
