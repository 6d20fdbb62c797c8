"""The server's side of the workers: start the launcher, talk to it, keep it alive, end it.

Jobs wait in a table, and a word wakes the launcher that looks there; calls go over the pipe. The
launcher is no child of ``multiprocessing``: a page replaces the main module of this process, which
a worker started from here would then run.
"""

from __future__ import annotations

import itertools
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, InvalidStateError
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from app.workers.fence import THREADS
from app.workers.pipe import start_with_pipe

_PATIENCE = 10.0
_STEADY, _LONGEST = 60.0, 30.0  # seconds: what lived longer did not die of its start; most pause
_numbers = itertools.count()
_log = logging.getLogger("clv")
_running: Workers | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a launcher is told when it starts; modules and functions by their dotted names."""

    workers: int  # that jobs may take at the same time; one more is there for calls
    seconds: float = 300.0  # a call may take
    preload: tuple[str, ...] = ()  # modules of every worker
    warm: str | None = None  # what every worker of a new pool does first
    queue: str | None = None  # serves jobs, given the pool and a queue: True to look, False to end


class Call(Future[Any]):
    """What becomes of short work."""

    def __init__(self) -> None:
        super().__init__()
        self.number = next(_numbers)


class Workers:
    """The launcher process, begun when it is first needed; started again if it dies."""

    def __init__(self, plan: Plan, pause: float = 0.5) -> None:
        self.plan, self._pause = plan, pause
        self._asked: dict[int, Call] = {}
        self._beginning, self._sending = threading.Lock(), threading.Lock()
        self._ending = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="workers", daemon=True)
        self._launcher: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None

    def begin(self) -> None:
        """Start the launcher, unless that was done."""
        with self._beginning:
            if self._launcher is None and not self._ending.is_set():
                self._start()
                self._keeper.start()

    def wake(self) -> None:
        """Tell it to look for jobs now; it also looks by itself, only later."""
        with suppress(OSError):  # it is just being started again, and looks first
            self.begin()
            self._send("wake")

    def do(self, call: Call, work: str, *args: Any) -> None:
        """Have a function called in a worker; OSError if the launcher has just died."""
        self.begin()
        self._asked[call.number] = call
        call.add_done_callback(lambda _: self._asked.pop(call.number, None))
        self._send("do", call.number, work, args)

    def stop(self, call: Call) -> None:
        """Stop the work of a call that nobody waits for any more."""
        if call.cancel():
            with suppress(OSError):  # it has just died, and the work with it
                self._send("stop", call.number)

    def end(self) -> None:
        """End the launcher and its workers; jobs they were at become ``interrupted``."""
        with self._beginning:
            self._ending.set()
        if self._launcher is None:
            return
        with suppress(OSError):
            self._send("end")
        try:
            self._launcher.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._kill()
        self._mourn()
        self._keeper.join(_PATIENCE)

    def _send(self, *message: Any) -> None:
        with self._sending:
            if self._pipe is None:
                raise BrokenPipeError("the launcher has ended")
            self._pipe.send(message)

    def _start(self) -> None:
        plan = json.dumps(asdict(self.plan))
        command = [sys.executable, "-P", "-m", "app.workers.launcher", plan]
        self._launcher, self._pipe = start_with_pipe(command, environment())

    def _keep(self) -> None:
        """Hand back what comes; start the launcher again when it dies, later each time."""
        pause = self._pause
        while not self._ending.is_set():
            began = time.monotonic()
            self._listen()
            if self._ending.is_set():
                return
            if self._pipe is not None:
                self._kill()
                self._mourn()
            pause = self._pause if time.monotonic() - began > _STEADY else min(2 * pause, _LONGEST)
            self._ending.wait(pause)
            try:
                with self._beginning:
                    if not self._ending.is_set():
                        self._start()
            except OSError:  # no memory for a process, say: after the next pause perhaps
                _log.exception("the launcher of the workers could not be started")

    def _listen(self) -> None:
        pipe = self._pipe
        while pipe is not None:
            try:
                number, value, error = pipe.recv()
            except (EOFError, OSError):
                return
            except Exception as unread:  # one who speaks so is as good as dead
                _log.error("the launcher of the workers cannot be understood", exc_info=unread)
                return
            if number in self._asked:
                _tell(self._asked[number], value, error)

    def _mourn(self) -> None:
        """Tell everybody who waits."""
        with self._sending:
            pipe, self._pipe = self._pipe, None
        if pipe is not None:
            pipe.close()
        for call in list(self._asked.values()):
            _tell(call, None, ConnectionError("the launcher of the workers has ended"))

    def _kill(self) -> None:
        """Let nothing go on that nobody will hear of, workers in the middle of fits among it."""
        assert self._launcher is not None  # noqa: S101
        if os.name == "nt":
            self._launcher.kill()
        else:
            with suppress(ProcessLookupError):
                os.killpg(self._launcher.pid, signal.SIGKILL)
        code = self._launcher.wait()
        _log.error("the launcher of the workers has ended with %s", code)


def _tell(call: Call, value: Any, error: BaseException | None) -> None:
    with suppress(InvalidStateError):  # nobody waits any more
        call.set_result(value) if error is None else call.set_exception(error)


@contextmanager
def running(plan: Plan) -> Iterator[None]:
    """Have workers while the block runs, once they are needed; none if the plan has none."""
    global _running
    _running = Workers(plan) if plan.workers else None
    try:
        yield
    finally:
        if _running is not None:
            _running.end()
        _running = None


def current() -> Workers | None:
    """Return the workers of this process, if it has any."""
    return _running


def is_running() -> bool:
    """Tell whether this process has workers."""
    return _running is not None


def begin() -> None:
    """Start the launcher, if there is to be one: jobs may wait that were asked for before."""
    if _running is not None:
        _running.begin()


def wake() -> None:
    """Tell the launcher, if there is one here, that the table has changed."""
    if _running is not None:
        _running.wake()


def environment() -> dict[str, str]:
    """Pass on our own, without the server's secrets, with one thread per library."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("STREAMLIT_")}
    here = str(Path(__file__).resolve().parents[2])
    return kept | dict.fromkeys(THREADS, "1") | {"PYTHONPATH": here, "PYTHONIOENCODING": "utf-8"}
