"""For how many days things are kept, as the environment says; read before anything else loads."""

from __future__ import annotations

import os

from app.services.home import SettingError

VARIABLE = "CLV_RETENTION_DAYS"
_LONGEST = 36_500


def retention_days() -> int | None:
    """Return for how many days things are kept; None for as long as nobody deletes them.

    Raises
    ------
    SettingError
        If the variable is set to anything but a whole number of days.
    """
    written = os.environ.get(VARIABLE, "").strip()
    if not written:
        return None
    if not written.isdecimal() or not 1 <= int(written) <= _LONGEST:
        raise SettingError(
            "RETENTION_INVALID",
            "{variable} is {written!r}. Give a number of days from 1 to {most}, or remove it to "
            "keep everything.",
            variable=VARIABLE, written=written, most=_LONGEST,
        )  # fmt: skip
    return int(written)
