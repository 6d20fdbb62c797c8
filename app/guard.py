"""What has to be true before the server starts; each refusal says what to do about it."""

from __future__ import annotations

import sys

from app.accounts.keys import secret_key
from app.services import layout
from app.services.home import clv_home
from app.services.settings import check_settings
from app.shield.budgets import FEWEST_FILES
from clvcore.errors import ClvError


class LimitError(ClvError):
    """The system gives the server less than it needs to answer anybody."""


def check_before_start() -> None:
    """Look at the key, the database and the settings from the environment.

    Raises
    ------
    KeyFileError
        If the key is short, not random, or readable by others.
    StoreStateError
        If the database is damaged, or was made by a later version.
    SettingError
        If a setting cannot be read.
    """
    _check_open_files()
    check_settings()
    secret_key(clv_home())
    _check_database()


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


def _check_database() -> None:
    file = clv_home() / "clv.db"
    if layout.is_current(file) and layout.is_sound(file):
        return
    from app.services.database import damaged_error, reading

    with reading():  # brings it up to date, and refuses a later layout
        pass
    if not layout.is_sound(file):
        raise damaged_error()
