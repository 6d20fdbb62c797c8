"""Work of the server's own that comes round again and again, in a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_log = logging.getLogger("clv")


@contextmanager
def repeating(
    work: Callable[[], object], every: float, *, name: str, failed: str
) -> Iterator[None]:
    """Do ``work`` every so many seconds while the block runs.

    Parameters
    ----------
    name
        Of the thread.
    failed
        What the log says where a round fails; the next one comes all the same.
    """
    ending = threading.Event()

    def again() -> None:
        while not ending.wait(every):
            try:
                work()
            except Exception:
                _log.exception(failed)

    thread = threading.Thread(target=again, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()
