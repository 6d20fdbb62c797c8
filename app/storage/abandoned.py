"""Work that makes copies of a whole home, and what is left of it when its process is killed.

Each backup and each restore works in a folder of its own in the home, ``.backup.<hex>`` or
``.restore.<hex>``, and holds a lock in it that the system takes back when its process dies,
however it dies. Drafts that have to be elsewhere, a backup beside its final place say, are named
in the folder before they are begun. So whoever sweeps knows what is nobody's any more.
"""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from app.storage.home import clv_home
from app.storage.owners import sweep_owners

BACKUP, RESTORE = "backup", "restore"
_LOCK, _ELSEWHERE = "lock", "elsewhere"
_FOLDER = re.compile(rf"\.({BACKUP}|{RESTORE})\.[0-9a-f]{{16}}")
_DRAFT = re.compile(r"\..+\.[0-9a-f]{16}\.part", re.DOTALL)
# files that are written aside and renamed within a moment
_ASIDE = re.compile(r"\.(secret\.key|known-backups\.json|probe)\.[0-9a-f]{16}")
# what versions before this one left, which held no lock
_OTHERS = re.compile(r"\.backup\.[0-9a-f]{16}\.db(-journal|-wal|-shm)?|\.restore")
_YOUNG_SECONDS = 60.0  # a folder without its lock may be one that is just being begun


@contextmanager
def working_folder(kind: str) -> Iterator[Path]:
    """Have a folder in the home until the block ends, however it ends."""
    folder = clv_home() / f".{kind}.{secrets.token_hex(8)}"
    folder.mkdir(mode=0o700)
    try:
        with FileLock(folder / _LOCK):
            yield folder
    finally:
        _remove(folder)


def name_elsewhere(folder: Path, draft: Path) -> None:
    """Write down a draft outside the folder before it is begun."""
    (folder / _ELSEWHERE).write_text(str(draft.resolve()), encoding="utf-8")


def is_working_folder(path: Path) -> bool:
    """Tell whether this is such a folder, of whoever it is."""
    return _FOLDER.fullmatch(path.name) is not None


def sweep_abandoned() -> None:
    """Remove what killed backups and restores left, in the home and elsewhere, and dead owners."""
    home = clv_home()
    for path in list(home.iterdir()):
        if (
            _OTHERS.fullmatch(path.name)
            or (is_working_folder(path) and _is_abandoned(path))
            or (_ASIDE.fullmatch(path.name) and _is_old(path))
        ):
            _remove(path)
    for erased in home.glob("tenants/.erased.*"):
        _remove(erased)
    sweep_owners()


def _is_abandoned(folder: Path) -> bool:
    lock = folder / _LOCK
    try:
        if not lock.exists():
            return _is_old(folder)
        with FileLock(lock, timeout=0):
            return True
    except Timeout:
        return False
    except FileNotFoundError:  # it has just ended by itself
        return False


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > _YOUNG_SECONDS
    except FileNotFoundError:  # gone by itself
        return False


def _remove(path: Path) -> None:
    with suppress(OSError, ValueError):
        draft = Path((path / _ELSEWHERE).read_text("utf-8"))
        if _DRAFT.fullmatch(draft.name):  # whoever writes into the home names no other file
            draft.unlink(missing_ok=True)
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
