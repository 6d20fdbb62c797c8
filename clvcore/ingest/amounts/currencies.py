"""Which currency each row is in: amounts in several cannot be added, so one must be chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.ingest.amounts.signs import (
    COMMON,
    currency_of,
    is_shared,
    may_mean,
    signs_beside,
    spelled,
)
from clvcore.ingest.columns.headers import plain_words
from clvcore.ingest.columns.mapping import REQUIRED, Mapping
from clvcore.ingest.distinct import Distinct, distinct_texts, is_text
from clvcore.ingest.plain import western
from clvcore.ingest.raw import RawTable
from clvcore.records.errors import DataError, Notice

NAMES = {
    "currency", "moneda", "divisa", "moeda", "wahrung", "waehrung", "devise", "valuta", "waluta",
    "валюта", "货币", "币种", "貨幣", "幣別", "通貨", "통화", "العملة", "doviz", "birimi",
}  # fmt: skip
LOOKED_AT = 1_000
UNSTATED = "none"

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False, kw_only=True)
class CurrencyReading:
    """The currency of the rows in use.

    ``other`` has shape (rows,): rows in another currency than the one in use, or in none although
    the file holds several. ``code`` is what the file says about the rest, if it says anything.
    """

    other: Bools
    code: str | None = None
    notices: tuple[Notice, ...] = ()


def read_currencies(
    raw: RawTable, mapping: Mapping, *, chosen: str | None, strict: bool = False
) -> CurrencyReading:
    """Find the rows in the ``chosen`` currency, told from a column of codes or from the amounts.

    Parameters
    ----------
    chosen
        ISO 4217 code, or None.
    strict
        Whether rows of a file in one other currency are left out too.

    Raises
    ------
    DataError
        If a column of codes holds several and none of them is chosen.
    """
    nobody = np.zeros(raw.table.num_rows, dtype=bool)
    column = currency_column(raw, mapping)
    if column is None:
        if chosen is None or not is_text(raw.table[mapping.amount].type):
            return CurrencyReading(other=nobody)
        amounts = distinct_texts(raw.table[mapping.amount])
        return _split(_signs(amounts, chosen), amounts, chosen, strict)
    distinct = distinct_texts(raw.table[column])
    codes = [_code(text) for text in distinct.texts.to_pylist()]
    if chosen is None and len(set(codes)) > 1:
        raise DataError(
            "SEVERAL_CURRENCIES",
            "Column {column!r} holds several currencies ({seen}), which cannot be added. Choose "
            "one of them as the currency; rows in the others are then left out and counted.",
            column=column, seen=_counted(codes, distinct.rows),
        )  # fmt: skip
    return _split(codes, distinct, chosen, strict)


def currency_column(raw: RawTable, mapping: Mapping) -> str | None:
    """Return the column of currency codes that belongs to the amounts, if there is one.

    Of several, such as ``Currency`` and ``Converted Currency``, the one whose name shares the
    words of the amount's name.
    """
    roles = {getattr(mapping, role) for role in (*REQUIRED, "order_id", "quantity")}
    found = [name for name in raw.columns if name not in roles and _holds_codes(raw.table, name)]
    kin = set(plain_words(mapping.amount).split())

    def likeness(name: str) -> int:
        words = set(plain_words(name).split()) - NAMES
        return len(words & kin) - len(words - kin)

    return max(found, key=likeness, default=None)


def _holds_codes(table: pa.Table, name: str) -> bool:
    """Tell whether a column holds codes: all known, or all of three letters under such a name."""
    column = table[name]
    if not (is_text(column.type) or pa.types.is_dictionary(column.type)):
        return False
    head = column.slice(0, LOOKED_AT).drop_null()
    head = head if len(head) else column.drop_null().slice(0, LOOKED_AT)
    head = head.cast(pa.string()).unique().to_pylist()
    head = [_code(text) for text in head if text.strip()]
    named = bool(NAMES & set(plain_words(name).split()))
    if not head or not all(_like_code(text) and (named or text in COMMON) for text in head):
        return False
    every = pc.utf8_trim_whitespace(column.unique().drop_null().cast(pa.string()))
    texts = {_code(text) for text in every.to_pylist()} - {""}
    return all(_like_code(text) and (named or text in COMMON) for text in texts)


def _split(
    codes: Sequence[str | None], distinct: Distinct, chosen: str | None, strict: bool
) -> CurrencyReading:
    """Mark rows that are not in the chosen currency."""
    seen = {code for code in codes if code is not None}
    if chosen is not None:
        codes = [chosen if _may_mean(code, chosen) else code for code in codes]
    left = {code for code in codes if code is not None}
    place = distinct.place
    if len(left) == 1 and not (strict and chosen not in left):
        (code,) = left
        return CurrencyReading(
            other=np.zeros(place.size, dtype=bool),
            code=None if is_shared(code) else code,
            notices=_differs(code, chosen),
        )
    if not seen:
        return CurrencyReading(other=np.zeros(place.size, dtype=bool))
    ours = np.array([code == chosen for code in codes] + [False])
    other = ~ours[place]
    rows = np.bincount(place[place >= 0], minlength=len(codes))
    unstated = int((place < 0).sum())
    found = _counted([*codes, None], np.append(rows, unstated), without=chosen)
    notice = Notice(
        "OTHER_CURRENCIES",
        "{rows} rows are not in {chosen} ({seen}). They were left out, and as their money cannot "
        "be added it counts as 0.",
        rows=int(other.sum()), chosen=chosen, seen=found,
    )  # fmt: skip
    return CurrencyReading(other=other, code=chosen, notices=(notice,) if other.any() else ())


def _differs(found: str, chosen: str | None) -> tuple[Notice, ...]:
    if chosen is None or found == chosen:
        return ()
    return (
        Notice(
            "CURRENCY_DIFFERS",
            "The file says {found}, but {chosen} was stated; amounts are shown as {chosen} and "
            "nothing is converted.",
            found=found, chosen=chosen,
        ),
    )  # fmt: skip


def _signs(amounts: Distinct, chosen: str) -> list[str | None]:
    """Return the currency each distinct amount carries, None without a sign or a code.

    A sign of several currencies is in the chosen one, if that is one of them.
    """
    plain = western(amounts.texts)
    spellings, _ = signs_beside(plain)
    found = pc.extract_regex(plain, pattern=f"(?P<sign>{spelled(spellings, ahead=False)})")
    return [
        None if sign is None else chosen if may_mean(sign, chosen) else currency_of(sign)
        for sign in found.field("sign").to_pylist()
    ]


def _may_mean(code: str | None, chosen: str) -> bool:
    return code is not None and is_shared(code) and may_mean(code, chosen)


def _counted(
    codes: Iterable[str | None], rows: npt.NDArray[np.int64], without: str | None = None
) -> str:
    counts: dict[str, int] = {}
    for code, number in zip(codes, rows.tolist(), strict=True):
        if number and (code is None or code != without):
            counts[code or UNSTATED] = counts.get(code or UNSTATED, 0) + number
    return ", ".join(f"{code}: {counts[code]}" for code in sorted(counts))


def _code(text: str) -> str:
    return text.strip().upper()


def _like_code(text: str) -> bool:
    return len(text) == 3 and text.isascii() and text.isalpha()
