"""From a file named on the command line to transactions, with any columns the user named."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    status: str | None = None
    refunded: str | None = None
    decimal: str | None = None
    date_order: str | None = None
    include_tax: bool | None = None
    include_shipping: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What the user said about the rows, as it was typed; not checked yet."""

    currency: str | None = None
    first_date: str | None = None
    last_date: str | None = None
    drop_exact_duplicates: bool = False
    zero_amounts: str = "keep"
    winsorize_at: float | None = None

    def options(self) -> IngestOptions:
        """Return them checked; the currency stays apart, because it is a label as well.

        Raises
        ------
        ConfigError
            If a choice is out of range or contradicts another.
        """
        from clvcore.ingest import IngestOptions

        return IngestOptions.from_dict(asdict(self) | {"currency": None})


@dataclass(frozen=True, eq=False, kw_only=True)
class Orders:
    """A file as read, as understood, and as accepted."""

    raw: RawTable
    mapping: Mapping
    options: IngestOptions
    transactions: Transactions
    notes: tuple[Notice, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return as JSON types how the file was understood and what was left out on purpose."""
        return {"mapping": self.mapping.to_dict(), "options": self.options.to_dict()}


def read_orders(
    file: Path, named: NamedColumns, choices: Choices, *, cohort_by: str | None = None
) -> Orders:
    """Read ``file``; columns the user named win over those guessed.

    Raises
    ------
    ConfigError
        If a choice is out of range; the file is not opened then.
    DataError
        If the file cannot be read, a column is missing, or no row can be used.
    """
    from clvcore.ingest import guess_mapping, read_raw, validate

    options = choices.options()
    raw = read_raw(file)
    guess = guess_mapping(raw, given=asdict(named))
    mapping = guess.mapping
    if cohort_by not in (None, *PERIODS) and cohort_by not in mapping.attributes:
        mapping = replace(mapping, attributes=(*mapping.attributes, str(cohort_by)))
    transactions = validate(raw, mapping, currency=choices.currency, options=options)
    return Orders(
        raw=raw,
        mapping=mapping,
        options=options,
        transactions=transactions,
        notes=guess.notes,
    )
