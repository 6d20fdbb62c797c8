"""What may be set by the environment: one parser, so that a word means the same everywhere.

A variable that is empty or blank is as one that is not set. Whatever else cannot be meant is
refused when the server starts, in a sentence, and not by the first call that needs it.
"""

from __future__ import annotations

import os
import re

from app.storage.home import SettingError

WORKERS, RETENTION = "CLV_WORKERS", "CLV_RETENTION_DAYS"
API_RATE, API_FAILURES = "CLV_API_RATE", "CLV_API_FAILURES"
_DEFAULT_WORKERS, _MOST_WORKERS = 2, 64
_LONGEST_RETENTION = 36_500  # days
_RATES = {API_RATE: "120/minute", API_FAILURES: "60/minute"}
_RATE = re.compile(
    r"([1-9]\d{0,8}) ?(?:/|per) ?([1-9]\d{0,3})? ?(second|minute|hour|day|month|year)s?", re.ASCII
)


def check_settings() -> None:
    """Read every setting once.

    Raises
    ------
    SettingError
        If one cannot be meant, naming it.
    """
    workers()
    retention_days()
    for name in _RATES:
        rate(name)


def workers() -> int:
    """Return how many forecasts are made at the same time; 0 for in the server itself."""
    written = _written(WORKERS)
    if written is None:
        return _DEFAULT_WORKERS
    number = _whole(written)
    if number is None or number > _MOST_WORKERS:
        raise SettingError(
            "WORKERS_INVALID",
            "CLV_WORKERS is {written!r}. Give the number of forecasts made at the same time, 0 to "
            "{most}, or remove it.",
            written=written, most=_MOST_WORKERS,
        )  # fmt: skip
    return number


def retention_days() -> int | None:
    """Return for how many days things are kept; None for as long as nobody deletes them."""
    written = _written(RETENTION)
    if written is None:
        return None
    number = _whole(written)
    if number is None or not 1 <= number <= _LONGEST_RETENTION:
        raise SettingError(
            "RETENTION_INVALID",
            "{variable} is {written!r}. Give a number of days from 1 to {most}, or remove it to "
            "keep everything.",
            variable=RETENTION, written=written, most=_LONGEST_RETENTION,
        )  # fmt: skip
    return number


def rate(name: str) -> str:
    """Return a limit of the HTTP interface, as the ``limits`` library writes it.

    Parameters
    ----------
    name
        ``CLV_API_RATE`` or ``CLV_API_FAILURES``.
    """
    written = _written(name) or _RATES[name]
    found = _RATE.fullmatch(re.sub(r"\s+", " ", written.lower()))
    if found is None:
        raise SettingError(
            "RATE_INVALID",
            "{variable} is {written!r}. Give a number of calls and a time, as in {example} or "
            "5000/2 hours, or remove it.",
            variable=name, written=written, example=_RATES[name],
        )  # fmt: skip
    number, times, unit = found.groups()
    return f"{number} per {times or 1} {unit}"


def _written(name: str) -> str | None:
    return os.environ.get(name, "").strip() or None


def _whole(written: str) -> int | None:
    # longer ones are out of every range, and Python refuses to read thousands of digits
    return int(written) if written.isdecimal() and len(written) <= 9 else None
