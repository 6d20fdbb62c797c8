"""What has to be true before the server starts; each refusal says what to do about it."""

from __future__ import annotations

import os

from app.accounts.keys import secret_key
from app.services import layout
from app.services.home import SettingError, clv_home
from app.services.retention_period import retention_days

MOST_WORKERS = 64


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
    secret_key(clv_home())
    retention_days()
    _check_workers()
    _check_database()


def _check_workers() -> None:
    written = os.environ.get("CLV_WORKERS", "").strip() or "0"
    if not written.isdecimal() or int(written) > MOST_WORKERS:
        raise SettingError(
            "WORKERS_INVALID",
            "CLV_WORKERS is {written!r}. Give the number of forecasts made at the same time, 0 to "
            "{most}, or remove it.",
            written=written, most=MOST_WORKERS,
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
