"""Gives back what the process no longer uses, once a minute, while nobody has to wait for it.

Pages leave cycles behind, which only a full collection finds. Every rerun has a thread of its own,
and allocators keep what a thread has freed for that thread: Arrow's kept 50 MB for 5 in use, the C
library 100 MB more. So Arrow is told to use the C library's, and that is told to give back.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

EVERY = 60.0  # seconds
_log = logging.getLogger("clv")


@contextmanager
def tidying(every: float = EVERY) -> Iterator[None]:
    """Tidy up every so many seconds as long as this lasts."""
    ended = threading.Event()

    def again() -> None:
        loaded = 0
        while not ended.wait(every):
            try:
                tidy_up()
            except Exception:  # an allocator that cannot: pages are served all the same
                _log.exception("memory could not be given back")
            if len(sys.modules) > loaded:
                # modules stay for good: looking through them again would be most of the work
                gc.freeze()
                loaded = len(sys.modules)

    thread = threading.Thread(target=again, name="tidying", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(timeout=5)
        gc.unfreeze()


def tidy_up() -> None:
    """Collect cycles, and let the allocators return the pages that are empty."""
    gc.collect()
    arrow = sys.modules.get("pyarrow")  # not loaded for this
    if arrow is not None:
        arrow.default_memory_pool().release_unused()
        arrow.set_memory_pool(arrow.system_memory_pool())
    trim = _trim()
    if trim is not None:
        trim(0)  # ctypes lets go of the interpreter meanwhile


@cache
def _trim() -> Any:
    """Return glibc's ``malloc_trim``; None for another C library."""
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return None
