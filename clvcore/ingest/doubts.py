"""What a careful reader of the accepted lines would point out before trusting a forecast."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.arrays.numbering import Numbering
from clvcore.ingest.columns.mapping import Mapping
from clvcore.ingest.ledger import Balance
from clvcore.ingest.oddities import oddities
from clvcore.records.columns import AMOUNT, KEPT, PURCHASE_DATE
from clvcore.records.errors import Notice

Bools = npt.NDArray[np.bool_]

HALF_A_CENT = 0.005
MANY, MANY_LOST = 50, 0.1  # rows of a file, and the share of them
MIXER = np.uint64(0x9E3779B97F4A7C15)  # 2**64 over the golden ratio: spreads numbers evenly


def doubts(
    numbering: Numbering, books: Balance, repeated: Bools, mapping: Mapping
) -> tuple[Notice, ...]:
    """Return the doubts about lines; all of them stay as they are, and that is said.

    Parameters
    ----------
    numbering
        The accepted lines, netted, and whose they are.
    books
        Where the other rows went.
    repeated
        Shape (lines,): the line repeats an earlier row of the file in every column.
    mapping
        Which column each role is.
    """
    lines = numbering.lines
    found = (
        _ragged(books),
        _lost(books, mapping),
        _duplicates(lines, repeated),
        _returned(books),
        _unlinked(numbering),
        _zeros(lines),
        _without_purchase(numbering),
        *oddities(numbering),
    )
    return tuple(notice for notice in found if notice is not None)


def _ragged(books: Balance) -> Notice | None:
    rows = books.rows_dropped.get("ragged_row", 0)
    if not rows:
        return None
    return Notice(
        "RAGGED_ROWS",
        "{rows} rows have more or fewer cells than the header, so their values may stand in the "
        "wrong columns; they were left out, and their money is not known.",
        rows=rows,
    )


def _lost(books: Balance, mapping: Mapping) -> Notice | None:
    """Say which column costs a good part of the rows: it may be the wrong one."""
    columns = {
        reason: column
        for role, column in mapping.roles()
        for reason in (f"missing_{role}", f"invalid_{role}", f"unreadable_{role}")
    }
    lost = {reason: rows for reason, rows in books.rows_dropped.items() if reason in columns}
    rows = sum(lost.values())
    if books.rows_in < MANY or rows < MANY_LOST * books.rows_in:
        return None
    return Notice(
        "MANY_ROWS_LOST",
        "{rows} of {all} rows ({percent:.0f} %) cannot be used, most of them because column "
        "{column} is blank or not readable there. Check that it is the right one.",
        rows=rows, all=books.rows_in, percent=100 * rows / books.rows_in,
        column=columns[max(lost, key=lambda reason: lost[reason])],
    )  # fmt: skip


def _duplicates(lines: pa.Table, repeated: Bools) -> Notice | None:
    if not repeated.any():
        return None
    return Notice(
        "DUPLICATE_ROWS",
        "{rows} rows repeat an earlier row exactly ({amount:,.2f} in money). They were kept: the "
        "same thing can be bought twice. Leave out exact duplicates if it was exported twice.",
        rows=int(repeated.sum()),
        amount=float(lines[AMOUNT].to_numpy()[repeated].sum()),
    )


def repeated_rows(table: pa.Table, good: Bools, *known: npt.NDArray[np.generic]) -> Bools:
    """Return, per row, whether an earlier good row has the same value in every column.

    Parameters
    ----------
    good
        Shape (rows,): the rows to look at.
    known
        Numbers of 8 bytes, shape (rows,) each, that were read from these columns: rows in which
        they differ are not the same, which is far cheaper to see than that texts differ.
    """
    rows = np.flatnonzero(good)
    if rows.size < good.size:
        known = tuple(numbers[rows] for numbers in known)
    rows = rows[_seen_twice(known)]
    alike = np.zeros(table.num_rows, dtype=bool)
    alike[rows] = True
    codes = np.zeros(rows.size, dtype=np.int64)
    left = np.arange(rows.size)
    for column in table.filter(pa.array(alike)).columns if rows.size else ():
        cells = column.combine_chunks().take(pa.array(left))
        encoded = pc.dictionary_encode(cells, null_encoding="encode")
        codes = codes * len(encoded.dictionary) + encoded.indices.to_numpy()
        # renumbered after each column, so that the product cannot overflow
        codes = pc.dictionary_encode(pa.array(codes)).indices.to_numpy().astype(np.int64)
        again = np.bincount(codes)[codes] > 1
        left, codes = left[again], codes[again]
    first = np.unique(codes, return_index=True)[1]
    repeated = np.zeros(table.num_rows, dtype=bool)
    repeated[rows[np.delete(left, first)]] = True
    return repeated


def _seen_twice(known: Sequence[npt.NDArray[np.generic]]) -> Bools:
    """Tell which rows may have the same numbers as another; hashes can only name too many."""
    code = np.zeros(known[0].size, dtype=np.uint64)
    for numbers in known:
        code ^= numbers.view(np.uint64)
        code *= MIXER
        code ^= code >> np.uint64(32)
    ordered = np.sort(code)
    twice = ordered[1:][ordered[1:] == ordered[:-1]]
    return np.isin(code, twice) if twice.size else np.zeros(code.size, dtype=bool)


def _returned(books: Balance) -> Notice | None:
    rows = books.rows_dropped.get("returned", 0)
    if not rows:
        return None
    return Notice(
        "RETURNS",
        "{rows} rows belong to days on which a customer returned at least as much as was bought "
        "({amount:,.2f} in money). They count as no purchase.",
        rows=rows, amount=books.amount_dropped["returned"],
    )  # fmt: skip


def _unlinked(numbering: Numbering) -> Notice | None:
    """Say how much of the refunds stays in revenue, because no purchase is known to be theirs."""
    lines = numbering.lines
    dropped = ~lines[KEPT].to_numpy()
    if not dropped.any():
        return None
    day = lines[PURCHASE_DATE].cast(pa.int32()).to_numpy()[dropped].astype(np.int64)
    customer = numbering.customer[dropped].astype(np.int64)
    days, place = np.unique(customer * 2**32 + day, return_inverse=True)
    amounts = lines[AMOUNT].to_numpy()[dropped]
    left = np.bincount(place, weights=amounts, minlength=days.size)
    left[left > -HALF_A_CENT] = 0.0
    if not left.any():
        return None
    rows = int(np.count_nonzero((amounts < 0) & (left < 0)[place]))
    return Notice(
        "REFUNDS_NOT_LINKED",
        "{rows} refunds stand on days without a purchase to take them off, so {amount:,.2f} of "
        "their money stays in the revenue. It is taken off where a refund has the order number of "
        "its purchase, and that column is mapped as the order.",
        rows=rows, amount=-float(left.sum()),
    )  # fmt: skip


def _zeros(lines: pa.Table) -> Notice | None:
    rows = int((lines[AMOUNT].to_numpy() == 0).sum())
    if not rows:
        return None
    return Notice(
        "ZERO_AMOUNTS",
        "{rows} rows have an amount of 0. They count as purchases; leave zero amounts out if they "
        "are not.",
        rows=rows,
    )


def _without_purchase(numbering: Numbering) -> Notice | None:
    customers = len(numbering.ids) - numbering.buyers()
    if not customers:
        return None
    return Notice(
        "CUSTOMERS_WITHOUT_PURCHASE",
        "{customers} customers only returned things, or returned all they bought. They get no "
        "forecast.",
        customers=customers,
    )
