"""The process that owns the pool: ``python -m app.workers.launcher PLAN PIPE``.

Calls come over the pipe, and what came of them goes back; jobs are taken from where they wait by
a function of the plan, in a thread of its own. The end of the pipe means: the server is gone.
"""

from __future__ import annotations

import json
import logging
import queue
import signal
import sys
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from pkgutil import resolve_name
from typing import Any

from app.workers.pipe import their_end
from app.workers.pool import Pool
from app.workers.priority import step_back
from app.workers.workers import Plan

_PATIENCE, _AGAIN = 8.0, 2.0  # seconds: less than the server has, until the queue is tried again
_log = logging.getLogger("clv")


def main(plan: Plan, pipe: Connection) -> None:
    """Serve until the server is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server alone
    step_back()
    launch(plan, pipe)


def launch(plan: Plan, pipe: Connection) -> None:
    """Own the pool until the server is gone."""
    pool, news = Pool(plan), queue.SimpleQueue[bool]()
    news.put(True)  # what waited while there was no launcher is looked at first
    jobs = threading.Thread(target=_serve, args=(plan.queue, pool, news), daemon=True)
    jobs.start()
    doing: dict[int, Future[Any]] = {}
    telling = threading.Lock()

    def tell(number: int, future: Future[Any]) -> None:
        if doing.pop(number, None) is None:  # stopped
            return
        with telling, suppress(OSError):  # the server is gone, which the pipe says itself
            try:
                pipe.send((number, future.result(), None))
            except Exception as error:
                pipe.send((number, None, error))

    with suppress(EOFError, OSError):
        while (said := pipe.recv()) != ("end",):
            what, *rest = said
            if what == "wake":
                news.put(True)
            elif what == "do":
                number, work, args = rest
                doing[number] = pool.schedule(work, args, plan.seconds)
                doing[number].add_done_callback(partial(tell, number))
            elif rest[0] in doing:
                doing.pop(rest[0]).cancel()
    news.put(False)
    jobs.join(_PATIENCE)
    pool.stop()


def _serve(work: str | None, pool: Pool, news: queue.SimpleQueue[bool]) -> None:
    while work is not None:
        try:
            resolve_name(work)(pool, news)
            work = None
        except Exception:  # a disk that is full, say
            _log.exception("the queue could not be served")
            time.sleep(_AGAIN)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    main(Plan(**json.loads(sys.argv[1])), their_end(sys.argv[2]))
