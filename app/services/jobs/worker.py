"""A worker's side of the pool: light to name for the launcher, heavy once it runs."""

from __future__ import annotations

import signal
from importlib import import_module

from app.workers.fence import limit_memory

WARM = ("app.services.jobs.forecasting", "clvcore.members.boosted")


def settle_in() -> None:
    """Be killable at once, also inside a fit; load the engine where nothing was forked."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    limit_memory()
    for module in WARM:
        import_module(module)


def do_job(job_id: str, owner: str) -> None:
    """Do a claimed job; how it ended is in its row."""
    from app.services.jobs import forecasting

    forecasting.do_job(job_id, owner)
