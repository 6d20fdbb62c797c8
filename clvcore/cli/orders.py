"""From a file named on the command line to transactions, with any columns the user named."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from clvcore.errors import Notice

if TYPE_CHECKING:
    from clvcore.ingest import Mapping, RawTable
    from clvcore.ingest.options import IngestOptions
    from clvcore.records import Transactions

PERIODS = ("month", "quarter", "year")


@dataclass(frozen=True, kw_only=True)
class NamedColumns:
    """What the user said about the columns; ``None`` is left to the file itself."""

    customer_id: str | None = None
    date: str | None = None
    amount: str | None = None
    quantity: str | None = None
    order_id: str | None = None
    decimal: str | None = None
    date_order: str | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Orders:
    """A file as read, as understood, and as accepted."""

    raw: RawTable
    mapping: Mapping
    transactions: Transactions
    notes: tuple[Notice, ...] = ()


def read_orders(
    file: Path,
    named: NamedColumns,
    *,
    currency: str | None,
    cohort_by: str | None = None,
    options: IngestOptions | None = None,
) -> Orders:
    """Read ``file``; columns the user named win over those guessed.

    Raises
    ------
    DataError
        If the file cannot be read, a column is missing, or no row can be used.
    """
    from clvcore.ingest import guess_mapping, read_raw, validate

    raw = read_raw(file)
    guess = guess_mapping(raw, given=asdict(named))
    mapping = guess.mapping
    if cohort_by not in (None, *PERIODS) and cohort_by not in mapping.attributes:
        mapping = replace(mapping, attributes=(*mapping.attributes, str(cohort_by)))
    transactions = validate(raw, mapping, currency=currency, options=options)
    return Orders(raw=raw, mapping=mapping, transactions=transactions, notes=guess.notes)
