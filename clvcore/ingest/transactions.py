"""From any source of orders to transactions in one call."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from clvcore.ingest.columns.guess import guess_mapping
from clvcore.ingest.columns.mapping import Mapping
from clvcore.ingest.container.read import Source, read_raw
from clvcore.ingest.options import IngestOptions
from clvcore.ingest.validate import validate
from clvcore.records.transactions import Transactions


def read_transactions(
    source: Source,
    *,
    mapping: Mapping | dict[str, Any] | None = None,
    currency: str | None = None,
    options: IngestOptions | None = None,
    header_row: int | None = None,
    sheet: str | None = None,
) -> Transactions:
    r"""Read orders from a CSV, TSV, XLSX or Parquet file, a frame or an Arrow table.

    Parameters
    ----------
    source
        Path of a file or of a folder of Parquet files, bytes, pandas DataFrame or Arrow table.
    mapping
        Which column is what. A dict may name only some roles or settings, such as
        ``{"date_order": "dmy"}``; the others are guessed. Exports of known platforms are mapped
        without a guess, unless a role is named; ``{"include_tax": False}`` and
        ``{"include_shipping": False}`` leave out of their totals what they state apart.
    currency
        ISO 4217 code; only ever printed.
    options
        What to leave out or soften: duplicates, dates, currencies, zeros, extremes.
    header_row, sheet
        Line that names the columns (from 1; 0: none does) and sheet of a workbook to read, where
        the search for them finds the wrong ones.

    Raises
    ------
    ConfigError
        If ``header_row`` or ``sheet`` is none.
    ReadError
        If the source holds no table.
    MappingError
        If a column is missing or cannot be told.
    DataError
        If dates or amounts can be read in two ways, or no row is usable.

    Examples
    --------
    >>> orders = b"Customer ID;Datum;Betrag\nA;31.01.2024;12,50\nB;01.02.2024;1.250,00\n"
    >>> read_transactions(orders).to_pandas()
      customer_id       date  amount
    0           A 2024-01-31    12.5
    1           B 2024-02-01  1250.0
    """
    raw = read_raw(source, header_row=header_row, sheet=sheet)
    if isinstance(mapping, Mapping):
        return validate(raw, mapping, currency=currency, options=options)
    guess = guess_mapping(raw, given=mapping)
    transactions = validate(raw, guess.mapping, currency=currency, options=options)
    quality = transactions.quality
    warned = replace(quality, warnings=guess.notes + quality.warnings)
    return replace(transactions, quality=warned)
