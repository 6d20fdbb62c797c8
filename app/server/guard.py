"""What has to be true before the server starts; each refusal says what to do about it."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

from app.accounts.keys import secret_key
from app.shield.budgets import FEWEST_FILES
from app.storage import schema_version
from app.storage.home import clv_home
from app.storage.settings import check_settings
from app.storage.validity import check_database
from clvcore.records.errors import ClvError


class HomeError(ClvError):
    """The folder of everything cannot be used."""


class LimitError(ClvError):
    """The system gives the server less than it needs to answer anybody."""


def check_before_start() -> None:
    """Look at what the system gives, the settings, the home, the database and the key.

    Raises
    ------
    LimitError
        ``TOO_FEW_FILES`` if fewer files may be open than the server answers visitors.
    SettingError
        If a setting cannot be read.
    HomeError
        If the home cannot be written to.
    StoreStateError
        If the database is not the home's, is damaged, or was made by a later version.
    KeyFileError
        If the key is short, not random, or readable by others.
    """
    _check_open_files()
    check_settings()
    home = _writable_home()
    _check_database(home / "clv.db")
    secret_key(home)


def _check_open_files() -> None:
    if sys.platform == "win32":
        return
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < FEWEST_FILES:
        raise LimitError(
            "TOO_FEW_FILES",
            "This shell lets a program open {found} files, and the server needs {needed}: each "
            "visitor is one. Run 'ulimit -n {needed}', then start again.",
            found=soft, needed=FEWEST_FILES,
        )  # fmt: skip


def _writable_home() -> Path:
    """Write a few bytes: neither a mode nor the room that is said to be free can tell."""
    home = None
    try:
        home = clv_home()
        probe = home / f".probe.{secrets.token_hex(8)}"
        try:
            with open(probe, "xb") as file:
                file.write(bytes(4096))
                file.flush()
                os.fsync(file.fileno())
        finally:
            probe.unlink(missing_ok=True)
    except OSError as error:
        raise HomeError(
            "HOME_UNWRITABLE",
            "The folder of CLV_HOME cannot be written to ({reason}: {folder}), and nothing was "
            "changed. Make it writable, free some space, or name another folder.",
            reason=error.strerror or type(error).__name__, folder=home or error.filename,
        ) from error  # fmt: skip
    return home


def _check_database(file: Path) -> None:
    check_database(file)
    if schema_version.is_current(file):
        return
    from app.storage.database import reading

    with reading():  # brings it up to date, and refuses a later schema
        pass
