"""Saved orders: from a dropped file, or one of the two samples."""

from __future__ import annotations

import datetime as dt
import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from app.services import kept_uploads, uploads
from app.services.cached import cached, clear_all
from app.services.checks import CheckResult, figures
from app.services.uploads import (
    NO_OPTIONS,
    Intake,
    checked_folder,
    inspect_again,
    inspect_upload,
    question_of,
)
from app.storage.database import DatasetRow, reading, utc_now, writing
from app.storage.gate import changing
from app.storage.home import clv_home, tenant_folder
from app.storage.saved_as import Version, version_of
from app.storage.validity import check_database
from clvcore.ingest import ANYWHERE, IngestOptions, Layout, Mapping, read_transactions
from clvcore.records.errors import ConfigError, StoreError
from clvcore.records.transactions import Transactions
from clvcore.sample import cdnow_sample, sample_orders
from clvcore.store import load_transactions, put_in_place, save_transactions

_SAVED_BY_NOW = dt.timedelta(hours=1)  # another process may be between its files and its row

__all__ = [
    "CheckResult",
    "Dataset",
    "Intake",
    "add_sample",
    "check",
    "check_saved",
    "clean_up",
    "current_version",
    "delete",
    "inspect_again",
    "inspect_upload",
    "let_go",
    "list_datasets",
    "load",
    "open_figures",
    "question_of",
    "save",
]


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """Saved orders, without the orders."""

    id: str
    name: str
    created_at: dt.datetime
    currency: str | None
    rows: int
    customers: int
    first_day: dt.date
    last_day: dt.date


def check(
    tenant: str,
    content_hash: str,
    mapping: Mapping,
    currency: str | None = None,
    options: IngestOptions = NO_OPTIONS,
    layout: Layout = ANYWHERE,
) -> CheckResult:
    """Read an inspected file under this mapping and report on it; nothing is saved.

    Raises
    ------
    DataError
        If the mapping does not fit, no row can be used, or the file is no longer kept.
    """
    folder = checked_folder(tenant, content_hash, mapping, currency, options, layout)
    return _figures(folder, version_of(folder))


def save(
    tenant: str,
    content_hash: str,
    name: str,
    mapping: Mapping,
    currency: str | None = None,
    options: IngestOptions = NO_OPTIONS,
    layout: Layout = ANYWHERE,
    *,
    claim: str | None = None,
) -> Dataset:
    """Save an inspected file as a dataset and let the upload go.

    ``claim`` is the id of the share in it that ends with this; a share is saved once. The upload is
    deleted unless somebody else holds one.

    Raises
    ------
    DataError
        As ``check``; ``UPLOAD_GONE`` also where the share was saved or let go before.
    """
    with changing(tenant):
        if claim is not None:
            kept_uploads.refuse_unless_claimed(tenant, content_hash, claim)
        folder = checked_folder(tenant, content_hash, mapping, currency, options, layout)
        dataset = _keep(tenant, uploads.display_name(name), load_transactions(folder))
        kept_uploads.let_go(tenant, content_hash, claim)
    return dataset


def let_go(intake: Intake) -> None:
    """Give up a file that will not be saved; it is deleted unless somebody else dropped it too."""
    claim = intake.claim
    kept_uploads.let_go(claim.tenant, claim.content_hash, claim.id)


def add_sample(tenant: str, which: str) -> Dataset:
    """Save the simulated shop (``sample``) or the CDNOW log (``cdnow``) as a dataset.

    Raises
    ------
    ConfigError
        If there is no such sample.
    """
    makers: dict[str, tuple[str, Callable[[], Transactions]]] = {
        "sample": ("Sample shop", lambda: read_transactions(sample_orders(), currency="EUR")),
        "cdnow": ("CDNOW", cdnow_sample),
    }
    if which not in makers:
        raise ConfigError(
            "SAMPLE_UNKNOWN",
            "There is no sample {which!r}. Choose one of: {known}.",
            which=which, known=", ".join(makers),
        )  # fmt: skip
    name, make = makers[which]
    with changing(tenant):
        return _keep(tenant, name, make())


def list_datasets(tenant: str) -> list[Dataset]:
    """Return the tenant's datasets, the newest first."""
    query = select(DatasetRow).where(DatasetRow.tenant == tenant)
    with reading() as session:
        rows = session.scalars(query.order_by(DatasetRow.created_at.desc(), DatasetRow.id))
        return [_dataset(row) for row in rows]


def find(tenant: str, dataset_id: str) -> Dataset:
    """Return one dataset.

    Raises
    ------
    StoreError
        ``DATASET_UNKNOWN`` if the tenant has no such dataset.
    """
    query = select(DatasetRow).where(DatasetRow.tenant == tenant, DatasetRow.id == dataset_id)
    with reading() as session:
        row = session.scalar(query)
        if row is None:
            raise StoreError(
                "DATASET_UNKNOWN", "These orders are no longer there. Choose others, or add them."
            )
        return _dataset(row)


def load(tenant: str, dataset_id: str) -> Transactions:
    """Return a dataset's orders.

    Raises
    ------
    StoreError
        If there is no such dataset, or its files are damaged.
    """
    return _load(*_found(tenant, dataset_id))


def check_saved(tenant: str, dataset_id: str) -> CheckResult:
    """Return the figures of a saved dataset.

    Raises
    ------
    StoreError
        As ``load``.
    """
    return open_figures(tenant, dataset_id)[0]


def open_figures(tenant: str, dataset_id: str) -> tuple[CheckResult, Version | None]:
    """Return the figures of a saved dataset, and the version of its files they are of.

    Raises
    ------
    StoreError
        As ``load``.
    """
    folder, version = _found(tenant, dataset_id)
    return _figures(folder, version), version


def current_version(tenant: str, dataset_id: str) -> Version | None:
    """Return the version of a dataset's files; None if it is not there."""
    try:
        return _found(tenant, dataset_id)[1]
    except StoreError:
        return None


def delete(tenant: str, dataset_id: str) -> None:
    """Delete a dataset; forecasts made from it stay.

    Raises
    ------
    StoreError
        ``DATASET_UNKNOWN`` if the tenant has no such dataset.
    """
    with changing(tenant):
        dataset = find(tenant, dataset_id)
        with writing() as session:
            row = session.get(DatasetRow, dataset.id)
            if row is not None:
                session.delete(row)
        shutil.rmtree(_folder(tenant, dataset.id), ignore_errors=True)
    clear_all()


def clean_up(tenant: str, *, now: dt.datetime | None = None) -> None:
    """Remove what a killed process left: folders that no row tells of."""
    folder = tenant_folder(tenant, "datasets")
    before = ((now or utc_now()) - _SAVED_BY_NOW).timestamp()
    check_database(clv_home() / "clv.db")  # whatever it does not tell of is deleted
    old = [one for one in folder.iterdir() if one.stat().st_mtime < before]
    known = {dataset.id for dataset in list_datasets(tenant)}
    for one in old:
        if one.name not in known:
            shutil.rmtree(one, ignore_errors=True)


def _keep(tenant: str, name: str, transactions: Transactions) -> Dataset:
    dataset_id = uuid.uuid4().hex
    folder = _folder(tenant, dataset_id)
    draft = folder.with_name(f".{dataset_id}.new")
    save_transactions(transactions, draft)
    row = DatasetRow(
        id=dataset_id, tenant=tenant, name=name, created_at=utc_now(),
        currency=transactions.currency, rows=transactions.quality.rows_used,
        customers=transactions.quality.customers_used, first_day=transactions.first_day,
        last_day=transactions.last_day,
    )  # fmt: skip
    try:
        with writing() as session:
            session.add(row)
            session.flush()
            # only now: no folder in place is without its row
            put_in_place(draft, folder, "transactions")
    except Exception:  # a full disk, say: no folder without a row
        for one in (draft, folder):
            shutil.rmtree(one, ignore_errors=True)
        raise
    return _dataset(row)


def _dataset(row: DatasetRow) -> Dataset:
    return Dataset(
        id=row.id, name=row.name, created_at=row.created_at, currency=row.currency,
        rows=row.rows, customers=row.customers, first_day=row.first_day, last_day=row.last_day,
    )  # fmt: skip


def _folder(tenant: str, dataset_id: str) -> Path:
    return tenant_folder(tenant, "datasets") / dataset_id


def _found(tenant: str, dataset_id: str) -> tuple[Path, Version | None]:
    folder = _folder(tenant, find(tenant, dataset_id).id)
    return folder, version_of(folder)


# Keyed by a folder and its version; nobody writes to a frame they were given.
@cached(2)
def _load(folder: Path, version: Version | None) -> Transactions:
    del version
    return load_transactions(folder)


@cached(16)
def _figures(folder: Path, version: Version | None) -> CheckResult:
    del version
    return figures(load_transactions(folder))
