"""A forecast asked for and waited for, as a command or the sample does that has the time."""

from __future__ import annotations

from app.services import jobs
from app.services.runs import OnStep, RunEntry, find
from clvcore.records.config import ForecastConfig


def start(
    tenant: str,
    user: str,
    dataset_id: str,
    config: ForecastConfig,
    on_step: OnStep | None = None,
) -> RunEntry:
    """Run a forecast, save it and wait for it; it goes on when the caller leaves.

    ``on_step`` is called here, in the caller's thread. A page that is left, or asked to rerun, is
    stopped inside ``on_step``: the forecast then finishes without it and appears in the list. The
    same forecast asked for while it is under way is waited for, not started twice. Pages that
    should not wait use ``app.services.jobs``.

    Raises
    ------
    ClvError
        What the forecast refused, or ``QUEUE_FULL``.
    """
    job = jobs.submit(tenant, user, dataset_id, config)
    return find(tenant, jobs.run_of(jobs.wait(tenant, job.id, on_step)))
