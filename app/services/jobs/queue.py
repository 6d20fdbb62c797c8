"""Ask for work, look at it, stop it, wait for it."""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.orm import Session

from app.services.jobs import in_process
from app.services.jobs.records import (
    CANCELLED,
    DONE,
    FITTED_RUN,
    FORECAST,
    QUEUED,
    RUNNING,
    SCORE,
    UNDER_WAY,
    Job,
    JobError,
    job_of,
)
from app.services.jobs.sweep import interrupt_abandoned
from app.services.jobs.transitions import stopped_error
from app.storage import audit
from app.storage.database import JobRow, reading, utc_now, writing
from app.storage.gate import changing
from app.workers import workers
from app.workers.wire import error_to_json
from clvcore.records.config import ForecastConfig

MAX_WAITING, MAX_WAITING_PER_TENANT = 16, 8
_LOOK, _HEARTBEAT = 0.1, 0.5

OnStep = Callable[[str, float], None]


def submit(tenant: str, username: str, dataset_id: str, config: ForecastConfig) -> Job:
    """Ask for a forecast of saved orders; the same one asked for while under way is one job.

    With workers at hand this returns at once. Without (``CLV_WORKERS=0``, a script, a test) the
    work is done here, in the caller, and the job returned has ended.

    Raises
    ------
    StoreError
        ``DATASET_UNKNOWN`` if the tenant has no such orders.
    JobError
        ``QUEUE_FULL`` if too much is waiting already.
    """
    return _submit(tenant, username, dataset_id, FORECAST, config.to_dict())


def submit_score(
    tenant: str, username: str, dataset_id: str, run_id: str, config: ForecastConfig
) -> Job:
    """Ask for saved orders to be scored with a finished forecast; as ``submit`` otherwise.

    ``config`` are the settings of that forecast; its ``as_of`` is not asked for again.
    """
    settings = replace(config, as_of=None).to_dict() | {FITTED_RUN: run_id}
    return _submit(tenant, username, dataset_id, SCORE, settings)


def _submit(tenant: str, username: str, dataset_id: str, kind: str, config: dict[str, Any]) -> Job:
    from app.services import datasets  # brings the engine along, which a launcher does not need

    interrupt_abandoned()
    with changing(tenant):  # the orders may be about to go
        dataset = datasets.find(tenant, dataset_id)
        key = _key(dataset.id, config)
        row = JobRow(
            id=uuid.uuid4().hex, tenant=tenant, username=username, kind=kind,
            dataset_id=dataset.id, dataset_name=dataset.name, config=config, key=key,
            state=QUEUED, created_at=utc_now(),
        )  # fmt: skip
        with writing() as session:
            same = _same_under_way(session, tenant, key)
            if same is None:
                _refuse_if_full(session, tenant)
                session.add(row)
    if same is not None:
        return find(tenant, same)
    if workers.is_running():
        workers.wake()
    else:
        in_process.work_here(row.id)
    return find(tenant, row.id)


def find(tenant: str, job_id: str) -> Job:
    """Return one job as it stands.

    Raises
    ------
    JobError
        ``JOB_UNKNOWN`` if the tenant has no such job.
    """
    query = select(JobRow).where(JobRow.tenant == tenant, JobRow.id == job_id)
    with reading() as session:
        row = session.scalar(query)
        if row is None:
            raise JobError(
                "JOB_UNKNOWN", "This forecast was never asked for here, or is long over."
            )
        return job_of(row, _ahead(session, row))


def list_jobs(
    tenant: str, *, username: str | None = None, under_way: bool = False, limit: int = 100
) -> list[Job]:
    """Return the tenant's jobs, the newest first; of one user, or those under way, if asked."""
    query = select(JobRow).where(JobRow.tenant == tenant)
    if username is not None:
        query = query.where(JobRow.username == username)
    if under_way:
        query = query.where(JobRow.state.in_(UNDER_WAY))
    with reading() as session:
        rows = session.scalars(query.order_by(JobRow.created_at.desc(), JobRow.id).limit(limit))
        return [job_of(row, _ahead(session, row)) for row in rows]


def cancel(tenant: str, username: str, job_id: str) -> Job:
    """Ask a job to stop: a waiting one is cancelled now, a running one within a second or so.

    A job that has ended, or ends first, stays as it is: look at ``state``.

    Raises
    ------
    JobError
        ``JOB_UNKNOWN`` if the tenant has no such job.
    """
    job = find(tenant, job_id)
    if not job.under_way:
        return job
    mine = (JobRow.tenant == tenant, JobRow.id == job_id)
    with writing() as session:
        session.execute(
            update(JobRow).where(*mine, JobRow.state == RUNNING).values(cancel_asked=True)
        )
        session.execute(
            update(JobRow).where(*mine, JobRow.state == QUEUED).values(
                state=CANCELLED, cancel_asked=True, ended_at=utc_now(),
                error=error_to_json(stopped_error()),
            )
        )  # fmt: skip
    audit.record(tenant, username, "cancel", job_id)
    workers.wake()
    return find(tenant, job_id)


def wait(
    tenant: str, job_id: str, on_step: OnStep | None = None, *, timeout: float | None = None
) -> Job:
    """Return the job once it has ended, or as it stands after ``timeout`` seconds.

    ``on_step`` is called here with every step that begins, and again with the last one twice a
    second while nothing new happens; whatever it raises ends the waiting and nothing else.

    Raises
    ------
    JobError
        ``JOB_UNKNOWN`` if the tenant has no such job.
    """
    end = None if timeout is None else time.monotonic() + timeout
    told, last = 0, time.monotonic()
    while True:
        job = find(tenant, job_id)
        for step in job.steps[told:]:
            last = _tell(on_step, step.name, step.share)
        told = len(job.steps)
        if not job.under_way or (end is not None and time.monotonic() >= end):
            return job
        if job.steps and time.monotonic() - last > _HEARTBEAT:
            last = _tell(on_step, job.steps[-1].name, job.steps[-1].share)
        time.sleep(_LOOK)


def last_seconds(tenant: str, dataset_id: str, model: str | None = None) -> float | None:
    """Return how long the last finished job of these orders ran, with this model if one is named.

    None if there was none.
    """
    query = (
        select(JobRow)
        .where(
            JobRow.tenant == tenant,
            JobRow.dataset_id == dataset_id,
            JobRow.state == DONE,
            JobRow.kind == FORECAST,
        )
        .order_by(JobRow.ended_at.desc())
        .limit(10)
    )
    with reading() as session:
        for row in session.scalars(query):
            if model in (None, row.config.get("model")):
                return job_of(row).seconds
    return None


def run_of(job: Job) -> str:
    """Return the id of the run an ended job made.

    Raises
    ------
    ClvError
        Why there is none: what the forecast refused, or a ``JobError``.
    """
    if job.state == DONE and job.run_id is not None:
        return job.run_id
    raise job.error or JobError(
        "JOB_UNDER_WAY", "This forecast is not finished yet. Ask again in a moment."
    )


def _tell(on_step: OnStep | None, name: str, share: float) -> float:
    if on_step is not None:
        on_step(name, share)
    return time.monotonic()


def _key(dataset_id: str, config: dict[str, Any]) -> str:
    asked = json.dumps([dataset_id, config], sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()


def _same_under_way(session: Session, tenant: str, key: str) -> str | None:
    query = select(JobRow.id).where(
        JobRow.tenant == tenant, JobRow.key == key, JobRow.state.in_(UNDER_WAY),
        JobRow.cancel_asked.is_(False),
    )  # fmt: skip
    return session.scalar(query)


def _refuse_if_full(session: Session, tenant: str) -> None:
    waiting = select(func.count()).select_from(JobRow).where(JobRow.state == QUEUED)
    everybody = session.scalar(waiting) or 0
    own = session.scalar(waiting.where(JobRow.tenant == tenant)) or 0
    if everybody >= MAX_WAITING or own >= MAX_WAITING_PER_TENANT:
        raise JobError(
            "QUEUE_FULL",
            "Too many forecasts are waiting already ({waiting}). Try again in a few minutes.",
            waiting=own if own >= MAX_WAITING_PER_TENANT else everybody,
        )


def _ahead(session: Session, row: JobRow) -> int:
    if row.state != QUEUED:
        return 0
    place = tuple_(JobRow.created_at, JobRow.id)
    query = select(func.count()).select_from(JobRow).where(
        JobRow.state == QUEUED, place < tuple_(row.created_at, row.id)
    )  # fmt: skip
    return session.scalar(query) or 0
