"""A raw table and a mapping to transactions, with books in which every row is accounted for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.arrays.numbering import Numbering
from clvcore.features.netting import net
from clvcore.ingest.amounts.amounts import AmountReading, read_amounts
from clvcore.ingest.amounts.currencies import CurrencyReading, read_currencies
from clvcore.ingest.columns.mapping import Mapping
from clvcore.ingest.continued import filled_down
from clvcore.ingest.dates.dates import DateReading, read_dates
from clvcore.ingest.dates.faroff import far_off
from clvcore.ingest.distinct import Distinct, is_text
from clvcore.ingest.doubts import doubts, repeated_rows
from clvcore.ingest.fingerprint import content_hash
from clvcore.ingest.identifiers import IdReading, as_text, read_ids, read_labels, read_order_ids
from clvcore.ingest.ledger import (
    CODE,
    REASONS,
    UNSOLD,
    Balance,
    Faults,
    balance,
    first_fault,
)
from clvcore.ingest.nothing_left import nothing_left
from clvcore.ingest.options import IngestOptions, currency_code, winsorised
from clvcore.ingest.presets.plain import unread_outcomes
from clvcore.ingest.presets.prepare import prepare
from clvcore.ingest.raw import RawTable
from clvcore.ingest.subtotals import subtotals
from clvcore.records.columns import AMOUNT, CUSTOMER, DATE, EMAIL, KEPT, LINE, ORDER
from clvcore.records.errors import DataError, Notice
from clvcore.records.transactions import QualityReport, Transactions

MAX_REJECTED = 10_000

Floats = npt.NDArray[np.float64]
_T = TypeVar("_T", bound=np.generic)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Columns:
    """The columns in use, read; every row is still there."""

    ids: IdReading
    dates: DateReading
    amounts: Floats
    faults: Faults
    currency: str | None


def validate(
    raw: RawTable,
    mapping: Mapping,
    *,
    currency: str | None = None,
    options: IngestOptions | None = None,
) -> Transactions:
    """Turn raw rows into transactions; what cannot be used is counted and listed, never lost.

    Parameters
    ----------
    currency
        ISO 4217 code; None: the one the file states, if it states one. Where it holds several,
        the one to use.
    options
        What to leave out or to cut on purpose; default nothing.

    Returns
    -------
    Transactions
        Lines in file order, netted as of the last day, and the quality report.

    Raises
    ------
    MappingError
        If a mapped column is not in the table.
    DataError
        If dates or amounts can be read in two ways, currencies are mixed and none is chosen, or
        no row is usable.
    """
    mapping.check_columns(raw.columns)
    raw = filled_down(raw, mapping) if mapping.preset is None else raw
    prepared = prepare(raw, mapping)
    raw = prepared.raw
    options = options or IngestOptions()
    currency = _stated(currency, options)
    money = read_currencies(raw, mapping, chosen=currency, strict=options.currency is not None)
    read = _read(raw, mapping, money, prepared.dropped)
    sums = subtotals(raw, mapping, read.amounts, read.faults == 0)
    read.faults[sums.rows] = CODE["subtotal"]
    astray = far_off(
        read.dates.days, read.faults == 0, raw.lines.to_numpy(),
        before=options.first_date is None, after=options.last_date is None,
    )  # fmt: skip
    read.faults[astray.rows] = CODE["far_off_date"]
    faults, repeated = _without_unwanted(raw, read, options)
    good = faults == 0
    counted = winsorised(read.amounts, good, options.winsorize_at)
    rejected, shortened = _rejected(raw, mapping, read.faults)
    if not good.any():
        raise nothing_left(faults, rejected, mapping)
    lines = net(_lines(raw, mapping, read, counted, good))
    numbering = Numbering.of(lines, read.ids.ids, _chosen(read.ids.numbers, good))
    kept = lines[KEPT].to_numpy()
    faults[np.flatnonzero(good)[~kept]] = CODE["returned"]
    if not kept.any():
        raise nothing_left(faults, rejected, mapping)
    books = balance(faults, read.amounts, counted)
    notices = (
        *raw.notices, *sums.notices, *money.notices, *read.ids.notices, *read.dates.notices,
        *astray.notices,
        *unread_outcomes(raw, mapping, read.amounts, good),
        *doubts(numbering, books, _chosen(repeated, good), mapping), *shortened,
    )  # fmt: skip
    return Transactions(
        lines=lines,
        quality=_report(books, read.ids, numbering, notices, rejected),
        content_hash=content_hash(lines, mapping.attributes, numbering),
        attributes=mapping.attributes,
        currency=currency or money.code or read.currency,
        numbering=numbering,
    )


def _chosen(values: npt.NDArray[_T], good: npt.NDArray[np.bool_]) -> npt.NDArray[_T]:
    return values if good.all() else values[good]


def _stated(currency: str | None, options: IngestOptions) -> str | None:
    """Return the currency the user named, one way or the other."""
    currency = currency_code(currency)
    if currency and options.currency and currency != options.currency:
        raise DataError(
            "CURRENCY_CONTRADICTION",
            "The currency was stated as {currency}, but the rows in {chosen} were chosen. Name "
            "one of them only.",
            currency=currency, chosen=options.currency,
        )  # fmt: skip
    return options.currency or currency


def _without_unwanted(
    raw: RawTable, read: _Columns, options: IngestOptions
) -> tuple[Faults, npt.NDArray[np.bool_]]:
    """Add to the faults what the options leave out; return also which rows repeat another."""
    faults = first_fault(read.faults, options.unwanted(read.dates.days, read.amounts))
    good = faults == 0
    repeated = repeated_rows(raw.table, good, read.ids.numbers, read.dates.days, read.amounts)
    if options.drop_exact_duplicates:
        faults[repeated] = CODE["duplicate_dropped"]
    return faults, repeated


def _read(raw: RawTable, mapping: Mapping, money: CurrencyReading, dropped: pa.Array) -> _Columns:
    """Read every column in use; ragged rows have no say in how dates and numbers are written.

    Nor have rows in other currencies, whose money cannot be added to the rest.
    """
    table = raw.table
    ragged = np.zeros(table.num_rows, dtype=np.uint8)
    if raw.ragged is not None:
        ragged[raw.ragged.to_numpy(zero_copy_only=False)] = CODE["ragged_row"]
        table = _blanked(table, raw.ragged, [name for _, name in mapping.roles()])
    if money.other.any():
        table = _blanked(table, pa.array(money.other), [mapping.amount])
    unsold = pc.index_in(dropped, pa.array(REASONS)).fill_null(0).to_numpy().astype(np.uint8)
    foreign = np.where(money.other, np.uint8(CODE["other_currency"]), np.uint8(0))
    dates = read_dates(
        table[mapping.date], name=mapping.date, order=mapping.date_order, lines=raw.lines
    )
    paid = read_amounts(
        table[mapping.amount], name=mapping.amount, decimal=mapping.decimal, lines=raw.lines
    )
    ids = read_ids(
        table[mapping.customer_id],
        _known_texts(raw, table, mapping.customer_id),
        markers=dates.markers | paid.markers,
    )
    amounts, money_faults = paid.amounts, paid.faults
    if mapping.quantity is not None:
        amounts, money_faults = _product(table, mapping, paid)
    return _Columns(
        ids=ids,
        dates=dates,
        amounts=amounts,
        faults=first_fault(ragged, unsold, foreign, ids.faults, dates.faults, money_faults),
        currency=paid.currency,
    )


def _known_texts(raw: RawTable, table: pa.Table, name: str) -> Distinct | None:
    """Return what the guess has found out about a column of text, if it is still the same one."""
    return raw.distinct(name) if table is raw.table and is_text(table[name].type) else None


def _blanked(table: pa.Table, rows: pa.Array, names: list[str]) -> pa.Table:
    for name in names:
        place = table.column_names.index(name)
        blanked = pc.if_else(rows, pa.scalar(None, table[name].type), table[name])
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
    raw: RawTable,
    mapping: Mapping,
    read: _Columns,
    amounts: Floats,
    good: npt.NDArray[np.bool_],
) -> pa.Table:
    columns = {
        LINE: raw.lines,
        CUSTOMER: read.ids.texts,
        DATE: pa.array(read.dates.days.astype("datetime64[D]")),
        AMOUNT: pa.array(amounts),
    }
    if mapping.order_id is not None:
        known = _known_texts(raw, raw.table, mapping.order_id)
        columns[ORDER] = read_order_ids(raw.table[mapping.order_id], known)
    for name in mapping.attributes:
        columns[name] = read_labels(raw.table[name])
    if mapping.email is not None:
        columns[EMAIL] = read_labels(raw.table[mapping.email])
    table = pa.table(columns)
    return (table if good.all() else table.filter(pa.array(good))).combine_chunks()


def _report(
    books: Balance,
    ids: IdReading,
    numbering: Numbering,
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
        customers_in=int(np.count_nonzero(np.bincount(ids.numbers + 1)[1:])),
        customers_used=numbering.buyers(),
        warnings=notices,
        rejected=rejected,
    )


def _rejected(
    raw: RawTable, mapping: Mapping, faults: Faults
) -> tuple[pd.DataFrame, tuple[Notice, ...]]:
    """List the first 10,000 rows that could not be read, as they stand in the file."""
    readable = [0, CODE["other_currency"], *(CODE[reason] for reason in UNSOLD)]
    bad = np.flatnonzero(~np.isin(faults, readable))
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
