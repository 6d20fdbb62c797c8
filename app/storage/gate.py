"""A gate for each tenant: many may save what customers did, or one alone may make a customer go.

Without it a forecast that began before somebody was forgotten would save them again afterwards. The
lock is a file's, so it holds between processes, and ends with whoever held it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from filelock import ReadWriteLock, Timeout

from app.storage.home import clv_home
from clvcore.records.errors import ClvError

FORGETTING_SECONDS = 600.0  # rewriting all a tenant has takes seconds; this is somebody stopped
_inside: ContextVar[frozenset[str]] = ContextVar("inside", default=frozenset())


class GateError(ClvError):
    """What was asked for has to wait for somebody else, and waited too long."""


@contextmanager
def changing(tenant: str) -> Iterator[None]:
    """Read and save what is a tenant's, beside others who do; wait while a customer is forgotten.

    Raises
    ------
    GateError
        ``BEING_FORGOTTEN`` if that takes longer than ten minutes.
    """
    if tenant in _inside.get():  # by this thread; a second lock would wait for whoever waits
        yield
        return
    lock = _lock(tenant)
    try:
        lock.acquire_read(FORGETTING_SECONDS)
    except Timeout as error:
        lock.close()
        raise GateError(
            "BEING_FORGOTTEN",
            "A customer is being taken out of everything right now, and nothing is saved "
            "meanwhile. Try again in a few minutes.",
        ) from error
    with _held(lock, tenant):
        yield


@contextmanager
def alone(tenant: str, seconds: float) -> Iterator[None]:
    """Let nobody else change what is a tenant's.

    Raises
    ------
    GateError
        ``OTHERS_SAVE`` if after so many seconds others still do.
    """
    lock = _lock(tenant)
    try:
        lock.acquire_write(seconds)
    except Timeout as error:
        lock.close()
        raise GateError(
            "OTHERS_SAVE",
            "Orders or forecasts are being saved right now, and would bring back what is to go. "
            "Wait until they are, or stop them, then ask again.",
        ) from error
    with _held(lock, tenant):
        yield


@contextmanager
def _held(lock: ReadWriteLock, tenant: str) -> Iterator[None]:
    before = _inside.set(_inside.get() | {tenant})
    try:
        yield
    finally:
        _inside.reset(before)
        lock.release()
        lock.close()


def _lock(tenant: str) -> ReadWriteLock:
    folder = clv_home() / "gates"
    folder.mkdir(mode=0o700, exist_ok=True)
    # an erased tenant's name is nowhere, so it is not the name of a file either
    name = hashlib.sha256(tenant.encode()).hexdigest()[:32]
    # one of its own for each who asks: a shared one would not let threads wait for one another
    return ReadWriteLock(folder / f"{name}.lock", is_singleton=False)
