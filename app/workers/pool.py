"""The server's side of the workers: start the launcher, wake it, keep it alive, end it.

The launcher is a process of its own because Streamlit replaces ``sys.modules["__main__"]``: a
worker started from here would begin by running a page. Its standard input is its tie to the
server: a line means "look again", the end means "the server is gone".
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from app.storage import settings
from app.workers.fence import THREADS

_PATIENCE = 10.0
_log = logging.getLogger("clv")
_running: Launcher | None = None


class Launcher:
    """The launcher process, begun when it is first needed; started again if it dies."""

    def __init__(self, workers: int) -> None:
        self._command = [sys.executable, "-P", "-m", "app.services.jobs.launcher", str(workers)]
        self._ending = threading.Event()
        self._beginning = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._watch = threading.Thread(target=self._keep, name="launcher-watch", daemon=True)

    def begin(self) -> None:
        """Start the process, unless that was done."""
        with self._beginning:
            if self._process is None and not self._ending.is_set():
                self._process = self._start()
                self._watch.start()

    def wake(self) -> None:
        """Tell it to look at the table now; it also looks by itself, only later."""
        self.begin()
        with suppress(OSError, ValueError):  # it is just being started again, and looks first
            assert self._process and self._process.stdin  # noqa: S101, PT018  # see _start
            self._process.stdin.write(b"\n")
            self._process.stdin.flush()

    def end(self) -> None:
        """End it and its workers; what they were at becomes ``interrupted``."""
        with self._beginning:
            self._ending.set()
        if self._process is None:
            return
        with suppress(OSError):
            assert self._process.stdin is not None  # noqa: S101
            self._process.stdin.close()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._watch.join(_PATIENCE)

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603
            self._command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            env=environment(), start_new_session=True,  # Ctrl-C is for the server alone
        )  # fmt: skip

    def _keep(self) -> None:
        while not self._ending.is_set():
            assert self._process is not None  # noqa: S101  # begun before its watch
            code = self._process.wait()
            if self._ending.is_set():
                return
            _log.error("the launcher of forecasts ended with %s and is started again", code)
            if not self._ending.wait(1.0):
                self._process = self._start()


@contextmanager
def workers() -> Iterator[None]:
    """Have workers while the block runs, once they are needed; none if ``CLV_WORKERS`` is 0."""
    global _running
    number = settings.workers()
    if number < 1:
        yield
        return
    _running = Launcher(number)
    try:
        yield
    finally:
        _running.end()
        _running = None


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
