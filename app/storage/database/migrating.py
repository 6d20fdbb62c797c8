"""Steps from one schema of the database to the next; loaded only where there is one to take."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock
from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError, OperationalError

from app.storage.database.engine import engine_of
from app.storage.schema_version import MIGRATIONS
from app.storage.validity import StoreStateError, damaged_error

_NEWEST = "head"


def migrate(file: Path) -> None:
    """Bring the database file to the newest schema; safe when several processes start at once.

    All steps are one transaction: a kill in the middle leaves the schema that was.

    Raises
    ------
    StoreStateError
        ``STORE_NEWER`` for the schema of a later version, ``STORE_DAMAGED`` for no database.
    """
    with FileLock(f"{file}.lock", timeout=120):
        file.touch(mode=0o600, exist_ok=True)
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        try:
            with engine_of(file).execution_options(begin="IMMEDIATE").begin() as connection:
                _refuse_later_schema(connection, ScriptDirectory.from_config(config))
                config.attributes["connection"] = connection
                command.upgrade(config, _NEWEST)
        except DatabaseError as error:
            if isinstance(error, OperationalError):  # locked, say, or the disk is full
                raise
            raise damaged_error() from error


def _refuse_later_schema(connection: Connection, steps: ScriptDirectory) -> None:
    known = {step.revision for step in steps.walk_revisions()}
    found = MigrationContext.configure(connection).get_current_heads()
    if not set(found) <= known:
        raise StoreStateError(
            "STORE_NEWER",
            "The database clv.db was made by a later version of this program (schema {found}). "
            "Update the program, or restore a backup that this version made.",
            found=", ".join(found),
        )
