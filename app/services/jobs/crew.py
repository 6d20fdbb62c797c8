"""Claims queued jobs for the launcher's workers, and writes down how they ended."""

from __future__ import annotations

import logging
import queue
import time
from collections import Counter
from concurrent.futures import Future, wait
from concurrent.futures.process import BrokenProcessPool

from pebble import ProcessExpired
from sqlalchemy import select

from app.services.jobs import transitions
from app.services.jobs.records import FAILED, INTERRUPTED
from app.services.jobs.sweep import remove_remains, sweep
from app.storage.database import JobRow, reading
from app.storage.owners import alive
from app.workers.pool import Pool
from clvcore.records.errors import ClvError

WALL_MINUTES = 60
_WORK = "app.services.jobs.forecasting.do_job"
_BUSY, _IDLE = 0.2, 2.0
_TRIES = 3
_log = logging.getLogger("clv")


def serve(pool: Pool, news: queue.SimpleQueue[bool]) -> None:
    """Serve the table of jobs until the server is gone."""
    with alive() as owner:
        sweep()
        crew = Crew(pool, owner)
        while _next(news, _BUSY if crew.busy else _IDLE):
            try:
                crew.look()
            except Exception:  # a full disk, a locked database: try again at the next look
                _log.exception("the queue could not be served")
        crew.leave()


class Crew:
    """The jobs that workers of a pool are at."""

    def __init__(self, pool: Pool, owner: str) -> None:
        self._pool, self._owner = pool, owner
        self._at: dict[str, Future[None]] = {}
        self._began: dict[str, float] = {}
        self._handed: Counter[str] = Counter()

    @property
    def busy(self) -> bool:
        return bool(self._at)

    def look(self) -> None:
        """Settle what has ended, stop what is to stop, begin what waits."""
        self._pool.mend()
        ended, _ = wait(self._at.values(), timeout=0)
        self._settle_all([job_id for job_id, at in self._at.items() if at in ended], FAILED)
        for stopped in self._to_stop():
            self._at[stopped].cancel()
        while len(self._at) < self._pool.jobs and (job_id := transitions.claim(self._owner)):
            self._begin(job_id)

    def leave(self) -> None:
        """End the workers; what they were at was interrupted."""
        self._pool.stop()
        self._settle_all(list(self._at), INTERRUPTED)

    def _begin(self, job_id: str) -> None:
        self._began[job_id] = time.monotonic()
        try:
            work = (job_id, self._owner)
            self._at[job_id] = self._pool.schedule(_WORK, work, 60 * WALL_MINUTES)
        except RuntimeError:  # the pool broke this very moment
            transitions.give_back(job_id, self._owner)
            raise

    def _settle_all(self, job_ids: list[str], state: str) -> None:
        for job_id in job_ids:
            self._settle(job_id, self._at[job_id], state)
            del self._at[job_id], self._began[job_id]

    def _settle(self, job_id: str, future: Future[None], state: str) -> None:
        """Write down how a worker ended that could not do so itself."""
        # a worker that died idle takes the next job's start with it, not the job
        self._handed[job_id] += 1
        if self._handed[job_id] < _TRIES and transitions.give_back(job_id, self._owner):
            return
        del self._handed[job_id]
        error: ClvError = transitions.interrupted_error()
        if state == FAILED:
            error = _why(future, time.monotonic() - self._began[job_id])
        transitions.end(job_id, self._owner, state, error)
        with reading() as session:
            tenant = session.scalar(select(JobRow.tenant).where(JobRow.id == job_id))
        if tenant is not None:
            remove_remains(tenant, job_id)

    def _to_stop(self) -> list[str]:
        if not self._at:
            return []
        asked = select(JobRow.id).where(JobRow.id.in_(self._at), JobRow.cancel_asked)
        with reading() as session:
            return list(session.scalars(asked))


def _why(future: Future[None], seconds: float) -> ClvError:
    """Say why a worker did not write down itself how its job ended."""
    if seconds >= 60 * WALL_MINUTES:  # stopping a worker may break its pool, which then says less
        return transitions.too_long_error(WALL_MINUTES)
    error = future.exception() if future.done() and not future.cancelled() else None
    if error is not None and not isinstance(error, ProcessExpired | BrokenProcessPool):
        _log.error("a worker could not say how its job ended", exc_info=error)
    return transitions.killed_error()


def _next(news: queue.SimpleQueue[bool], seconds: float) -> bool:
    """Wait for a word from the server; False once it is gone."""
    try:
        return news.get(timeout=seconds)
    except queue.Empty:
        return True
