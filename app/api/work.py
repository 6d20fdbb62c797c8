"""Fits happen in processes of their own: the event loop never waits, and a fit can be stopped.

A launcher process owns the pool. It is no child of ``multiprocessing``: a page replaces the main
module of the server's process, which a worker started from there would then run. When it dies it
is started again.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from starlette.requests import Request

from app.api.errors import ApiError, failed
from app.workers.pipe import start_with_pipe
from app.workers.pool import environment

WORKERS, WAITING, MOST_SECONDS = 2, 8, 300
RETRY_AFTER_SECONDS = 5
_PATIENCE = 10.0
_STEADY, _LONGEST = 60.0, 30.0  # seconds: what lived longer did not die of its start; most pause
_log = logging.getLogger("clv")


class ClientGoneError(Exception):
    """Nobody waits for the answer any more."""


class Works:
    """The server's side: hand over calls, get back what they return."""

    def __init__(
        self, workers: int = WORKERS, waiting: int = WAITING, seconds: float = MOST_SECONDS,
        pause: float = 0.5,
    ) -> None:  # fmt: skip
        self._most = workers + waiting
        self._seconds = seconds
        self._workers = workers
        self._numbers = itertools.count()
        self._asked: dict[int, tuple[asyncio.AbstractEventLoop, asyncio.Future[Any]]] = {}
        self._ending = threading.Event()
        self._keeper: threading.Thread | None = None
        self._launcher: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None
        self._sending = threading.Lock()
        self._pause = pause

    def start(self, *, warm: bool = True) -> None:
        """Start the launcher and let its workers load the engine; without workers, do nothing."""
        if self._workers == 0:
            return
        self._warm = warm
        self._begin()
        self._keeper = threading.Thread(target=self._keep, name="works", daemon=True)
        self._keeper.start()

    def stop(self) -> None:
        """End the workers, whatever they are at."""
        self._ending.set()
        if self._keeper is None or self._launcher is None:
            return
        with contextlib.suppress(OSError):
            self._send(("end", None, None, ()))
        try:
            self._launcher.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._launcher.kill()
        self._keeper.join(_PATIENCE)

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
            raise _full()
        number = next(self._numbers)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()
        self._asked[number] = (loop, answer)
        gone = asyncio.ensure_future(_left(request))
        try:
            try:
                await loop.run_in_executor(None, self._send, ("do", number, function, args))
            except OSError:  # the launcher has just died
                raise _full() from None
            await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                raise ClientGoneError
            return answer.result()
        finally:
            gone.cancel()
            if not answer.done():
                answer.cancel()
                with contextlib.suppress(OSError):  # it has just died, and the work with it
                    self._send(("cancel", number, None, ()))
            self._asked.pop(number, None)

    def _send(self, message: tuple[Any, ...]) -> None:
        with self._sending:
            if self._pipe is None:
                raise BrokenPipeError("the launcher has ended")
            self._pipe.send(message)

    def _begin(self) -> None:
        words = str(self._workers), str(self._seconds), "warm" if self._warm else "cold"
        self._launcher, self._pipe = start_with_pipe(
            [sys.executable, "-P", "-m", "app.api.launcher", *words], environment()
        )

    def _keep(self) -> None:
        """Hand back what comes; start the launcher again when it dies, later each time."""
        pause = self._pause
        while True:
            began = time.monotonic()
            self._listen()
            if self._ending.is_set():
                return
            self._mourn()
            pause = self._pause if time.monotonic() - began > _STEADY else min(2 * pause, _LONGEST)
            if self._ending.wait(pause):
                return
            try:
                self._begin()
                if self._ending.is_set():  # asked for while it was being started
                    self._send(("end", None, None, ()))
            except OSError:  # no memory for a process, say: after the next pause perhaps
                _log.exception("the launcher of the interface's workers could not be started")

    def _listen(self) -> None:
        pipe = self._pipe
        while pipe is not None:
            try:
                number, value, problem = pipe.recv()
            except (EOFError, OSError):
                return
            self._tell(number, value, problem)

    def _mourn(self) -> None:
        """Tell everybody who waits, and let nothing go on that nobody will hear of."""
        with self._sending:
            if self._pipe is None:
                return
            self._pipe.close()
            self._pipe = None
        problem = failed(ConnectionError("the launcher of the interface's workers has ended"))
        for number in list(self._asked):
            self._tell(number, None, problem)
        assert self._launcher is not None  # noqa: S101
        self._launcher.kill()
        if os.name != "nt":
            with contextlib.suppress(OSError):
                os.killpg(self._launcher.pid, signal.SIGKILL)  # its workers, in the middle of fits
        self._launcher.wait()

    def _tell(self, number: int, value: Any, problem: ApiError | None) -> None:
        loop, answer = self._asked.get(number, (None, None))
        if loop is not None and answer is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(_settle, answer, value, problem)


def _full() -> ApiError:
    return ApiError("QUEUE_FULL", headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
                    retry_after_seconds=RETRY_AFTER_SECONDS)  # fmt: skip


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
