"""The database file: private, brought up to date once, safe when two programs start together."""

from __future__ import annotations

import datetime as dt
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing

import pytest
from alembic import op
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, select, text

from app.accounts import sessions
from app.accounts.users import set_password
from app.storage import schema_version
from app.storage.database import (
    AuditEntry,
    DatasetRow,
    RunRow,
    migrating,
    reading,
    utc_now,
    writing,
)
from app.storage.database.tables import Base


def _entry(**changes):
    values = {
        "tenant": "local", "at": utc_now(), "username": "ana", "action": "export",
        "subject": "run", "detail": {"rows": 3},
    }  # fmt: skip
    return AuditEntry(**{**values, **changes})


def test_home_and_database_are_private(home):
    with reading():
        pass
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "clv.db").stat().st_mode) == 0o600


def test_the_migrations_make_exactly_the_tables_of_the_code(home):
    with reading():
        pass
    engine = create_engine(f"sqlite:///{home / 'clv.db'}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()


def test_moments_come_back_aware_and_equal(home):
    now = utc_now()
    with writing() as session:
        session.add(_entry(at=now))
    with reading() as session:
        assert session.scalars(select(AuditEntry)).one().at == now


def test_an_error_inside_a_write_leaves_nothing_behind(home):
    def half():
        with writing() as session:
            session.add(_entry())
            session.flush()
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        half()
    with reading() as session:
        assert session.scalars(select(AuditEntry)).all() == []


def test_every_connection_has_the_safe_settings(home):
    with reading() as session:
        found = [
            session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "foreign_keys", "busy_timeout", "synchronous")
        ]
    assert found == ["wal", 1, 15000, 2]


def test_a_deleted_dataset_leaves_its_runs(home):
    day = utc_now().date()
    with writing() as session:
        session.add(
            DatasetRow(
                id="d", tenant="local", name="shop", created_at=utc_now(), rows=1, customers=1,
                first_day=day, last_day=day,
            )
        )  # fmt: skip
    with writing() as session:
        session.add(
            RunRow(
                id="r", tenant="local", dataset_id="d", dataset_name="shop", created_at=utc_now(),
                created_by="ana", as_of=day, horizon_end=day, customers=1, clv=1.0, config={},
            )
        )  # fmt: skip
    with writing() as session:
        session.delete(session.get(DatasetRow, "d"))
    with reading() as session:
        assert session.get(RunRow, "r").dataset_id is None


def test_programs_that_start_together_do_not_race_the_migration(home):
    script = (
        "from app.storage.database import AuditEntry, utc_now, writing\n"
        "with writing() as session:\n"
        "    session.add(AuditEntry(tenant='local', at=utc_now(), username='u', action='a',"
        " subject='s', detail={}))\n"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert [process.communicate(timeout=300)[1] for process in started] == [""] * 4
    connection = sqlite3.connect(home / "clv.db")
    assert connection.execute("select count(*) from audit").fetchone() == (4,)
    connection.close()


def test_a_migration_that_dies_midway_leaves_the_schema_that_was(home, monkeypatch):
    file = home / "clv.db"
    home.mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(migrating, "_NEWEST", "0002")
        migrating.migrate(file)

    def tables() -> tuple[str, set[str]]:
        with closing(sqlite3.connect(file)) as database:
            (version,) = database.execute("select version_num from alembic_version").fetchone()
            names = database.execute("select name from sqlite_master where type = 'table'")
            return version, {name for (name,) in names}

    before = tables()
    with monkeypatch.context() as patch:
        patch.setattr(op, "create_index", lambda *_: 1 / 0)  # after tables were made
        with pytest.raises(ZeroDivisionError):
            migrating.migrate(file)
    assert tables() == before
    migrating.migrate(file)
    assert "sessions" in tables()[1]


def test_sessions_go_on_under_generations_unless_they_had_ended(home, monkeypatch):
    file = home / "clv.db"
    home.mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(migrating, "_NEWEST", "0004")
        migrating.migrate(file)
    token, ended = "t" * 43, "e" * 43
    now = utc_now().replace(tzinfo=None)
    with closing(sqlite3.connect(file)) as database:
        database.execute(
            "INSERT INTO users VALUES ('ana', 'local', 'Ana', 'analyst', 'x', ?, ?, NULL)",
            (str(now - dt.timedelta(days=9)), str(now - dt.timedelta(hours=2))),
        )
        for name, hours in ((token, 1), (ended, 3)):
            begun = str(now - dt.timedelta(hours=hours))
            database.execute(
                "INSERT INTO sessions VALUES (?, 'ana', 'local', ?, ?, '', NULL)",
                (sessions._digest(name), begun, str(now)),
            )
        database.commit()
    assert sessions.account_of(token).username == "ana"
    assert sessions.account_of(ended) is None
    set_password("ana", "correct horse battery")
    assert sessions.account_of(token) is None


_KILLED = """
import os, signal, sqlite3, sys
from pathlib import Path
from sqlalchemy import event
from app.storage.database import connection, migrating
import alembic.command

file, copies = Path(sys.argv[1]), Path(sys.argv[2])
before = file.read_bytes()
for number in range(1, 10_000):
    copy = copies / f"{number}.db"
    copy.write_bytes(before)
    child = os.fork()
    if child == 0:
        seen = 0
        def count(*_):
            global seen
            seen += 1
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)
        engine = connection.engine_of(copy)
        event.listen(engine, "before_cursor_execute", count)
        migrating.migrate(copy)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status):
        print(number - 1, os.WEXITSTATUS(status))
        break
"""


def test_whenever_a_migration_is_killed_the_schema_is_the_old_or_the_new_one(
    home, tmp_path, monkeypatch
):
    file, copies = tmp_path / "old.db", tmp_path / "copies"
    copies.mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(migrating, "_NEWEST", "0001")
        migrating.migrate(file)
    with closing(sqlite3.connect(file)) as database:
        database.execute("pragma journal_mode = delete")
    ended = subprocess.run(
        [sys.executable, "-c", _KILLED, str(file), str(copies)],
        capture_output=True, text=True, timeout=240, check=True,
    )  # fmt: skip
    kills, code = map(int, ended.stdout.split())
    assert kills > 15
    assert code == 0
    for number in range(1, kills + 2):
        with closing(sqlite3.connect(copies / f"{number}.db")) as database:
            assert database.execute("pragma integrity_check").fetchone() == ("ok",)
            (version,) = database.execute("select version_num from alembic_version").fetchone()
            names = database.execute("select name from sqlite_master where type = 'table'")
            tables = {name for (name,) in names}
        assert (version != "0001") == ("sessions" in tables) == ("jobs" in tables)
    migrating.migrate(copies / "1.db")  # and the next start goes on from there


def test_the_schema_asked_of_sqlite_is_the_last_step_there_is(home):
    config = Config()
    config.set_main_option("script_location", str(schema_version.MIGRATIONS))
    assert schema_version.newest_version() == ScriptDirectory.from_config(config).get_current_head()
    file = home / "clv.db"
    assert not schema_version.is_current(file)
    with reading():
        pass
    assert schema_version.is_current(file)
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("pragma quick_check").fetchone() == ("ok",)
    assert not schema_version.has_users(file)
