"""Gives back what the process no longer uses, once a minute, while nobody has to wait for it.

Pages leave cycles behind, which only a full collection finds. Every rerun has a thread of its own,
and allocators keep what a thread has freed for that thread: Arrow's kept 50 MB for 5 in use, the C
library 100 MB more. So Arrow is told to use the C library's, and that is told to give back.
"""

from __future__ import annotations

import ctypes
import gc
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from app.workers.repeating import repeating

EVERY, LOOK_EVERY = 60.0, 2.0  # seconds


@contextmanager
def tidying(every: float = EVERY) -> Iterator[None]:
    """Tidy up every so many seconds as long as this lasts."""
    loaded, due = 0, time.monotonic() + every

    def look() -> None:
        nonlocal loaded, due
        loaded = pass_over_modules(loaded)
        if time.monotonic() >= due:
            due = time.monotonic() + every
            tidy_up()

    failed = "memory could not be given back"  # pages are served all the same
    try:
        with repeating(look, min(every, LOOK_EVERY), name="tidying", failed=failed):
            yield
    finally:
        gc.unfreeze()


def pass_over_modules(loaded: int) -> int:
    """Take what is there out of all collections if modules came since; return how many there are.

    Modules stay for good, and looking through them is most of a full collection: half a second in
    which everybody waits, against a hundredth. What else happens to be there and forms a cycle is
    never collected either, which is little: modules come with the first pages alone.
    """
    if len(sys.modules) > loaded:
        gc.collect(1)
        gc.freeze()
    return len(sys.modules)


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
