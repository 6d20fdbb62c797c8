"""How long things are kept: a sweep at the start and once a day deletes what is older."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import delete

from app.services import datasets, kept_uploads, runs
from app.services.jobs import UNDER_WAY
from app.storage import audit
from app.storage.abandoned import sweep_abandoned
from app.storage.database import AuditEntry, JobRow, utc_now, writing
from app.storage.home import tenants_with_files
from app.storage.settings import retention_days
from app.workers.repeating import repeating
from clvcore.records.errors import StoreError

_A_DAY = dt.timedelta(days=1)
_FAILED = "what is too old could not be deleted"
_log = logging.getLogger("clv")


def sweep(*, now: dt.datetime | None = None) -> None:
    """Delete what was left half done, uploads nobody saved, and what is older than it may be."""
    now, days = now or utc_now(), retention_days()
    sweep_abandoned()
    for tenant in tenants_with_files():
        kept_uploads.forget_old(tenant, now=now)
        if days is not None:
            _sweep_tenant(tenant, now - days * _A_DAY)
    if days is not None:
        _sweep_tables(now - days * _A_DAY)


@contextmanager
def daily() -> Iterator[None]:
    """Remove what no row tells of, sweep, and sweep once a day while the block runs."""
    try:
        for tenant in tenants_with_files():
            datasets.clean_up(tenant)
        sweep()
    except Exception:  # a full disk, a locked database: tomorrow is another day
        _log.exception(_FAILED)
    with repeating(sweep, _A_DAY.total_seconds(), name="retention", failed=_FAILED):
        yield


def _sweep_tenant(tenant: str, oldest: dt.datetime) -> None:
    old_runs = [run.id for run in runs.list_runs(tenant) if run.created_at < oldest]
    old_orders = [one.id for one in datasets.list_datasets(tenant) if one.created_at < oldest]
    for run_id in old_runs:
        _unless_gone(runs.delete, tenant, run_id)
    for dataset_id in old_orders:
        _unless_gone(datasets.delete, tenant, dataset_id)
    if old_runs or old_orders:
        audit.record(
            tenant, audit.PROGRAM, audit.SWEPT, "", forecasts=len(old_runs), orders=len(old_orders)
        )  # fmt: skip


def _unless_gone(delete_one: Callable[[str, str], None], tenant: str, object_id: str) -> None:
    try:
        delete_one(tenant, object_id)
    except StoreError:
        _log.info("%s was deleted by somebody else", object_id)


def _sweep_tables(oldest: dt.datetime) -> None:
    ended = JobRow.state.not_in(UNDER_WAY)
    with writing() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.at < oldest))
        session.execute(delete(JobRow).where(ended, JobRow.created_at < oldest))
