"""What this process holds of saved content, and lets go once somebody was forgotten.

Whatever is cached is keyed by a version, so nobody is shown what is no longer saved. But it would
stay in memory until something newer took its place, and ``clv forget`` is another process: it
leaves word, and the server looks for it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

from app.storage.home import clv_home
from app.workers.repeating import repeating

LOOK_EVERY = 2.0  # seconds
Work = TypeVar("Work", bound=Callable[..., Any])
_clear: list[Callable[[], None]] = []


def cached(maxsize: int) -> Callable[[Work], Work]:
    """Decorate as ``lru_cache`` does; what it holds is let go with everything else."""

    def decorate(work: Work) -> Work:
        kept = lru_cache(maxsize=maxsize)(work)
        cleared_too(kept.cache_clear)
        return cast("Work", kept)

    return decorate


def cleared_too(clear: Callable[[], None]) -> None:
    """Have a cache of another kind let go as well."""
    _clear.append(clear)


def clear_all() -> None:
    """Let go of all that is cached here."""
    for clear in _clear:
        clear()


def leave_word() -> None:
    """Have every server of this home let go of what it caches, and do so here."""
    _word().parent.mkdir(mode=0o700, exist_ok=True)
    _word().write_text(secrets.token_hex(16), "utf-8")
    clear_all()


@contextmanager
def heeding_word(every: float = LOOK_EVERY) -> Iterator[None]:
    """Let go of what is cached whenever another process has left word, while the block runs."""
    heard = _heard()

    def look() -> None:
        nonlocal heard
        if (word := _heard()) != heard:
            clear_all()
            heard = word

    failed = "what a forgotten customer left in memory could not be cleared"
    with repeating(look, every, name="heeding-word", failed=failed):
        yield


def _heard() -> str:
    try:
        return _word().read_text("utf-8")
    except FileNotFoundError:
        return ""


def _word() -> Path:
    return clv_home() / "gates" / "forgotten"
