"""Forecasts: start one, keep it, list and load them."""

from __future__ import annotations

import datetime as dt
import logging
import queue
import shutil
import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.services import audit, datasets
from app.services.database import DatasetRow, RunRow, reading, utc_now, writing
from app.services.home import tenant_folder
from clvcore.config import ForecastConfig
from clvcore.errors import ClvError, StoreError
from clvcore.pipeline import forecast
from clvcore.records import Prediction, Run
from clvcore.store import load_prediction, load_run, save_run

OnStep = Callable[[str, float], None]
_HEARTBEAT = 0.5
_END = ("", 1.0)
_log = logging.getLogger(__name__)
# two processor-bound forecasts at once; a third waits for its turn
_TURN = threading.BoundedSemaphore(2)
_under_way: dict[tuple[Any, ...], _Work] = {}
_under_way_lock = threading.Lock()


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


def start(
    tenant: str,
    user: str,
    dataset_id: str,
    config: ForecastConfig,
    on_step: OnStep | None = None,
) -> RunEntry:
    """Run a forecast and save it; it goes on when the caller leaves.

    The work is done in a thread of its own and ``on_step`` is called here, in the caller's. A page
    that is left, or asked to rerun, is stopped inside ``on_step``: the forecast then finishes
    without it and appears in the list. The same forecast asked for while it is under way is waited
    for, not started twice.

    Raises
    ------
    ClvError
        What the forecast refused.
    """
    dataset = datasets.find(tenant, dataset_id)
    key = (tenant, dataset.id, repr(config))
    with _under_way_lock:
        work = _under_way.get(key)
        if work is None:
            work = _under_way[key] = _Work(tenant, user, dataset, config, key)
            work.thread.start()
    return work.follow(on_step)


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
    return _load(_folder(tenant, find(tenant, run_id).id))


def load_months(tenant: str, run_id: str) -> Prediction | None:
    """Return a forecast month by month; None for one that was saved without.

    Raises
    ------
    StoreError
        As ``load``.
    """
    return _load_months(_folder(tenant, find(tenant, run_id).id))


def delete(tenant: str, run_id: str) -> None:
    """Delete a forecast.

    Raises
    ------
    StoreError
        ``RUN_UNKNOWN`` if the tenant has no such forecast.
    """
    entry = find(tenant, run_id)
    with writing() as session:
        row = session.get(RunRow, entry.id)
        if row is not None:
            session.delete(row)
    shutil.rmtree(_folder(tenant, entry.id), ignore_errors=True)
    _load.cache_clear()
    _load_months.cache_clear()


class _Work:
    """One forecast under way; any number of callers may follow it."""

    def __init__(
        self,
        tenant: str,
        user: str,
        dataset: datasets.Dataset,
        config: ForecastConfig,
        key: tuple[Any, ...],
    ) -> None:
        self._asked = (tenant, user, dataset, config)
        self._key = key
        self._followers: list[queue.SimpleQueue[tuple[str, float]]] = []
        self._lock = threading.Lock()
        self._entry: RunEntry | None = None
        self._error: Exception | None = None
        self.thread = threading.Thread(target=self._do, name="forecast", daemon=True)

    def follow(self, on_step: OnStep | None) -> RunEntry:
        """Report steps until the end, in the caller's thread; return or raise what came out."""
        steps: queue.SimpleQueue[tuple[str, float]] = queue.SimpleQueue()
        with self._lock:
            self._followers.append(steps)
            ended = self._entry is not None or self._error is not None
        step: tuple[str, float] | None = None
        while not ended:
            # a step is said again while nothing new comes: a page then notices that it was left
            with suppress(queue.Empty):
                step = steps.get(timeout=_HEARTBEAT)
            ended = step is _END
            if step and not ended and on_step:
                on_step(*step)
        if self._error is not None:
            raise self._error
        assert self._entry is not None  # noqa: S101  # no error and ended: it is there
        return self._entry

    def _do(self) -> None:
        entry: RunEntry | None = None
        error: Exception | None = None
        try:
            with _TURN:
                entry = _forecast_and_save(*self._asked, on_step=self._tell)
        except Exception as caught:  # handed to every follower
            error = caught
            if isinstance(caught, ClvError):
                _log.info("forecast refused: %s", caught.code)
            else:
                _log.error("forecast failed", exc_info=caught)
        with _under_way_lock:
            _under_way.pop(self._key, None)
        with self._lock:
            self._entry, self._error = entry, error
            for steps in self._followers:
                steps.put(_END)

    def _tell(self, step: str, fraction: float) -> None:
        with self._lock:
            for steps in self._followers:
                steps.put((step, fraction))


def _forecast_and_save(
    tenant: str,
    user: str,
    dataset: datasets.Dataset,
    config: ForecastConfig,
    *,
    on_step: OnStep,
) -> RunEntry:
    run = forecast(datasets.load(tenant, dataset.id), config, on_step)
    run_id, now = uuid.uuid4().hex, utc_now()
    about = {"dataset_id": dataset.id, "dataset_name": dataset.name}
    save_run(run, _folder(tenant, run_id), created_at=now, extra=about)
    with writing() as session:
        still_there = session.get(DatasetRow, dataset.id) is not None
        row = RunRow(
            id=run_id, tenant=tenant, dataset_id=dataset.id if still_there else None,
            dataset_name=dataset.name, created_at=now, created_by=user, as_of=run.as_of,
            horizon_end=run.horizon_end, customers=len(run.customers),
            clv=float(run.customers["clv"].sum()), currency=run.currency,
            config=run.config.to_dict(),
        )  # fmt: skip
        session.add(row)
    audit.record(tenant, user, "forecast", run_id, dataset=dataset.id)
    return _entry(row)


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


# keyed by a folder whose name is new for every run, never by a frame
@lru_cache(maxsize=8)
def _load(folder: Path) -> Run:
    return load_run(folder)


@lru_cache(maxsize=2)
def _load_months(folder: Path) -> Prediction | None:
    return load_prediction(folder)
