"""Whether the database is ready for this version, asked of SQLite itself.

What maps its tables and what changes them take half a second to load, and a database that is as
this version left it, which it nearly always is, needs neither before the first page is there.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

MIGRATIONS = Path(__file__).with_name("database") / "migrations"
_BUSY_SECONDS = 15.0


@cache
def newest_version() -> str:
    """Return the name of the last step that brings a database up to date."""
    return max(file.name.split("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def is_current(file: Path) -> bool:
    """Tell whether a database has this version's schema; False also where that cannot be told."""
    return _ask(file, "SELECT version_num FROM alembic_version") == [(newest_version(),)]


def is_later(file: Path) -> bool:
    """Tell whether a later version made a database."""
    known = {(step.name.split("_")[0],) for step in (MIGRATIONS / "versions").glob("[0-9]*_*.py")}
    return not set(_ask(file, "SELECT version_num FROM alembic_version")) <= known


def has_users(file: Path) -> bool:
    """Tell whether anybody has an account."""
    return bool(_ask(file, "SELECT 1 FROM users LIMIT 1"))


def _ask(file: Path, question: str) -> list[tuple[object, ...]]:
    if not file.exists():
        return []
    try:
        with closing(sqlite3.connect(file, timeout=_BUSY_SECONDS)) as connection:
            return connection.execute(question).fetchall()
    except sqlite3.Error:  # no database, or no such table: whoever asks knows what to do then
        return []
