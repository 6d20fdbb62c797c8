"""Put a new version of a saved folder in the place of the old one.

A folder cannot be exchanged in one step everywhere, so the new one is complete on the disk before
the old one is moved aside. Whoever dies in between leaves both under names of their own, and
``finish_swaps`` puts the new one in place.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clvcore.store.folder import FolderWriter, flush_folder, new_folder

_FRESH, _STALE = ".fresh", ".stale"


@contextmanager
def replaced_folder(folder: Path, kind: str) -> Iterator[FolderWriter]:
    """Fill the new version of ``folder`` and put it in place once all of it is on the disk.

    Raises
    ------
    StoreError
        If the disk refuses; the old version is then still there.
    """
    fresh = _beside(folder, _FRESH)
    shutil.rmtree(fresh, ignore_errors=True)
    with new_folder(fresh, kind) as out:
        yield out
    _swap(folder)


def finish_swaps(parent: Path) -> None:
    """Finish what a process that was killed had begun in the folders of ``parent``."""
    for stale in parent.glob(f".*{_STALE}"):
        _swap(parent / stale.name.removeprefix(".").removesuffix(_STALE))
    for fresh in parent.glob(f".*{_FRESH}"):  # never put in place: the old version counts
        shutil.rmtree(fresh, ignore_errors=True)


def _swap(folder: Path) -> None:
    fresh, stale = _beside(folder, _FRESH), _beside(folder, _STALE)
    if fresh.exists():
        if not stale.exists():
            folder.rename(stale)
        fresh.rename(folder)
        flush_folder(folder.parent)
    shutil.rmtree(stale, ignore_errors=True)


def _beside(folder: Path, suffix: str) -> Path:
    return folder.with_name(f".{folder.name}{suffix}")
