"""Lists of customers as CSV and XLSX that no spreadsheet mistakes for formulas."""

from __future__ import annotations

import datetime as dt
import io
import math
import re
from collections.abc import Sequence
from typing import Any

import pandas as pd
import xlsxwriter

from clvcore.columns import MONETARY
from clvcore.errors import DataError

SHEET_ROWS = 1_048_576
CELL_CHARACTERS = 32_767
_MONEY = {
    "clv", "clv_lower", "clv_upper", "expected_purchase_value", "revenue_to_date",
    "predicted_total_value", MONETARY, "value_at_stake", "spending_cap",
}  # fmt: skip
_SHARES = {"p_alive", "p_purchase"}

# What a spreadsheet may read as the start of a formula or command, full-width and small forms
# included, behind any blanks or byte-order marks. Apostrophes before it count too, so that taking
# one off again gives back exactly what was there.
_FORMULA = re.compile(
    "'*[\\s\ufeff\u200b-\u200f\u2060\u00ad]*[=+\\-@\t\r\n\x00\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212]"
)
_ILLEGAL_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def customers_csv(
    frame: pd.DataFrame, *, columns: Sequence[str] | None = None, bom: bool = False
) -> bytes:
    r"""Return ``frame`` as CSV (RFC 4180, UTF-8, a header line, CRLF line ends).

    Parameters
    ----------
    frame
        One row per customer; a named index becomes the first column.
    columns
        Which columns, in this order; default all. The index is always there.
    bom
        Begin with a byte-order mark, which older spreadsheets need to see the UTF-8.

    Returns
    -------
    bytes
        Numbers in full precision with a decimal point, dates as 2024-03-31, missing values empty.
        A text that could start a formula is preceded by an apostrophe; numbers never are.

    Raises
    ------
    DataError
        If a column is not in ``frame``.

    Examples
    --------
    >>> customers_csv(pd.DataFrame({"customer_id": ["=1+1"], "clv": [-2.5]}))
    b"customer_id,clv\r\n'=1+1,-2.5\r\n"
    """
    table = _selected(frame, columns)
    safe = pd.DataFrame(
        {place: _safe_column(table.iloc[:, place]) for place in range(table.shape[1])}
    )
    safe.columns = pd.Index([_guarded(str(name)) for name in table.columns])
    text = safe.to_csv(index=False, lineterminator="\r\n", date_format="%Y-%m-%d")
    return text.encode("utf-8-sig" if bom else "utf-8", errors="replace")


def customers_xlsx(
    frame: pd.DataFrame, *, columns: Sequence[str] | None = None, currency: str | None = None
) -> bytes:
    """Return ``frame`` as one XLSX sheet: header frozen, filters on, numbers formatted.

    Parameters
    ----------
    frame, columns
        As in ``customers_csv``.
    currency
        Three letters shown behind amounts, such as EUR.

    Returns
    -------
    bytes
        Every text is a string cell, whatever it begins with, without characters XML forbids;
        numbers that are not finite are empty cells. Same frame, same bytes.

    Raises
    ------
    DataError
        If a column is not in ``frame`` or there are more rows than a sheet holds.
    """
    table = _selected(frame, columns)
    if len(table) >= SHEET_ROWS:
        raise DataError(
            "TOO_MANY_ROWS",
            "An XLSX sheet holds {most:,} customers, this list has {count:,}. Filter it, or "
            "export CSV.",
            most=SHEET_ROWS - 1, count=len(table),
        )  # fmt: skip
    out = io.BytesIO()
    settings = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, settings) as book:
        book.set_properties({"created": dt.datetime(1980, 1, 1)})  # else the clock gets in
        _fill_sheet(book, table, currency)
    return out.getvalue()


def _selected(frame: pd.DataFrame, columns: Sequence[str] | None) -> pd.DataFrame:
    if columns is not None:
        known = {*map(str, frame.columns), *map(str, frame.index.names)}
        if missing := [name for name in columns if name not in known]:
            raise DataError(
                "UNKNOWN_COLUMN",
                "{missing} is not a column of this list. Columns: {known}.",
                missing=", ".join(missing), known=", ".join(map(str, frame.columns)),
            )  # fmt: skip
        frame = frame[[name for name in columns if name not in frame.index.names]]
    return frame.reset_index() if frame.index.name is not None else frame


def _safe_column(column: pd.Series[Any]) -> pd.Series[Any]:
    """Guard the text of a column; numbers, dates and truth values stay what they are."""
    if pd.api.types.is_numeric_dtype(column) or column.dtype.kind == "M":
        return column
    cells = [_guarded(cell) if isinstance(cell, str) else cell for cell in column]
    return pd.Series(cells, index=column.index, dtype=object)


def _guarded(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text


def _fill_sheet(book: Any, table: pd.DataFrame, currency: str | None) -> None:
    sheet = book.add_worksheet("customers")
    header = book.add_format({"bold": True, "bottom": 1})
    formats: dict[str, Any] = {}
    for place, name in enumerate(table.columns):
        pattern = _number_format(str(name), table.iloc[:, place].dtype, currency)
        if pattern not in formats:
            formats[pattern] = book.add_format({"num_format": pattern})
        sheet.set_column(place, place, _width(table, place), formats[pattern])
        sheet.write_string(0, place, _printable(str(name)), header)
    sheet.freeze_panes(1, 1)
    if table.shape[1]:
        sheet.autofilter(0, 0, len(table), table.shape[1] - 1)
    cells = [table.iloc[:, place].tolist() for place in range(table.shape[1])]
    for row, values in enumerate(zip(*cells, strict=True), start=1):
        for place, value in enumerate(values):
            _write_cell(sheet, row, place, value)


def _write_cell(sheet: Any, row: int, place: int, value: Any) -> None:
    """Write one cell in the format of its column; missing values stay empty."""
    if isinstance(value, str):
        sheet.write_string(row, place, _printable(value))
    elif isinstance(value, bool):
        sheet.write_boolean(row, place, value)
    elif isinstance(value, int | float):
        if math.isfinite(value):
            sheet.write_number(row, place, value)
    elif isinstance(value, dt.date) and value is not pd.NaT:
        day = value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value
        sheet.write_datetime(row, place, day)
    elif value is not None and value is not pd.NaT and value is not pd.NA:
        sheet.write_string(row, place, _printable(str(value)))


def _printable(text: str) -> str:
    clean = _ILLEGAL_IN_XML.sub("", text)
    return clean if len(clean) <= CELL_CHARACTERS else clean[: CELL_CHARACTERS - 1] + "…"


def _number_format(name: str, dtype: Any, currency: str | None) -> str:
    if name in _MONEY:
        known = currency is not None and re.fullmatch("[A-Za-z]{3}", currency)
        return f'#,##0.00 "{currency}"' if known else "#,##0.00"
    if name in _SHARES:
        return "0.0%"
    if dtype.kind == "M" or name in ("first_purchase", "last_purchase"):
        return "yyyy-mm-dd"
    if dtype.kind == "f":
        return "#,##0.00"
    return "#,##0" if dtype.kind in "iu" else "General"


def _width(table: pd.DataFrame, place: int) -> float:
    """Wide enough for the header and the first rows, within reason."""
    shown = [len(cell) if isinstance(cell, str) else 12 for cell in table.iloc[:100, place]]
    longest = max([len(str(table.columns[place])) + 3, *shown])
    return float(min(max(longest, 9), 40))
