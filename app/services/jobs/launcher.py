"""The process that hands queued jobs to a pool: ``python -m app.services.jobs.launcher WORKERS``.

Workers are forked from a server process that has loaded the engine once (spawned where there is no
fork), so that a new one is ready at once after another was killed.
"""

from __future__ import annotations

import logging
import multiprocessing
import queue
import signal
import sys
import threading
import time
from collections import Counter
from concurrent.futures import Future, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from pebble import ProcessExpired, ProcessPool
from sqlalchemy import select

from app.services.jobs import transitions
from app.services.jobs.records import FAILED, INTERRUPTED
from app.services.jobs.sweep import remove_remains, sweep
from app.services.jobs.worker import WARM, do_job, settle_in
from app.storage.database import JobRow, reading
from app.storage.owners import alive
from app.workers.priority import step_back
from clvcore.records.errors import ClvError

WALL_MINUTES = 60
_BUSY, _IDLE = 0.2, 2.0
_TRIES = 3
_log = logging.getLogger("clv")


def main(workers: int) -> None:
    """Serve the queue until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    step_back()
    news: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    news.put(b"\n")  # what waited while there was no launcher is looked at first
    threading.Thread(target=_listen, args=(news,), daemon=True).start()
    with alive() as owner:
        sweep()
        crew = Crew(workers, owner)
        while _next(news, _BUSY if crew.busy else _IDLE):
            try:
                crew.look()
            except Exception:  # a full disk, a locked database: try again at the next look
                _log.exception("the queue could not be served")
        crew.leave()


class Crew:
    """A pool of workers and the jobs they are at."""

    def __init__(self, workers: int, owner: str) -> None:
        self._workers, self._owner = workers, owner
        self._at: dict[str, Future[None]] = {}
        self._began: dict[str, float] = {}
        self._handed: Counter[str] = Counter()
        self._pool = self._new_pool()

    @property
    def busy(self) -> bool:
        return bool(self._at)

    def look(self) -> None:
        """Settle what has ended, stop what is to stop, begin what waits."""
        if not self._pool.active:  # its last idle worker was killed, say
            self._pool.stop()
            self._pool.join()
            self._settle_all(list(self._at), FAILED)
            self._pool = self._new_pool()
        ended, _ = wait(self._at.values(), timeout=0)
        self._settle_all([job_id for job_id, at in self._at.items() if at in ended], FAILED)
        for stopped in self._to_stop():
            self._at[stopped].cancel()
        while len(self._at) < self._workers and (job_id := transitions.claim(self._owner)):
            self._begin(job_id)

    def leave(self) -> None:
        """End the workers; what they were at was interrupted."""
        self._pool.stop()
        self._pool.join()
        self._settle_all(list(self._at), INTERRUPTED)

    def _begin(self, job_id: str) -> None:
        self._began[job_id] = time.monotonic()
        try:
            self._at[job_id] = self._pool.schedule(
                do_job, args=(job_id, self._owner), timeout=60 * WALL_MINUTES
            )
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

    def _new_pool(self) -> ProcessPool:
        forks = "forkserver" in multiprocessing.get_all_start_methods()
        context: Any = multiprocessing.get_context("forkserver" if forks else "spawn")
        if forks:
            context.set_forkserver_preload(list(WARM))
        return ProcessPool(self._workers, initializer=settle_in, context=context)


def _why(future: Future[None], seconds: float) -> ClvError:
    """Say why a worker did not write down itself how its job ended."""
    if seconds >= 60 * WALL_MINUTES:  # stopping a worker may break its pool, which then says less
        return transitions.too_long_error(WALL_MINUTES)
    error = future.exception() if future.done() and not future.cancelled() else None
    if error is not None and not isinstance(error, ProcessExpired | BrokenProcessPool):
        _log.error("a worker could not say how its job ended", exc_info=error)
    return transitions.killed_error()


def _listen(news: queue.SimpleQueue[bytes]) -> None:
    for line in sys.stdin.buffer:
        news.put(line)
    news.put(b"")


def _next(news: queue.SimpleQueue[bytes], seconds: float) -> bool:
    """Wait for a word from the server; False once it is gone."""
    try:
        return news.get(timeout=seconds) != b""
    except queue.Empty:
        return True


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    main(int(sys.argv[1]))
