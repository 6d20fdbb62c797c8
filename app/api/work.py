"""Fits happen in processes of their own: the event loop never waits, and a fit can be stopped.

A launcher process owns the pool. It is started before the first page, since a page replaces the
main module of the server's process, which a worker started from there would then run.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import multiprocessing as mp
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as TookTooLong
from multiprocessing.connection import Connection
from typing import Any

from pebble import ProcessExpired, ProcessPool
from starlette.requests import Request

from app.api.errors import ApiError, failed
from app.services.fence import THREADS, limit_memory
from app.services.priority import step_back

WORKERS, WAITING, MOST_SECONDS = 2, 8, 300
RETRY_AFTER_SECONDS = 5
# what fits and answers import when they are first asked
PRELOADED = ("app.api.fitted", "app.api.client_answers", "clvcore.pipeline", "clvcore.summaries")
CANCEL = None
_log = logging.getLogger("clv")


class ClientGoneError(Exception):
    """Nobody waits for the answer any more."""


class Works:
    """The server's side: hand over calls, get back what they return."""

    def __init__(
        self, workers: int = WORKERS, waiting: int = WAITING, seconds: float = MOST_SECONDS
    ) -> None:
        self._most = workers + waiting
        self._seconds = seconds
        self._workers = workers
        self._numbers = itertools.count()
        self._asked: dict[int, tuple[asyncio.AbstractEventLoop, asyncio.Future[Any]]] = {}
        self._lock = threading.Lock()
        self._pipe: Connection | None = None

    def start(self, *, warm: bool = True) -> None:
        """Start the launcher and let its workers load the engine; without workers, do nothing."""
        if self._workers == 0:
            return
        context = mp.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._launcher = context.Process(
            target=_launcher, args=(theirs, self._workers, self._seconds, warm)
        )
        self._launcher.start()
        theirs.close()
        threading.Thread(target=self._listen, name="works", daemon=True).start()

    def stop(self) -> None:
        """End the workers, whatever they are at."""
        if self._pipe is not None:
            with contextlib.suppress(OSError):
                self._send(("end", None, None, ()))
            self._pipe = None
            self._launcher.join(timeout=10)
            if self._launcher.is_alive():
                self._launcher.kill()

    async def perform(self, request: Request, function: Callable[..., Any], *args: Any) -> Any:
        """Return what a function returns in a worker.

        Raises
        ------
        ApiError
            What the function raised, ``QUEUE_FULL`` or ``TOOK_TOO_LONG``.
        ClientGoneError
            If the client left; the work was stopped.
        """
        if self._workers == 0:
            return await asyncio.to_thread(function, *args)
        if len(self._asked) >= self._most or self._pipe is None:
            raise ApiError("QUEUE_FULL", headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
                          retry_after_seconds=RETRY_AFTER_SECONDS)  # fmt: skip
        number = next(self._numbers)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()
        self._asked[number] = (loop, answer)
        gone = asyncio.ensure_future(_left(request))
        try:
            await loop.run_in_executor(None, self._send, ("do", number, function, args))
            await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                raise ClientGoneError
            return answer.result()
        finally:
            gone.cancel()
            if not answer.done():
                answer.cancel()
                self._send(("cancel", number, None, ()))
            self._asked.pop(number, None)

    def _send(self, message: tuple[Any, ...]) -> None:
        with self._lock:
            if self._pipe is not None:
                self._pipe.send(message)

    def _listen(self) -> None:
        pipe = self._pipe
        while pipe is not None:
            try:
                number, value, problem = pipe.recv()
            except (EOFError, OSError):
                break
            self._tell(number, value, problem)
        if self._pipe is not None:  # nobody asked it to end, and it will not answer any more
            self._pipe = None
            problem = failed(ConnectionError("the launcher of the interface's workers has ended"))
            for number in list(self._asked):
                self._tell(number, None, problem)

    def _tell(self, number: int, value: Any, problem: ApiError | None) -> None:
        loop, answer = self._asked.get(number, (None, None))
        if loop is not None and answer is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(_settle, answer, value, problem)


def _settle(answer: asyncio.Future[Any], value: Any, problem: ApiError | None) -> None:
    if answer.done():
        return
    if problem is None:
        answer.set_result(value)
    else:
        answer.set_exception(problem)


async def _left(request: Request) -> None:
    """Return when the client has gone; the body was read before."""
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            return


def _launcher(pipe: Connection, workers: int, seconds: float, warm: bool) -> None:
    """Be a process of its own, behind the server."""
    if sys.platform != "win32":
        os.setsid()  # Ctrl-C is for the server alone
    step_back()
    _launch(pipe, workers, seconds, warm)


def _launch(pipe: Connection, workers: int, seconds: float, warm: bool) -> None:
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
            pool.schedule(_warm)
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


def _warm() -> None:
    """Import what a first forecast would import, and fill the tables it would fill."""
    from clvcore.ingest import read_transactions
    from clvcore.pipeline import forecast
    from clvcore.sample import sample_orders

    forecast(read_transactions(sample_orders(300, seed=1)))
