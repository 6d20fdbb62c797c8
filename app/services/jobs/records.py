"""A job as pages and the API see it, and what can be wrong with one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from app.storage.database import JobRow, utc_now
from app.workers.wire import error_from_json
from clvcore.records.errors import ClvError

QUEUED, RUNNING, DONE = "queued", "running", "done"
FAILED, CANCELLED, INTERRUPTED = "failed", "cancelled", "interrupted"
UNDER_WAY = (QUEUED, RUNNING)
FORECAST, SCORE = "forecast", "score"
FITTED_RUN = "fitted_run"  # beside the settings of a job that scores: the run it scores with


class JobError(ClvError):
    """A job is unknown, was not accepted, or ended without a result."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step that has begun: the share of the work done before it, seconds since the start."""

    name: str
    share: float
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Job:
    """Work that was asked for, as it stood when it was looked up.

    ``state`` is ``queued``, ``running``, ``done``, ``failed``, ``cancelled`` or ``interrupted``
    (its server or program ended first). ``ahead`` counts the queued jobs before this one while it
    waits. ``run_id`` is set once it is done; ``error`` once it ended in any other way.
    ``cancelling`` tells that it was asked to stop and has not stopped yet. ``fitted_run`` is the
    forecast that newer orders are scored with, if that is the work.
    """

    id: str
    tenant: str
    username: str
    kind: str
    dataset_id: str
    dataset_name: str
    config: dict[str, Any]
    state: str
    cancelling: bool
    steps: tuple[Step, ...]
    ahead: int
    created_at: dt.datetime
    started_at: dt.datetime | None
    ended_at: dt.datetime | None
    run_id: str | None
    pid: int | None
    fitted_run: str | None = None
    error: ClvError | None = field(default=None, compare=False)

    @property
    def under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def step(self) -> str | None:
        """The step it is in, or was in when it ended; None before the first."""
        return self.steps[-1].name if self.steps else None

    @property
    def share(self) -> float:
        """The share of the work that is done, 0 to 1."""
        if self.state == DONE:
            return 1.0
        return self.steps[-1].share if self.steps else 0.0

    @property
    def seconds(self) -> float:
        """How long it has run, or ran."""
        if self.started_at is None:
            return 0.0
        return ((self.ended_at or utc_now()) - self.started_at).total_seconds()


def job_of(row: JobRow, ahead: int = 0) -> Job:
    """Return a row of the table as a job."""
    config = dict(row.config)
    fitted_run = config.pop(FITTED_RUN, None)
    return Job(
        id=row.id, tenant=row.tenant, username=row.username, kind=row.kind,
        dataset_id=row.dataset_id, dataset_name=row.dataset_name, config=config,
        state=row.state, cancelling=row.cancel_asked and row.state in UNDER_WAY,
        steps=tuple(Step(**step) for step in row.steps), ahead=ahead, created_at=row.created_at,
        started_at=row.started_at, ended_at=row.ended_at, run_id=row.run_id, pid=row.pid,
        fitted_run=fitted_run, error=error_from_json(row.error) if row.error else None,
    )  # fmt: skip
