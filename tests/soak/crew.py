"""Launchers that are there at once: forked from a process that has imported everything.

A launcher of ``clv serve`` needs seconds to import the engine, and a thousand kills would mostly
hit imports. Here the imports are done once; all that touches a file is the product's own: the real
launcher, its pool of workers, and the forkserver they come from.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing import forkserver
from pathlib import Path


class Crew:
    """A warm launcher and its workers. Make it before anything else: what forks has one thread."""

    def __init__(self) -> None:
        from app.server.warm_up import WORK

        os.environ["PYTHONWARNINGS"] = "ignore"  # semaphores of the killed are no leak of ours
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(list(WORK["preload"]))
        forkserver.ensure_running()
        self._forkserver = forkserver._forkserver._forkserver_pid
        self._orders, orders = multiprocessing.Pipe()
        self._template = os.fork()
        if self._template == 0:
            self._orders.close()
            _serve(orders)
        orders.close()
        self._launcher = 0

    def start(self) -> bool:
        """Start a launcher; True once it has swept what the last one left."""
        self._orders.send("start")
        self._launcher = self._orders.recv()
        return self._orders.poll(20) and self._orders.recv() == "swept"

    def workers(self) -> list[int]:
        """Return the processes of the workers there are."""
        children = Path(f"/proc/{self._forkserver}/task/{self._forkserver}/children")
        return [int(pid) for pid in children.read_text().split()]

    def kill(self, *, launcher: bool = True, workers: bool = True) -> None:
        """End them as a power cut would."""
        pids = [self._launcher] * launcher + self.workers() * workers
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue  # it ended by itself a moment ago
        if launcher:
            self._orders.send("wait")
            self._orders.recv()

    def end(self) -> None:
        """End everything."""
        self.kill()
        self._orders.send("end")
        os.waitpid(self._template, 0)


def _serve(orders) -> None:
    """Fork a launcher whenever one is asked for."""
    running = 0
    while True:
        try:
            order = orders.recv()
        except EOFError:
            os._exit(0)
        if order == "start":
            running = os.fork()
            if running == 0:
                _launch(lambda: orders.send("swept"))
            orders.send(running)
        elif order == "wait":
            os.waitpid(running, 0)
            orders.send("gone")
        else:
            os._exit(0)


def _launch(swept: Callable[[], None]) -> None:
    from app.server.warm_up import WORK
    from app.services.jobs import crew
    from app.workers import launcher
    from app.workers.workers import Plan

    sys.modules["__main__"] = launcher  # as after python -m; a worker looks there where to begin
    # workers come from the forkserver that is there, though it is not this process's child
    forkserver._forkserver.ensure_running = lambda: None
    sweep = crew.sweep

    def sweep_and_say() -> None:
        sweep()
        swept()

    crew.sweep = sweep_and_say
    _server, tie = multiprocessing.Pipe()  # it ends with this process only
    launcher.main(Plan(workers=2, **(WORK | {"warm": None})), tie)
    os._exit(0)
