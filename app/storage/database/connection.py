"""SQLite under ``CLV_HOME``, brought up to date once per process before its first use."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.storage.database.engine import engine_of
from app.storage.home import clv_home
from app.storage.schema_version import is_current
from app.storage.validity import check_database

_ready: dict[Path, int] = {}  # and which file of that name it was
_starting = threading.Lock()


@contextmanager
def reading() -> Iterator[Session]:
    """Open a session on a ready database; nothing is written."""
    with Session(engine_of(ready_file())) as session:
        yield session


@contextmanager
def writing() -> Iterator[Session]:
    """Open a session that commits at the end and rolls back on an error."""
    engine = engine_of(ready_file()).execution_options(begin="IMMEDIATE")
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


def compact() -> None:
    """Write the database anew without what was deleted, and empty the log beside it."""
    with engine_of(ready_file()).connect() as connection:
        plain: Any = connection.connection.driver_connection
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        plain.execute("VACUUM")
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def ready_file() -> Path:
    """Return the database file: checked, and brought up to date if it was not.

    Raises
    ------
    StoreStateError
        If the database cannot be the one of the folders beside it; nothing is written then.
    """
    file = clv_home() / "clv.db"
    if _ready.get(file) != _which(file):
        with _starting:
            if _ready.get(file) != _which(file):
                check_database(file)
                if not is_current(file):
                    from app.storage.database.migrating import migrate  # slow to load

                    migrate(file)
                _ready[file] = file.stat().st_ino
    return file


def _which(file: Path) -> int:
    """Return which file of that name is there now: a restored backup is another one."""
    try:
        return file.stat().st_ino
    except FileNotFoundError:
        return -1
