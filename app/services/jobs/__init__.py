"""Forecasts as jobs: asked for here, made in processes that can be killed, told truthfully.

    job = jobs.submit(tenant, username, dataset_id, config)
    job = jobs.wait(tenant, job.id, timeout=30)
    run = runs.load(tenant, jobs.run_of(job))

Every state is a row of the table ``jobs``. A launcher process beside the server takes what is
queued and hands it to its pool of workers; a worker saves the files first and the run's row last,
in one transaction with the end of the job. A row of a run therefore always has its files, and a
folder without a row is swept when the next launcher starts.
"""

from app.services.jobs.queue import (
    MAX_WAITING,
    MAX_WAITING_PER_TENANT,
    cancel,
    find,
    last_seconds,
    list_jobs,
    run_of,
    submit,
    submit_score,
    wait,
)
from app.services.jobs.records import (
    CANCELLED,
    DONE,
    FAILED,
    INTERRUPTED,
    QUEUED,
    RUNNING,
    UNDER_WAY,
    Job,
    JobError,
    Step,
)

__all__ = [
    "CANCELLED",
    "DONE",
    "FAILED",
    "INTERRUPTED",
    "MAX_WAITING",
    "MAX_WAITING_PER_TENANT",
    "QUEUED",
    "RUNNING",
    "UNDER_WAY",
    "Job",
    "JobError",
    "Step",
    "cancel",
    "find",
    "last_seconds",
    "list_jobs",
    "run_of",
    "submit",
    "submit_score",
    "wait",
]
