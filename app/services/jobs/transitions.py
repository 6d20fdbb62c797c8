"""What the owner of a job writes about it. Each write asks that the job is still theirs."""

from __future__ import annotations

import os

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.services.jobs.records import (
    CANCELLED,
    DONE,
    FITTED_RUN,
    QUEUED,
    RUNNING,
    SCORE,
    JobError,
)
from app.storage.database import AuditEntry, DatasetRow, JobRow, RunRow, reading, utc_now, writing
from app.workers.wire import error_to_json
from clvcore.records.errors import ClvError


def claim(owner: str, job_id: str | None = None) -> str | None:
    """Take the job that has waited longest, or a certain one; None if there is none to take."""
    queued = select(JobRow).where(JobRow.state == QUEUED)
    if job_id is not None:
        queued = queued.where(JobRow.id == job_id)
    queued = queued.order_by(JobRow.created_at, JobRow.id).limit(1)
    with reading() as session:  # most looks find nothing, and take no lock
        if session.scalar(queued) is None:
            return None
    with writing() as session:
        row = session.scalar(queued)
        if row is None:
            return None
        row.state, row.owner, row.started_at = RUNNING, owner, utc_now()
        return row.id


def asked(job_id: str, owner: str) -> JobRow | None:
    """Return what is to be done, and note which process does it; None if it is theirs no more."""
    with writing() as session:
        row = _own(session, job_id, owner)
        if row is not None:
            row.pid = os.getpid()
        return row


def note_step(job_id: str, owner: str, name: str, share: float) -> bool:
    """Note that a step begins; False if the job was to stop, or is not the owner's any more."""
    with writing() as session:
        row = _own(session, job_id, owner)
        if row is None or row.cancel_asked:
            return False
        began = row.started_at or row.created_at
        seconds = round((utc_now() - began).total_seconds(), 2)
        row.steps = [*row.steps, {"name": name, "share": share, "seconds": seconds}]
        return True


def finish(job_id: str, owner: str, run: RunRow) -> bool:
    """Add the run and end the job in one go; False if the job is not the owner's any more."""
    with writing() as session:
        row = _own(session, job_id, owner)
        if row is None:
            return False
        if session.get(DatasetRow, row.dataset_id) is None:
            run.dataset_id = None  # deleted meanwhile; the run outlives it
        session.add(run)
        detail, scores = {"dataset": row.dataset_id}, row.kind == SCORE
        session.add(
            AuditEntry(
                tenant=row.tenant, at=run.created_at, username=row.username,
                action="scored" if scores else "forecast", subject=run.id,
                detail=detail | ({"with": row.config[FITTED_RUN]} if scores else {}),
            )
        )  # fmt: skip
        row.state, row.run_id, row.ended_at = DONE, run.id, utc_now()
        return True


def end(job_id: str, owner: str, state: str, error: ClvError) -> bool:
    """End the job without a run; whoever was asked to stop was stopped, whatever they died of."""
    with writing() as session:
        row = _own(session, job_id, owner)
        if row is None:
            return False
        if row.cancel_asked:
            state, error = CANCELLED, stopped_error()
        row.state, row.error, row.ended_at = state, error_to_json(error), utc_now()
        return True


def give_back(job_id: str, owner: str) -> bool:
    """Put a job that no worker has begun back into the queue; False if one has."""
    with writing() as session:
        row = _own(session, job_id, owner)
        if row is None or row.pid is not None or row.cancel_asked:
            return False
        row.state, row.owner, row.started_at = QUEUED, None, None
        return True


def stopped_error() -> JobError:
    return JobError("JOB_CANCELLED", "This forecast was stopped before it finished.")


def interrupted_error() -> JobError:
    return JobError(
        "JOB_INTERRUPTED",
        "The server ended before this forecast did. Run it again.",
    )


def broken_error(reference: str) -> JobError:
    return JobError(
        "JOB_BROKEN",
        "Something went wrong on our side. Run it again, or send reference {reference} to your "
        "administrator.",
        reference=reference,
    )


def killed_error() -> JobError:
    return JobError(
        "JOB_KILLED",
        "The process that made this forecast ended unexpectedly; too little memory is the usual "
        "reason. Run it again, or choose a lighter model.",
    )


def too_long_error(minutes: int) -> JobError:
    return JobError(
        "JOB_TOO_LONG",
        "The forecast took more than {minutes} minutes and was stopped. Choose a lighter model.",
        minutes=minutes,
    )


def memory_error() -> JobError:
    return JobError(
        "JOB_MEMORY",
        "There was not enough memory for this forecast. Run it again when less is going on, or "
        "choose a lighter model.",
    )


def _own(session: Session, job_id: str, owner: str) -> JobRow | None:
    row = session.get(JobRow, job_id)
    return row if row and row.state == RUNNING and row.owner == owner else None
