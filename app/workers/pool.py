"""The launcher's pool: processes that can be killed in the middle of what they do.

Workers are forked from a process that has loaded the engine once (spawned where there is no fork),
so that a new one is ready at once after another was killed. There is one more of them than jobs
may take: a call never waits for the end of a job, and a job only for calls that came before it.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
from concurrent.futures import Future
from importlib import import_module
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from pebble import ProcessPool

from app.workers.fence import limit_memory

if TYPE_CHECKING:
    from app.workers.workers import Plan


class Pool:
    """Workers that are replaced when they die, one by one or all together."""

    def __init__(self, plan: Plan) -> None:
        self.jobs, self._plan = plan.workers, plan
        self._at: set[Future[Any]] = set()
        self._lock = threading.Lock()
        self._pool = self._new()

    def schedule(self, work: str, args: tuple[Any, ...], seconds: float) -> Future[Any]:
        """Have a worker do what is named; RuntimeError if all have died this very moment."""
        self.mend()
        with self._lock:
            future: Future[Any] = self._pool.schedule(do, args=(work, args), timeout=seconds)
            self._at = {at for at in self._at if not at.done()} | {future}
            return future

    def mend(self) -> None:
        """Have new workers if the pool is broken: its last idle worker was killed, say."""
        with self._lock:
            if not self._pool.active:
                self.stop()
                self._pool = self._new()

    def stop(self) -> None:
        """End the workers; what they were at, and what waited for them, fails."""
        self._pool.stop()
        self._pool.join()
        for future in self._at:
            future.cancel()

    def _new(self) -> ProcessPool:
        forks = "forkserver" in multiprocessing.get_all_start_methods()
        context: Any = multiprocessing.get_context("forkserver" if forks else "spawn")
        if forks:
            context.set_forkserver_preload(list(self._plan.preload))
        size, settling = self.jobs + 1, (self._plan.preload,)
        pool = ProcessPool(size, initializer=_settle_in, initargs=settling, context=context)
        for _ in range(size if self._plan.warm else 0):
            pool.schedule(do, args=(self._plan.warm, ()), timeout=self._plan.seconds)
        return pool


def do(work: str, args: tuple[Any, ...]) -> Any:
    """Do what is named, here."""
    return resolve_name(work)(*args)


def _settle_in(modules: tuple[str, ...]) -> None:
    """Be killable at once, also inside a fit; load the engine where nothing was forked."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    limit_memory()
    for module in modules:
        import_module(module)
