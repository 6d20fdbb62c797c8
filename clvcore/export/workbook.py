"""Lists of customers as XLSX: a summary with charts, and the list itself."""

from __future__ import annotations

import datetime as dt
import io
import math
import re
from collections.abc import Sequence
from typing import Any

import pandas as pd
import xlsxwriter

from clvcore.export.summary import add_summary
from clvcore.export.text import selected
from clvcore.records.columns import MONETARY
from clvcore.records.errors import DataError
from clvcore.records.run import Run

SHEET_ROWS = 1_048_576
CELL_CHARACTERS = 32_767
_MONEY = {
    "clv", "clv_lower", "clv_upper", "expected_purchase_value", "revenue_to_date",
    "predicted_total_value", MONETARY, "value_at_stake", "spending_cap",
}  # fmt: skip
_SHARES = {"p_alive", "p_purchase"}

_ILLEGAL_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def customers_xlsx(
    frame: pd.DataFrame,
    *,
    columns: Sequence[str] | None = None,
    currency: str | None = None,
    run: Run | None = None,
) -> bytes:
    """Return ``frame`` as one XLSX sheet: header frozen, filters on, numbers formatted.

    Parameters
    ----------
    frame, columns
        As in ``customers_csv``.
    currency
        Three letters shown behind amounts, such as EUR.
    run
        The forecast the customers are from; its totals, with charts, then come first.

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
    table = selected(frame, columns)
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
        if run is not None:
            add_summary(book, run, listed=len(table), money=_money_format(currency))
        _fill_sheet(book, table, currency)
    return out.getvalue()


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
        return _money_format(currency)
    if name in _SHARES:
        return "0.0%"
    if dtype.kind == "M" or name in ("first_purchase", "last_purchase"):
        return "yyyy-mm-dd"
    if dtype.kind == "f":
        return "#,##0.00"
    return "#,##0" if dtype.kind in "iu" else "General"


def _money_format(currency: str | None) -> str:
    known = currency is not None and re.fullmatch("[A-Za-z]{3}", currency)
    return f'#,##0.00 "{currency}"' if known else "#,##0.00"


def _width(table: pd.DataFrame, place: int) -> float:
    """Wide enough for the header and the first rows, within reason."""
    shown = [len(cell) if isinstance(cell, str) else 12 for cell in table.iloc[:100, place]]
    longest = max([len(str(table.columns[place])) + 3, *shown])
    return float(min(max(longest, 9), 40))
