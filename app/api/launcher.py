"""The process that owns the interface's pool: ``python -m app.api.launcher WORKERS SECONDS WARM``.

What to do comes over standard input, what came of it goes over standard output; the end of the
first means that the server is gone.
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
from typing import Any, Protocol

from pebble import ProcessExpired, ProcessPool

from app.api.errors import ApiError, failed
from app.api.pipe import Pipe
from app.services.fence import THREADS, limit_memory
from app.services.priority import step_back

# what fits and answers import when they are first asked
PRELOADED = ("app.api.fitted", "app.api.client_answers", "clvcore.pipeline", "clvcore.summaries")


class TwoWay(Protocol):
    """A pipe's end."""

    def send(self, message: tuple[Any, ...]) -> None:
        """Write an object."""

    def recv(self) -> Any:
        """Return the next object, or raise EOFError."""


def main(workers: int, seconds: float, warm: bool) -> None:
    """Serve until the server is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server alone
    step_back()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever is printed here must not stand among the answers
    launch(Pipe(sys.stdin.buffer, answers), workers, seconds, warm)


def launch(pipe: TwoWay, workers: int, seconds: float, warm: bool) -> None:
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
    pipe: TwoWay, lock: threading.Lock, doing: dict[int, Any], number: int
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
    from clvcore.pipeline import forecast
    from clvcore.sample import sample_orders

    forecast(read_transactions(sample_orders(300, seed=1)))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3] == "warm")
