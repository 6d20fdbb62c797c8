"""What the system refuses a command, in a sentence: a full disk, a locked database, a closed home.

``clvcore.cli.console`` says what the engine refuses, and what becomes of a file that was named.
The database is the server's, and so are its errors.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from typer.core import TyperGroup

from app.storage.validity import damaged_error
from clvcore.cli.console import REFUSED, refuse
from clvcore.cli.console import refusals as refusals_of_the_engine

_BUSY = (
    "The database clv.db is locked by another program. Wait until it has finished, or stop it, "
    "then ask again."
)
_FULL = "The disk that CLV_HOME is on is full, and nothing was changed. Free some space."
_READ_ONLY = (
    "The database clv.db cannot be opened for writing, and nothing was changed. Make CLV_HOME and "
    "what is in it writable."
)
_SENTENCES = {
    sqlite3.SQLITE_BUSY: ("STORE_LOCKED", _BUSY),
    sqlite3.SQLITE_LOCKED: ("STORE_LOCKED", _BUSY),
    sqlite3.SQLITE_FULL: ("STORAGE_FULL", _FULL),
    sqlite3.SQLITE_READONLY: ("STORAGE_READ_ONLY", _READ_ONLY),
    sqlite3.SQLITE_CANTOPEN: ("STORAGE_READ_ONLY", _READ_ONLY),
    sqlite3.SQLITE_PERM: ("STORAGE_READ_ONLY", _READ_ONLY),
    sqlite3.SQLITE_IOERR: (
        "STORAGE_UNAVAILABLE",
        "The disk that CLV_HOME is on cannot be read or written: it is full or out of order.",
    ),
}
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class RefusingGroup(TyperGroup):
    """Commands whose last words are never a traceback of the disk or the database."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        with refusals(as_json=False):
            return super().invoke(ctx)


@contextmanager
def refusals(*, as_json: bool) -> Iterator[None]:
    """Turn what the engine, the disk or the database refuses into its reason and an exit code."""
    try:
        with refusals_of_the_engine(as_json=as_json):
            yield
    except Exception as error:
        reason = _of_sqlite(getattr(error, "orig", error))  # as SQLAlchemy wraps it
        if reason is None:
            raise
        refuse(*reason, REFUSED, as_json=as_json)


def _of_sqlite(error: object) -> tuple[str, str] | None:
    if not isinstance(error, sqlite3.Error):
        return None
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _DAMAGED:
        damaged = damaged_error()
        return damaged.code, str(damaged)
    return _SENTENCES.get(code)
