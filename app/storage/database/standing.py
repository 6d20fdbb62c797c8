"""A connection that stays open, for what every call of the interface asks.

A session of its own costs each call a connection, its settings and, where it was the last one, a
checkpoint of the log when it closes. Nothing is written here, and nothing is remembered: what
another process has committed is seen by the next question.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

from app.storage.database.connection import ready_file

_CONNECTIONS = 4


@contextmanager
def standing() -> Iterator[Connection]:
    """Lend a connection that is open already; each statement sees the newest state."""
    file = ready_file()
    # a restored backup is another file under the same name
    with _engine(file, file.stat().st_ino).connect() as connection:
        yield connection


@lru_cache(maxsize=2)
def _engine(file: Path, inode: int) -> Engine:
    del inode
    engine = create_engine(
        f"sqlite:///{file}", pool_size=_CONNECTIONS, pool_reset_on_return=None,
        isolation_level="AUTOCOMMIT", hide_parameters=True,
    )  # fmt: skip
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: Any, record: Any) -> None:
    del record
    connection.execute("PRAGMA busy_timeout = 15000")
    connection.execute("PRAGMA query_only = ON")
