"""Work for the other core, done here after all if the other core has not come to it in time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any, Generic, TypeVar

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

    def __init__(self, work: Callable[[], Made], other: OtherCore | None) -> None:
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


class OtherCore:
    """The one thread beside the caller's own: what is handed to it is done in turn."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="behind")

    def submit(self, work: Callable[[], Made]) -> Future[Made]:
        """Queue work, and do not wait."""
        return self._thread.submit(work)

    def close(self) -> None:
        """Drop what has not begun; whoever has asked for it gets a cancelled future."""
        self._thread.shutdown(wait=False, cancel_futures=True)


class Memo:
    """Answers by key, each made once, whichever thread asks first; a refusal is kept as well."""

    def __init__(self) -> None:
        self._made: dict[tuple[Any, ...], Future[Any]] = {}
        self._looking = Lock()

    def once(self, key: tuple[Any, ...], make: Callable[[], Made]) -> Made:
        """Return what is made under ``key``, making it here unless another thread is at it.

        What is made must never ask for what is made from it, or two threads wait for each other.
        """
        with self._looking:
            is_mine = key not in self._made
            made: Future[Made] = self._made.setdefault(key, Future())
        if is_mine:
            try:
                made.set_result(make())
            except BaseException as error:
                made.set_exception(error)
        return made.result()

    def keep(self, wanted: Callable[[tuple[Any, ...]], bool]) -> None:
        """Let go of every answer whose key is not wanted any more."""
        self._made = {key: made for key, made in self._made.items() if wanted(key)}
