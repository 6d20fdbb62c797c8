"""Whether a home's database is the one its folders belong to; asked before anything trusts it.

Whatever deletes folders goes by what the database tells of. One that is missing, empty, cut off or
another home's tells of nothing, and would have everything deleted. So each process asks here once
before its first use of the file, and again when another file has taken its place. It asks SQLite
itself: what maps the tables takes half a second to load.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from app.storage.copies import how_to_restore
from app.storage.home import is_tenant
from clvcore.records.errors import StoreError

# as clvcore.store names it, which takes too long to load
MANIFEST = "manifest.json"
# a power cut in the middle of deletions, by the server and two workers, leaves that many at most
MOST_INTERRUPTED = 3
_OURS = {"alembic_version", "audit", "datasets", "runs", "users"}
_TELLING = ("datasets", "runs", "jobs")
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_BUSY_SECONDS = 15.0
_NEXT = "Nothing was changed. {restore}; what is there now is moved aside, not deleted."


class StoreStateError(StoreError):
    """The database cannot be used as it is."""


def check_database(file: Path) -> None:
    """Refuse a database that cannot be the one of the folders beside it; nothing is written.

    No database at all is right where no orders and no forecasts are kept: a home that begins.

    Raises
    ------
    StoreStateError
        ``STORE_MISSING``, ``STORE_EMPTY``, ``STORE_DAMAGED`` or ``STORE_FOREIGN``.
    sqlite3.OperationalError
        If it is locked, or the disk refuses.
    """
    saved = saved_folders(file.parent)
    if not file.exists() or not file.stat().st_size:
        # SQLite would empty a log without its database, and the log may hold the last work
        log = file.with_name(f"{file.name}-wal")
        if saved or (log.exists() and log.stat().st_size):
            raise _nothing_error("STORE_EMPTY" if file.exists() else "STORE_MISSING", len(saved))
        return
    try:
        with closing(_opened(file)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
            if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise damaged_error()
            if not tables and saved:
                raise _nothing_error("STORE_EMPTY", len(saved))
            if tables and not tables >= _OURS:
                raise StoreStateError(
                    "STORE_FOREIGN",
                    "The database clv.db was not made by this program. " + _NEXT,
                    restore=how_to_restore(),
                )
            known = {
                one
                for table in _TELLING
                if table in tables
                for (one,) in connection.execute(f"SELECT id FROM {table}")  # noqa: S608
            }
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
            raise damaged_error() from error
        raise
    _refuse_if_it_tells_of_others(saved, known)


def saved_folders(home: Path) -> set[str]:
    """Return the ids of all orders and forecasts that were saved whole, of every tenant."""
    return {
        folder.name
        for kind in ("datasets", "runs")
        for folder in home.glob(f"tenants/*/{kind}/*")
        if is_tenant(folder.parts[-3])
        and not folder.name.startswith(".")
        and (folder / MANIFEST).is_file()
    }


def damaged_error() -> StoreStateError:
    """Return what to raise for a file that is no database, or no longer."""
    return StoreStateError(
        "STORE_DAMAGED", "The database clv.db is damaged. " + _NEXT, restore=how_to_restore()
    )


def _nothing_error(code: str, saved: int) -> StoreStateError:
    return StoreStateError(
        code,
        "The database clv.db is {state}, but {saved} saved sets of orders and forecasts are in "
        "this home. " + _NEXT,
        state="empty" if code == "STORE_EMPTY" else "missing", saved=saved,
        restore=how_to_restore(),
    )  # fmt: skip


def _refuse_if_it_tells_of_others(saved: set[str], known: set[str]) -> None:
    untold = len(saved - known)
    if untold > MOST_INTERRUPTED or (untold and untold == len(saved)):
        raise StoreStateError(
            "STORE_FOREIGN",
            "The database clv.db does not tell of {untold} of the {saved} saved sets of orders and "
            "forecasts in this home: it is an older one, or another home's. " + _NEXT,
            untold=untold, saved=len(saved), restore=how_to_restore(),
        )  # fmt: skip


def _opened(file: Path) -> sqlite3.Connection:
    # never made anew: a file that went this very moment is said to be missing
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=rw", uri=True, timeout=_BUSY_SECONDS)
