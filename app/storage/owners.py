"""Who works on a job, and whether they still live: a lock file that ends with its process.

Process ids are used again and mean nothing after a restart or in another container; a lock that
the system takes back when its holder dies, however it died, cannot lie.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from app.storage.home import clv_home


@contextmanager
def alive() -> Iterator[str]:
    """Be an owner, under a new name, until the block or the process ends."""
    owner = uuid.uuid4().hex
    with FileLock(_file(owner)):
        yield owner
    _file(owner).unlink(missing_ok=True)


def is_alive(owner: str) -> bool:
    """Tell whether this owner's process still holds its lock."""
    file = _file(owner)
    if not file.exists():
        return False
    try:
        with FileLock(file, timeout=0):
            pass
    except Timeout:
        return True
    file.unlink(missing_ok=True)
    return False


def sweep_owners() -> None:
    """Remove the locks of owners that have died."""
    for file in (clv_home() / "owners").glob("*.lock"):
        is_alive(file.stem)


def anybody_alive() -> bool:
    """Tell whether a server makes forecasts from this home."""
    return any(is_alive(file.stem) for file in (clv_home() / "owners").glob("*.lock"))


def _file(owner: str) -> Path:
    folder = clv_home() / "owners"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"{owner}.lock"
