"""Which version of a saved folder this is: part of every key under which its content is cached."""

from __future__ import annotations

from pathlib import Path

Version = tuple[int, int, int]


def version_of(folder: Path) -> Version | None:
    """Return what changes when the folder is written anew; None if it is not there."""
    try:
        found = (folder / "manifest.json").stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
