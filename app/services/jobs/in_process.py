"""Work in the caller's own thread, where no pool was started: scripts, tests, ``CLV_WORKERS=0``."""

from __future__ import annotations

import threading

from app.services.jobs import transitions
from app.storage.owners import alive

# two processor-bound forecasts at once; a third waits for its turn, and is queued meanwhile
_TURN = threading.BoundedSemaphore(2)


def work_here(job_id: str) -> None:
    """Do a queued job here and now, unless another process took it first."""
    from app.services.jobs.forecasting import do_job  # brings the engine along

    with _TURN, alive() as owner:
        if transitions.claim(owner, job_id) is not None:
            do_job(job_id, owner)
