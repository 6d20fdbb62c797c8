"""Lists that leave the product: who may, which columns, and a line in the trail."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from app.services import datasets, runs
from app.services.downloads import File
from app.services.permission import still_may
from app.services.runs import RunEntry
from app.services.session import Identity
from app.storage import audit
from clvcore.export import (
    AUDIENCES,
    addresses,
    audience_csv,
    customers_csv,
    customers_parquet,
    customers_xlsx,
)
from clvcore.records.errors import ConfigError, DataError
from clvcore.records.run import Run

FORMATS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a person wants to take away.

    Parameters
    ----------
    format
        A key of ``FORMATS`` or of ``clvcore.export.AUDIENCES``.
    columns
        Columns of ``run.customers`` in the order wanted, for a format of ours; None takes all.
    bom
        Begin a CSV with a byte-order mark, for spreadsheets that need one to see the UTF-8.
    """

    format: str
    columns: tuple[str, ...] | None = None
    bom: bool = True


def export_customers(
    identity: Identity, run_id: str, ids: Iterable[str] | None, wish: Wish
) -> File:
    """Return the list as a file.

    The account is looked up again: the button may have been drawn before it was closed.

    Parameters
    ----------
    ids
        Customers in the order wanted; None exports all.

    Raises
    ------
    PermissionError
        If this person may not export (any more).
    ConfigError
        If the format is unknown.
    DataError
        If the format needs e-mail addresses and there are none.
    StoreError
        If the tenant has no such forecast.
    """
    account = still_may(identity, "export")
    if wish.format not in (*FORMATS, *AUDIENCES):
        raise ConfigError(
            "EXPORT_FORMAT",
            "{format!r} is not a format for lists. Choose one of: {known}.",
            format=wish.format, known=", ".join((*FORMATS, *AUDIENCES)),
        )  # fmt: skip
    entry = runs.find(account.tenant, run_id)
    run = runs.load(account.tenant, run_id)
    frame = run.customers if ids is None else run.customers.loc[list(ids)]
    if wish.format in AUDIENCES:
        content, count = audience_csv(wish.format, frame, _addresses(account.tenant, entry))
        kind, ending = wish.format.replace("_", "-"), "csv"
    else:
        content, count = _own(frame, wish, run), len(frame)
        kind, ending = "customers", wish.format
    audit.record(
        account.tenant, account.username, "export", run_id,
        rows=count, columns=list(wish.columns or frame.columns), format=wish.format,
    )  # fmt: skip
    name = f"{kind}-{plain(entry.dataset_name)}-{entry.as_of.isoformat()}.{ending}"
    return File(content=content, name=name, media_type=FORMATS[ending])


def export_rejected(identity: Identity, rejected: pd.DataFrame) -> File:
    """Return the rows of a file that could not be read, to be corrected where they came from.

    Raises
    ------
    PermissionError
        If this person may not add orders (any more).
    """
    account = still_may(identity, "data")
    audit.record(
        account.tenant, account.username, "export", "", rows=len(rejected),
        format="csv",
    )  # fmt: skip
    content = customers_csv(rejected, bom=True)
    return File(content=content, name="rejected_rows.csv", media_type=FORMATS["csv"])


def _own(frame: pd.DataFrame, wish: Wish, run: Run) -> bytes:
    columns: Sequence[str] | None = wish.columns
    if wish.format == "csv":
        return customers_csv(frame, columns=columns, bom=wish.bom)
    if wish.format == "parquet":
        return customers_parquet(frame, columns=columns)
    return customers_xlsx(frame, columns=columns, currency=run.currency, run=run)


def _addresses(tenant: str, entry: RunEntry) -> pd.Series:
    if entry.dataset_id is None:
        raise DataError(
            "ORDERS_DELETED",
            "The orders of this forecast were deleted, and the e-mail addresses with them. Add "
            "them again and forecast anew.",
        )
    return addresses(datasets.load(tenant, entry.dataset_id))


def plain(name: str) -> str:
    """Reduce a name to what every file system and every mail program accepts."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", ascii_only).strip("-").lower()[:40] or "orders"
