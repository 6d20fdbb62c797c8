"""A home that a backup may replace, and where what it held is kept: beside it, for its operator.

Folders ``moved-aside-<moment>`` hold customers as any other: forgetting and erasing reach them, and
nothing else ever changes them.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

from app.storage.abandoned import is_working_folder
from app.storage.archive import DATABASE, KEY, BackupError
from app.storage.clock import utc_now
from app.storage.copies import SUFFIXES
from app.storage.home import clv_home
from app.storage.owners import anybody_alive
from app.storage.schema_version import is_later
from app.storage.validity import StoreStateError, check_database

_REPLACED = re.compile(r"clv\.db(-wal|-shm|-journal)?|limits\.db(-wal|-shm|-journal)?|tenants")
_STAYS = re.compile(r"clv\.db\.lock|owners|gates|known-backups\.json|moved-aside-.*")
_ASIDE = "moved-aside-"


def refuse_unless_replaceable(home: Path, own: Path) -> None:
    """Refuse to restore over a home that is in order or in use, or a folder that is no home.

    ``own`` is the folder in it where the restore works.

    Raises
    ------
    BackupError
        ``HOME_NOT_EMPTY`` or ``HOME_IN_USE``.
    """
    there = [path for path in home.iterdir() if path != own]
    if anybody_alive() or any(is_working_folder(path) for path in there):
        raise BackupError(
            "HOME_IN_USE",
            "A server, a backup or another restore is at work in CLV_HOME, and nothing in it was "
            "touched. Stop it, then restore.",
        )
    if not there or _is_damaged(home) or _holds_no_database(home, there):
        return
    raise BackupError(
        "HOME_NOT_EMPTY",
        "CLV_HOME is not empty, and nothing in it was touched. Name a new folder, or move "
        "what is in this one away.",
    )


def move_aside(home: Path, *, with_key: bool) -> Path | None:
    """Move what a restore replaces into a new folder of the home; None if there is nothing.

    The key goes with it only where another takes its place.
    """
    going = [path for path in home.iterdir() if _REPLACED.fullmatch(path.name)]
    if with_key and (home / KEY).exists():
        going.append(home / KEY)
    if not going:
        return None
    aside = home / f"{_ASIDE}{utc_now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
    aside.mkdir(mode=0o700)
    for path in going:
        path.rename(aside / path.name)
    return aside


def tenant_folders_aside(tenant: str) -> Iterator[Path]:
    """Yield the folders of a tenant in whatever was moved aside."""
    for folder in clv_home().glob(f"{_ASIDE}*/tenants/{tenant}"):
        if folder.is_dir():
            yield folder


def forget_databases_aside() -> None:
    """Delete the databases that were moved aside: nobody can say of whom a damaged one tells."""
    for file in clv_home().glob(f"{_ASIDE}*/{DATABASE}*"):
        file.unlink(missing_ok=True)


def _is_damaged(home: Path) -> bool:
    file = home / DATABASE
    try:
        check_database(file)
    except StoreStateError:
        return True
    return is_later(file)  # its refusal says to restore a backup that this version made


def _holds_no_database(home: Path, there: list[Path]) -> bool:
    """Tell whether all that is there is what a home has before its first database."""
    if (home / DATABASE).exists() and (home / DATABASE).stat().st_size:
        return False
    ours = [path for path in there if _REPLACED.fullmatch(path.name) or path.name == KEY]
    rest = [path for path in there if path not in ours and not _STAYS.fullmatch(path.name)]
    return all(path.name.endswith(SUFFIXES) for path in rest) and bool(ours or not rest)
