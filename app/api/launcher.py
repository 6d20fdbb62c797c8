"""The process that owns the interface's pool, started by ``Works``.

What to do comes over the pipe, and what came of it goes back; its end means that the server is
gone.
"""

from __future__ import annotations

import contextlib
import multiprocessing as mp
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as TookTooLong
from multiprocessing.connection import Connection
from typing import Any

from pebble import ProcessExpired, ProcessPool

from app.api.errors import ApiError, failed
from app.workers.fence import THREADS, limit_memory
from app.workers.pipe import their_end
from app.workers.priority import step_back

# what fits and answers import when they are first asked
PRELOADED = (
    "app.api.fitted", "app.api.client_answers", "clvcore.runs.forecast",
    "clvcore.runs.summaries",
)  # fmt: skip


def main(workers: int, seconds: float, warm: bool, pipe: Connection) -> None:
    """Serve until the server is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server alone
    step_back()
    launch(pipe, workers, seconds, warm)


def launch(pipe: Connection, workers: int, seconds: float, warm: bool) -> None:
    """Own the pool until the server ends."""
    kind = "forkserver" if sys.platform != "win32" else "spawn"
    context = mp.get_context(kind)
    if kind == "forkserver":
        context.set_forkserver_preload(list(PRELOADED))
    os.environ.update(dict.fromkeys(THREADS, "1"))  # as many workers as there is room for
    lock = threading.Lock()
    doing: dict[int, Any] = {}
    with ProcessPool(max_workers=workers, context=context, initializer=limit_memory) as pool:
        for _ in range(workers if warm else 0):
            pool.schedule(warm_up)
        while True:
            try:
                what, number, function, args = pipe.recv()
            except (EOFError, OSError):
                break
            if what == "end":
                break
            if what == "cancel":
                future = doing.pop(number, None)
                if future is not None:
                    future.cancel()
                continue
            future = pool.schedule(function, args=args, timeout=seconds)
            doing[number] = future
            future.add_done_callback(_teller(pipe, lock, doing, number))
        pool.stop()


def _teller(
    pipe: Connection, lock: threading.Lock, doing: dict[int, Any], number: int
) -> Callable[[Any], None]:
    def tell(future: Any) -> None:
        doing.pop(number, None)
        value, problem = None, None
        try:
            value = future.result()
        except ApiError as known:
            problem = known
        except CancelledError:
            return
        except TookTooLong:
            problem = ApiError("TOOK_TOO_LONG", headers={"Retry-After": "60"},
                              retry_after_seconds=60)  # fmt: skip
        except (ProcessExpired, Exception) as error:
            problem = failed(error)
        with lock, contextlib.suppress(OSError):
            pipe.send((number, value, problem))

    return tell


def warm_up() -> None:
    """Import what a first forecast would import, and fill the tables it would fill."""
    from clvcore.ingest import read_transactions
    from clvcore.runs.forecast import forecast
    from clvcore.sample import sample_orders

    forecast(read_transactions(sample_orders(300, seed=1)))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3] == "warm", their_end(sys.argv[4]))
