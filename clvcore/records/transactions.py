"""Orders that passed the intake, and the ledger of what became of every row and cent."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.records.columns import (
    AMOUNT,
    CUSTOMER,
    DATE,
    EMAIL,
    KEPT,
    LINE,
    ORDER,
    PURCHASE_DATE,
)
from clvcore.records.errors import Notice

if TYPE_CHECKING:
    from clvcore.arrays.numbering import Numbering


@dataclass(frozen=True, eq=False, kw_only=True)
class QualityReport:
    """The ledger: every row and every cent of the input is used or dropped for a reason.

    Two identities hold always: ``rows_in = rows_used + sum(rows_dropped)`` and
    ``amount_in = amount_used + sum(amount_dropped)``. An amount that cannot be read counts as 0.

    Parameters
    ----------
    rows_in, rows_used, rows_dropped
        Rows; dropped ones by reason.
    amount_in, amount_used, amount_dropped
        Money in ``currency``; dropped by reason.
    customers_in, customers_used
        Distinct ids read, and those with at least one kept purchase day.
    warnings
        Doubts about the data.
    rejected
        Table of unreadable rows: ``line`` (1-based, in the file), ``reason``, raw values.
    """

    rows_in: int
    rows_used: int
    rows_dropped: dict[str, int]
    amount_in: float
    amount_used: float
    amount_dropped: dict[str, float]
    customers_in: int
    customers_used: int
    warnings: tuple[Notice, ...] = ()
    rejected: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"line": [], "reason": []}))

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as JSON types, without the rejected rows themselves."""
        return {
            "rows_in": self.rows_in,
            "rows_used": self.rows_used,
            "rows_dropped": self.rows_dropped,
            "amount_in": self.amount_in,
            "amount_used": self.amount_used,
            "amount_dropped": self.amount_dropped,
            "customers_in": self.customers_in,
            "customers_used": self.customers_used,
            "warnings": [str(notice) for notice in self.warnings],
        }


@dataclass(frozen=True, eq=False, kw_only=True)
class Transactions:
    """Orders that passed the intake, one row per order line.

    Parameters
    ----------
    lines
        Arrow table, rows in file order: ``line`` int64 (1-based position in the input),
        ``customer_id`` string, ``date`` date32, ``amount`` float64, ``order_id`` string (may be
        absent), attribute columns, perhaps ``email`` (for exported lists only; never logged nor
        looked at by a model), and, netted as of the last day, ``purchase_date`` date32 and
        ``kept`` bool (False: the line belongs to a day of returns without a purchase).
    quality
        The ledger of the intake.
    attributes
        Names of the columns kept for cohorts, constant or changing per customer.
    currency
        ISO 4217 code if known; only ever printed.
    content_hash
        SHA-256 of the lines' content, the same for the same orders in any order of rows.
    numbering
        The customers of ``lines`` as numbers, where the intake has them; it counts for nothing
        if it is of another table.
    """

    lines: pa.Table
    quality: QualityReport
    content_hash: str
    attributes: tuple[str, ...] = ()
    currency: str | None = None
    numbering: Numbering | None = field(default=None, repr=False)

    @property
    def first_day(self) -> dt.date:
        """First day of the log."""
        day: dt.date = pc.min(self.lines[DATE]).as_py()
        return day

    @property
    def last_day(self) -> dt.date:
        """Last day of the log, the default ``as_of``."""
        day: dt.date = pc.max(self.lines[DATE]).as_py()
        return day

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows that count: customer_id, date, amount, order_id and attributes."""
        extra = [n for n in (LINE, PURCHASE_DATE, KEPT, EMAIL) if n in self.lines.column_names]
        used = self.lines.filter(self.lines[KEPT]).drop_columns(extra)
        first = [name for name in (CUSTOMER, DATE, AMOUNT, ORDER) if name in used.column_names]
        order = first + [name for name in used.column_names if name not in first]
        frame: pd.DataFrame = used.select(order).to_pandas(date_as_object=False)
        return frame
