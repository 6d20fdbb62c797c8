"""Read a generated file as a user would, answer what is asked, and compare with the truth."""

from __future__ import annotations

import math
import traceback
from collections import Counter
from dataclasses import dataclass

from generate import Row, ShopFile

from clvcore.ingest import Mapping, guess_mapping, read_raw, validate
from clvcore.records.columns import AMOUNT, CUSTOMER, DATE, LINE
from clvcore.records.errors import ClvError
from clvcore.records.transactions import Transactions

RIGHT, ASKED, REFUSED = "right at once", "right after a question", "refused with a reason"
WARNED = "other than meant, and said"
CRASH, LEDGER, WRONG, DEAF = "CRASH", "LEDGER BREAK", "WRONG VALUE", "WRONG AFTER A QUESTION"
SILENT = "NOT SAID"
BAD = (CRASH, LEDGER, WRONG, DEAF, SILENT)
MOST_QUESTIONS = 4
# what each question is answered with
ANSWERED_BY = {
    "AMBIGUOUS_NUMBER_FORMAT": ("decimal",),
    "MIXED_NUMBER_FORMATS": ("decimal",),
    "AMBIGUOUS_DATE_FORMAT": ("date_order",),
    "MIXED_DATE_FORMATS": ("date_order",),
    "COLUMN_NOT_FOUND": ("customer_id", "date", "amount", "quantity"),
}
ROLES = ("customer_id", "date", "amount", "quantity")
NAMED = (*ROLES, "order_id")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of a file; ``codes`` are the questions and refusals on the way."""

    kind: str
    seed: str
    codes: tuple[str, ...] = ()
    detail: str = ""


def judge(shop: ShopFile, *, guess: bool = True) -> Verdict:
    """Read a file; a question is answered with the truth and must then lead to it.

    Without ``guess`` the columns are named, as after a user confirmed them, which is faster.
    """
    codes: list[str] = []
    given: dict[str, str] = {}
    while len(codes) < MOST_QUESTIONS:
        try:
            read, said = _read(shop, given, guess=guess)
        except ClvError as error:
            codes.append(error.code)
            answers = _answers(error.code, shop, given)
            if not answers:
                return Verdict(kind=REFUSED, seed=shop.seed, codes=tuple(codes), detail=str(error))
            given |= answers
            continue
        except Exception:
            return Verdict(
                kind=CRASH, seed=shop.seed, codes=tuple(codes), detail=traceback.format_exc()
            )
        return _compared(shop, read, tuple(codes), said)
    return Verdict(kind=REFUSED, seed=shop.seed, codes=tuple(codes))


def _read(
    shop: ShopFile, given: dict[str, str], *, guess: bool
) -> tuple[Transactions, frozenset[str]]:
    """Return the orders and the codes of all notices."""
    raw = read_raw(shop.data)
    notes = ()
    if guess:
        guessed = guess_mapping(raw, given=given or None)
        mapping, notes = guessed.mapping, guessed.notes
    else:
        named = {role: shop.answers[role] for role in NAMED if role in shop.answers}
        mapping = Mapping(**{**named, **given})
    read = validate(raw, mapping)
    return read, frozenset(notice.code for notice in (*notes, *read.quality.warnings))


def _answers(code: str, shop: ShopFile, given: dict[str, str]) -> dict[str, str]:
    """Return what a user would add; nothing when the question is not known or answered already."""
    wanted = ANSWERED_BY.get(code, ROLES if "COLUMN" in code or "ROLE" in code else ())
    return {
        name: shop.answers[name] for name in wanted if name in shop.answers and name not in given
    }


def _compared(
    shop: ShopFile, read: Transactions, codes: tuple[str, ...], said: frozenset[str]
) -> Verdict:
    if broken := _ledger(shop, read):
        return Verdict(kind=LEDGER, seed=shop.seed, codes=codes, detail=broken)
    wrong = _difference(shop.rows, read)
    if wrong and said & shop.words:
        return Verdict(kind=WARNED, seed=shop.seed, codes=codes, detail=wrong)
    if wrong:
        return Verdict(kind=DEAF if codes else WRONG, seed=shop.seed, codes=codes, detail=wrong)
    if shop.must and not said & shop.must:
        detail = f"none of {sorted(shop.must)} in {sorted(said)}"
        return Verdict(kind=SILENT, seed=shop.seed, codes=codes, detail=detail)
    return Verdict(kind=ASKED if codes else RIGHT, seed=shop.seed, codes=codes)


def _ledger(shop: ShopFile, read: Transactions) -> str:
    books = read.quality
    if books.rows_in != books.rows_used + sum(books.rows_dropped.values()):
        return f"{books.rows_in} rows, {books.rows_used} used, {books.rows_dropped}"
    parts = [books.amount_used, *books.amount_dropped.values()]
    if not math.isclose(math.fsum(parts), books.amount_in, rel_tol=1e-12, abs_tol=1e-9):
        return f"{books.amount_in} in, {parts}"
    if books.rows_in != len(shop.rows):
        return f"{books.rows_in} rows read of {len(shop.rows)}"
    return ""


def _difference(rows: tuple[Row, ...], read: Transactions) -> str:
    """Return the first row that is not what it should be."""
    good = [row for row in rows if row.fault is None]
    lines = read.lines.select([LINE, CUSTOMER, DATE, AMOUNT]).to_pylist()
    if len(lines) != len(good):
        return f"{len(lines)} rows accepted of {len(good)}: {read.quality.rows_dropped}"
    for line, row in zip(lines, good, strict=True):
        same = math.isclose(line[AMOUNT], row.amount, rel_tol=1e-12, abs_tol=1e-9)
        if not same or (line[CUSTOMER], line[DATE]) != (row.customer, row.day):
            return f"{line} instead of {row}"
        if row.line is not None and line[LINE] != row.line:
            return f"line {line[LINE]} instead of {row.line}"
    faults = Counter(row.fault for row in rows if row.fault)
    found = {k: n for k, n in read.quality.rows_dropped.items() if k != "returned"}
    return "" if found == dict(faults) else f"{found} instead of {dict(faults)}"
