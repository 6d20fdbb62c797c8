"""A raw table and a mapping to transactions, with books in which every row is accounted for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.columns import AMOUNT, CUSTOMER, DATE, KEPT, LINE, ORDER
from clvcore.errors import DataError, Notice
from clvcore.ingest.amounts import AmountReading, read_amounts
from clvcore.ingest.dates import DateReading, read_dates
from clvcore.ingest.doubts import doubts
from clvcore.ingest.fingerprint import content_hash
from clvcore.ingest.identifiers import IdReading, as_text, read_ids, read_labels
from clvcore.ingest.ledger import CODE, REASONS, Balance, Faults, balance, first_fault
from clvcore.ingest.mapping import Mapping
from clvcore.ingest.raw import RawTable
from clvcore.netting import net
from clvcore.records import QualityReport, Transactions

MAX_REJECTED = 10_000

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class _Columns:
    """The columns in use, read; every row is still there."""

    ids: IdReading
    dates: DateReading
    amounts: Floats
    faults: Faults
    currency: str | None


def validate(raw: RawTable, mapping: Mapping, *, currency: str | None = None) -> Transactions:
    """Turn raw rows into transactions; what cannot be used is counted and listed, never lost.

    Parameters
    ----------
    currency
        ISO 4217 code; None: the one the amounts carry, if they carry one.

    Returns
    -------
    Transactions
        Lines in file order, netted as of the last day, and the quality report.

    Raises
    ------
    MappingError
        If a mapped column is not in the table.
    DataError
        If dates or amounts can be read in two ways, currencies are mixed, or no row is usable.
    """
    mapping.check_columns(raw.columns)
    currency = _currency_code(currency)
    read = _read(raw, mapping)
    faults = read.faults
    good = faults == 0
    if not good.any():
        raise _nothing_left(faults)
    lines = net(_lines(raw, mapping, read, good))
    kept = lines[KEPT].to_numpy()
    faults = faults.copy()
    faults[np.flatnonzero(good)[~kept]] = CODE["returned"]
    if not kept.any():
        raise _nothing_left(faults)
    books = balance(faults, read.amounts)
    rejected, shortened = _rejected(raw, mapping, read.faults)
    notices = (
        *raw.notices, *read.ids.notices, *read.dates.notices,
        *doubts(raw, lines, books, good), *shortened,
    )  # fmt: skip
    return Transactions(
        lines=lines,
        quality=_report(books, read.ids, lines, notices, rejected),
        content_hash=content_hash(lines, mapping.attributes),
        attributes=mapping.attributes,
        currency=currency or read.currency,
    )


def _read(raw: RawTable, mapping: Mapping) -> _Columns:
    """Read every column in use; ragged rows have no say in how dates and numbers are written."""
    table = raw.table
    ragged = np.zeros(table.num_rows, dtype=np.uint8)
    if raw.ragged is not None:
        ragged[raw.ragged.to_numpy(zero_copy_only=False)] = CODE["ragged_row"]
        table = _blanked(table, raw.ragged, mapping)
    ids = read_ids(table[mapping.customer_id])
    dates = read_dates(table[mapping.date], name=mapping.date, order=mapping.date_order)
    money = read_amounts(table[mapping.amount], name=mapping.amount, decimal=mapping.decimal)
    amounts, money_faults = money.amounts, money.faults
    if mapping.quantity is not None:
        amounts, money_faults = _product(table, mapping, money)
    return _Columns(
        ids=ids,
        dates=dates,
        amounts=amounts,
        faults=first_fault(ragged, ids.faults, dates.faults, money_faults),
        currency=money.currency,
    )


def _blanked(table: pa.Table, ragged: pa.Array, mapping: Mapping) -> pa.Table:
    for _, name in mapping.roles():
        place = table.column_names.index(name)
        blanked = pc.if_else(ragged, pa.scalar(None, table[name].type), table[name])
        table = table.set_column(place, name, blanked)
    return table


def _product(table: pa.Table, mapping: Mapping, money: AmountReading) -> tuple[Floats, Faults]:
    """Multiply pieces by the price of one; rounded, so that 6 x 2.55 is 15.30."""
    pieces = read_amounts(
        table[mapping.quantity],
        name=str(mapping.quantity), decimal=mapping.decimal, what="quantity",
    )  # fmt: skip
    faults = first_fault(money.faults, pieces.faults)
    product = np.round(money.amounts * pieces.amounts, 6)
    return np.where(faults == 0, product, 0.0) + 0.0, faults


def _lines(
    raw: RawTable, mapping: Mapping, read: _Columns, good: npt.NDArray[np.bool_]
) -> pa.Table:
    columns = {
        LINE: raw.lines,
        CUSTOMER: read.ids.texts,
        DATE: pa.array(read.dates.days.astype("datetime64[D]")),
        AMOUNT: pa.array(read.amounts),
    }
    if mapping.order_id is not None:
        columns[ORDER] = read_labels(raw.table[mapping.order_id])
    for name in mapping.attributes:
        columns[name] = read_labels(raw.table[name])
    return pa.table(columns).filter(pa.array(good)).combine_chunks()


def _report(
    books: Balance,
    ids: IdReading,
    lines: pa.Table,
    notices: tuple[Notice, ...],
    rejected: pd.DataFrame,
) -> QualityReport:
    return QualityReport(
        rows_in=books.rows_in,
        rows_used=books.rows_used,
        rows_dropped=books.rows_dropped,
        amount_in=books.amount_in,
        amount_used=books.amount_used,
        amount_dropped=books.amount_dropped,
        customers_in=int(np.unique(ids.numbers[ids.numbers >= 0]).size),
        customers_used=pc.count_distinct(lines[CUSTOMER].filter(lines[KEPT])).as_py(),
        warnings=notices,
        rejected=rejected,
    )


def _rejected(
    raw: RawTable, mapping: Mapping, faults: Faults
) -> tuple[pd.DataFrame, tuple[Notice, ...]]:
    """List the first 10,000 rows that could not be read, as they stand in the file."""
    bad = np.flatnonzero(faults)
    shown = pa.array(bad[:MAX_REJECTED])
    columns: dict[str, object] = {
        LINE: raw.lines.take(shown).to_numpy(zero_copy_only=False),
        "reason": [REASONS[code] for code in faults[bad[:MAX_REJECTED]]],
    }
    for role, name in mapping.roles():
        if role != "attributes":
            columns[role] = as_text(raw.table[name].take(shown)).to_pandas()
    notice = Notice(
        "REJECTED_SHORTENED",
        "{rows} rows could not be used; the first {shown} of them are listed.",
        rows=bad.size, shown=MAX_REJECTED,
    )  # fmt: skip
    return pd.DataFrame(columns), (notice,) if bad.size > MAX_REJECTED else ()


def _nothing_left(faults: Faults) -> DataError:
    counts = np.bincount(faults, minlength=len(REASONS))
    reasons = [f"{REASONS[code]}: {counts[code]}" for code in np.flatnonzero(counts) if code]
    return DataError(
        "NO_USABLE_ROWS",
        "None of the {rows} rows can be used ({reasons}). Check which column is mapped to "
        "customer, date and amount.",
        rows=int(faults.size), reasons=", ".join(reasons),
    )  # fmt: skip


def _currency_code(currency: str | None) -> str | None:
    if currency is None or not currency.strip():
        return None
    code = currency.strip().upper()
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise DataError(
            "UNKNOWN_CURRENCY",
            "{currency!r} is no currency code. Write three letters, such as EUR or USD.",
            currency=currency,
        )
    return code
