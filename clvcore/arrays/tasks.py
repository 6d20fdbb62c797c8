"""Work for the other core, done here after all if the other core has not come to it in time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Task(Generic[Made]):
    """Something to be made, asked for by one thread.

    Parameters
    ----------
    work
        What makes it.
    other
        Thread that may begin it before it is asked for; without one it waits until then.
    """

    def __init__(self, work: Callable[[], Made], other: ThreadPoolExecutor | None) -> None:
        self._work = work
        self._begun: Future[Made] | None = other.submit(work) if other else None
        self._here: list[Made] = []

    def result(self) -> Made:
        """Return what is made, making it here unless it has begun; raises what making raises."""
        if self._begun is not None and not self._begun.cancel():
            return self._begun.result()
        if not self._here:
            self._here.append(self._work())
        return self._here[0]
