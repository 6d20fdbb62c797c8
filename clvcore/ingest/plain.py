"""Texts of any script in plain digits and marks: numbers and days then need one spelling."""

from __future__ import annotations

import sys
import unicodedata
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

MARKS = {
    "\u066b": ".", "\u066c": "'", "\u060c": ",",  # Arabic decimal mark, thousands mark and comma
    "\u2212": "-", "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-",
}  # fmt: skip
ARABIC_DECIMAL = "\u066b"
_UNSEEN = ("Cf", "Cc")  # marks of direction, zero-width spaces


def western(texts: pa.Array) -> pa.Array:
    """Bring digits of any script, full-width forms, odd spaces and dashes to their plain forms.

    Texts in ASCII are returned as they are, which is cheap to see; the others are looked at one
    by one, so give distinct ones.
    """
    if pc.all(pc.string_is_ascii(texts)).as_py() is not False:
        return texts
    table = _table()
    return pa.array(
        [
            text if text is None or text.isascii() else plain_text(text, table)
            for text in texts.to_pylist()
        ],
        pa.string(),
    )


def plain_text(text: str, table: dict[int, str | None] | None = None) -> str:
    """Return one text in plain digits, spaces and marks, in Unicode's compatible form."""
    return unicodedata.normalize("NFKC", text).translate(table or _table()).strip()


@cache
def _table() -> dict[int, str | None]:
    """Return what each character of Unicode becomes, where that is something else."""
    table: dict[int, str | None] = {ord(mark): plain for mark, plain in MARKS.items()}
    for code in range(128, sys.maxunicode + 1):
        letter = chr(code)
        category = unicodedata.category(letter)
        if category == "Nd":
            table[code] = str(unicodedata.digit(letter))
        elif category == "Zs":
            table[code] = " "
        elif category in _UNSEEN:
            table[code] = None
    return table
