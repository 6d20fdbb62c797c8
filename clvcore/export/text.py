"""Lists of customers as CSV that no spreadsheet mistakes for formulas."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pandas as pd

from clvcore.records.errors import DataError

# What a spreadsheet may read as the start of a formula or command, full-width and small forms
# included, behind any blanks or byte-order marks. Apostrophes before it count too, so that taking
# one off again gives back exactly what was there.
_FORMULA = re.compile(
    "'*[\\s\ufeff\u200b-\u200f\u2060\u00ad]*[=+\\-@\t\r\n\x00\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212]"
)


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
    table = selected(frame, columns)
    safe = pd.DataFrame(
        {place: _safe_column(table.iloc[:, place]) for place in range(table.shape[1])}
    )
    safe.columns = pd.Index([guarded(str(name)) for name in table.columns])
    text = safe.to_csv(index=False, lineterminator="\r\n", date_format="%Y-%m-%d")
    return text.encode("utf-8-sig" if bom else "utf-8", errors="replace")


def selected(frame: pd.DataFrame, columns: Sequence[str] | None) -> pd.DataFrame:
    """Return the columns asked for in their order, a named index as the first of them.

    Raises
    ------
    DataError
        ``UNKNOWN_COLUMN`` if one is not in ``frame``.
    """
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
    cells = [guarded(cell) if isinstance(cell, str) else cell for cell in column]
    return pd.Series(cells, index=column.index, dtype=object)


def guarded(text: str) -> str:
    """Put an apostrophe before a text that could start a formula."""
    return f"'{text}" if _FORMULA.match(text) else text
