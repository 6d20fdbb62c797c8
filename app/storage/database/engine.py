"""What opens connections to a database file, and how each is set up."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool

_BUSY_SECONDS = 15


@lru_cache(maxsize=16)
def engine_of(file: Path) -> Engine:
    """Return what opens connections to a database file."""
    # a connection costs 0.2 ms, and threads that share none cannot lock one another out
    # what a statement was given (hashes, digests) is no part of what is said of its failure
    engine = create_engine(f"sqlite:///{file}", poolclass=NullPool, hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, record: Any) -> None:
    del record
    connection.isolation_level = None  # the driver's own BEGIN would leave DDL outside
    for setting in (
        f"busy_timeout = {_BUSY_SECONDS * 1000}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",
    ):
        connection.execute(f"PRAGMA {setting}")


def _begin(connection: Connection) -> None:
    # a writer takes the lock at once: a reader who turns writer would fail instead of waiting
    mode = connection.get_execution_options().get("begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")
