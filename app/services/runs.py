"""Forecasts: start one, keep it, list and load them."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.services.cached import cached, clear_all
from app.storage.database import RunRow, reading, writing
from app.storage.gate import changing
from app.storage.home import tenant_folder
from app.storage.saved_as import Version, version_of
from clvcore.records.errors import StoreError
from clvcore.records.prediction import Prediction
from clvcore.records.run import Run
from clvcore.store import load_prediction, load_run

OnStep = Callable[[str, float], None]


@dataclass(frozen=True, kw_only=True)
class RunEntry:
    """A finished forecast, without its tables; one of ``horizon_months`` and ``_days`` is set."""

    id: str
    dataset_id: str | None
    dataset_name: str
    created_at: dt.datetime
    created_by: str
    as_of: dt.date
    horizon_end: dt.date
    horizon_months: int | None
    horizon_days: int | None
    customers: int
    clv: float
    currency: str | None
    config: dict[str, Any]


def list_runs(tenant: str) -> list[RunEntry]:
    """Return the tenant's forecasts, the newest first."""
    query = select(RunRow).where(RunRow.tenant == tenant)
    with reading() as session:
        rows = session.scalars(query.order_by(RunRow.created_at.desc(), RunRow.id))
        return [_entry(row) for row in rows]


def find(tenant: str, run_id: str) -> RunEntry:
    """Return one forecast's entry.

    Raises
    ------
    StoreError
        ``RUN_UNKNOWN`` if the tenant has no such forecast.
    """
    query = select(RunRow).where(RunRow.tenant == tenant, RunRow.id == run_id)
    with reading() as session:
        row = session.scalar(query)
        if row is None:
            raise StoreError(
                "RUN_UNKNOWN", "This forecast is no longer there. Choose another, or run it again."
            )
        return _entry(row)


def load(tenant: str, run_id: str) -> Run:
    """Return a forecast with its tables; nobody may write to them, they are shared.

    Raises
    ------
    StoreError
        If there is no such forecast, or its files are damaged.
    """
    return _load(*_found(tenant, run_id))


def open_run(tenant: str, run_id: str) -> tuple[RunEntry, Run, Version | None]:
    """Return a forecast's entry, the forecast, and the version of its files that was read.

    Raises
    ------
    StoreError
        As ``load``.
    """
    entry = find(tenant, run_id)
    folder = _folder(tenant, entry.id)
    version = version_of(folder)
    return entry, _load(folder, version), version


def current_version(tenant: str, run_id: str) -> Version | None:
    """Return the version of a forecast's files; None if they are not there."""
    return version_of(_folder(tenant, run_id))


def load_months(tenant: str, run_id: str) -> Prediction | None:
    """Return a forecast month by month; None for one that was saved without.

    Raises
    ------
    StoreError
        As ``load``.
    """
    return _load_months(*_found(tenant, run_id))


def delete(tenant: str, run_id: str) -> None:
    """Delete a forecast.

    Raises
    ------
    StoreError
        ``RUN_UNKNOWN`` if the tenant has no such forecast.
    """
    with changing(tenant):
        entry = find(tenant, run_id)
        with writing() as session:
            row = session.get(RunRow, entry.id)
            if row is not None:
                session.delete(row)
        shutil.rmtree(_folder(tenant, entry.id), ignore_errors=True)
    clear_all()


def _entry(row: RunRow) -> RunEntry:
    return RunEntry(
        id=row.id, dataset_id=row.dataset_id, dataset_name=row.dataset_name,
        created_at=row.created_at, created_by=row.created_by, as_of=row.as_of,
        horizon_end=row.horizon_end, horizon_months=row.config.get("horizon_months"),
        horizon_days=row.config.get("horizon_days"), customers=row.customers, clv=row.clv,
        currency=row.currency, config=row.config,
    )  # fmt: skip


def _folder(tenant: str, run_id: str) -> Path:
    return tenant_folder(tenant, "runs") / run_id


def _found(tenant: str, run_id: str) -> tuple[Path, Version | None]:
    folder = _folder(tenant, find(tenant, run_id).id)
    return folder, version_of(folder)


# keyed by a folder and its version, never by a frame
@cached(8)
def _load(folder: Path, version: Version | None) -> Run:
    del version
    return load_run(folder)


@cached(2)
def _load_months(folder: Path, version: Version | None) -> Prediction | None:
    del version
    return load_prediction(folder)
