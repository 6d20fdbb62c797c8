"""From a file named on the command line to transactions, with any columns the user named."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clvcore.cli.console import noting
from clvcore.records.errors import Notice

if TYPE_CHECKING:
    from clvcore.ingest import Mapping, RawTable
    from clvcore.ingest.options import IngestOptions
    from clvcore.records.transactions import Transactions

PERIODS = ("month", "quarter", "year")
PLACES = ("header_row", "sheet")


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
    """What the user said about the file and its rows, as it was typed; not checked yet."""

    header_row: int | None = None
    sheet: str | None = None
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

        rows = {name: value for name, value in asdict(self).items() if name not in PLACES}
        return IngestOptions.from_dict(rows | {"currency": None})


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
        return {
            "mapping": self.mapping.to_dict(),
            "options": self.options.to_dict(),
            "header_row": self.raw.header_row,
            "sheet": self.raw.sheet,
        }

    def doubts(self) -> tuple[Notice, ...]:
        """Return what is to be known of the file before any figure from it is trusted."""
        return (*self.notes, *self.transactions.quality.warnings)

    def noting(self) -> AbstractContextManager[None]:
        """Let a refusal of what comes next say these doubts, and how many rows were used."""
        quality = self.transactions.quality
        unused = quality.rows_in - quality.rows_used
        used = f"{quality.rows_used:,} of {quality.rows_in:,} rows were used."
        return noting((*([used] if unused else []), *self.doubts()))


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
    raw = read_raw(file, header_row=choices.header_row, sheet=choices.sheet)
    with noting(raw.notices):
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
