"""A database that is not the home's: not started, nothing deleted, and the way back works."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.accounts.users import add_user, password_is_right
from app.cli.commands import command_line
from app.server import guard
from app.services import datasets, retention, runs
from app.services.backup import make_backup
from app.services.jobs import sweep
from app.storage import schema_version, validity
from app.storage.database import StoreStateError, connection, engine, reading
from clvcore.store.folder import MANIFEST

CLV = Path(sys.executable).with_name("clv")
PASSWORD = "correct horse battery"
LONG_AGO = 1_600_000_000


def _no_database(home: Path) -> None:
    for file in home.glob("clv.db*"):
        file.unlink()


def _other_content(content: bytes):
    def write(home: Path) -> None:
        _no_database(home)
        (home / "clv.db").write_bytes(content)

    return write


def _cut(home: Path) -> None:
    with closing(sqlite3.connect(home / "clv.db")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = (home / "clv.db").read_bytes()
    _other_content(content[: len(content) // 2])(home)


def _made_by(statements: str):
    def write(home: Path) -> None:
        _no_database(home)
        with closing(sqlite3.connect(home / "clv.db")) as database:
            database.executescript(statements)

    return write


def _of_another_home(home: Path) -> None:
    other = home.with_name("another")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLV_HOME", str(other))
        add_user("somebody", PASSWORD, role="admin")
    _no_database(home)
    for file in other.glob("clv.db*"):
        shutil.copy(file, home / file.name)


def _an_older_one(home: Path) -> None:
    """As many forecasts since it was copied as no power cut leaves without their rows."""
    (one,) = (home / "tenants" / "local" / "runs").iterdir()
    for number in range(validity.MOST_INTERRUPTED + 1):
        shutil.copytree(one, one.with_name(f"{number:032x}"))


STATES = {
    "missing": (_no_database, "STORE_MISSING"),
    "empty": (_other_content(b""), "STORE_EMPTY"),
    "no tables": (_made_by("CREATE TABLE t (x); DROP TABLE t; VACUUM"), "STORE_EMPTY"),
    "cut off": (_cut, "STORE_DAMAGED"),
    "cut to its head": (_other_content(b"SQLite format 3\0" + bytes(50)), "STORE_DAMAGED"),
    "a text": (_other_content(b"no database\n" * 400), "STORE_DAMAGED"),
    "of another program": (_made_by("CREATE TABLE orders (id)"), "STORE_FOREIGN"),
    "of another program with steps": (
        _made_by("CREATE TABLE alembic_version (version_num); CREATE TABLE users (id)"),
        "STORE_FOREIGN",
    ),
    "of another home": (_of_another_home, "STORE_FOREIGN"),
    "an older one": (_an_older_one, "STORE_FOREIGN"),
}


def _tree(home: Path) -> dict[str, str]:
    """Every file of a home and its digest; what SQLite keeps beside an open database aside."""
    return {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.rglob("*"))
        if path.is_file() and not path.name.endswith(("-shm", "-wal", ".lock"))
    }


@pytest.fixture(params=STATES, ids=[name.replace(" ", "_") for name in STATES])
def damaged(request, filled_home, tmp_path) -> tuple[Path, str, Path]:
    """A home with a forecast whose database is not its own, as a program that starts finds it."""
    backup = tmp_path / "copies of the shop" / "monday.tar.gz"
    backup.parent.mkdir()
    make_backup(backup)
    write, code = STATES[request.param]
    write(filled_home.folder)
    for folder in filled_home.folder.glob("tenants/*/*/*"):
        os.utime(folder, (LONG_AGO, LONG_AGO))
    connection._ready.clear()
    return filled_home.folder, code, backup


def test_it_is_not_started_says_why_and_deletes_nothing(damaged, monkeypatch):
    home, code, backup = damaged
    before = _tree(home)
    with pytest.raises(StoreStateError) as refused:
        guard.check_before_start()
    assert refused.value.code == code
    assert f"clv restore {shlex.quote(str(backup))}" in str(refused.value)
    assert "\n" not in str(refused.value)
    monkeypatch.setenv("CLV_RETENTION_DAYS", "1")
    for work in (
        sweep.sweep, sweep.remove_orphans, lambda: datasets.clean_up("local"),
        lambda: retention._sweep_tenant("local", datasets.utc_now()),
    ):  # fmt: skip
        with pytest.raises(StoreStateError):
            work()
    with retention.daily():
        pass
    with pytest.raises(StoreStateError), reading():
        pass  # no other command makes a new one either
    assert _tree(home) == before


def test_the_command_in_the_message_brings_everything_back(damaged):
    home, _, _ = damaged
    before = _tree(home)
    with pytest.raises(StoreStateError) as refused:
        guard.check_before_start()
    words = shlex.split(re.search(r"run 'clv (restore .+?)'; what", str(refused.value))[1])
    done = CliRunner().invoke(command_line(), words)
    assert (done.exit_code, done.stderr) == (0, "")
    connection._ready.clear()
    guard.check_before_start()
    (entry,) = runs.list_runs("local")
    assert len(runs.load("local", entry.id).customers) == entry.customers
    assert password_is_right("analyst", PASSWORD)
    (aside,) = home.glob("moved-aside-*")
    assert str(aside) in done.stdout
    kept = _tree(aside)
    assert kept.items() <= before.items()
    assert {name for name in before if name.startswith(("tenants", "clv.db"))} == set(kept)


@pytest.mark.parametrize(
    ("words", "stdin"),
    [
        (("users", "add", "bo", "--role", "analyst", "--password-stdin"), PASSWORD),
        (("tenants", "add", "Shop"), ""),
        (("forget", "C1"), ""),
    ],
)
def test_a_locked_database_is_said_to_be(filled_home, monkeypatch, words, stdin):
    for module in (engine, validity, schema_version):
        monkeypatch.setattr(module, "_BUSY_SECONDS", 0)
    with closing(sqlite3.connect(filled_home.folder / "clv.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        said = CliRunner().invoke(command_line(), words, input=stdin)
        as_json = CliRunner().invoke(command_line(), [*words, "--json"], input=stdin)
    assert (said.exit_code, said.stdout) == (1, "")
    assert said.stderr.startswith("Error: The database clv.db is locked by another program.")
    assert said.stderr.count("\n") == 1
    assert json.loads(as_json.stdout)["error"] == "STORE_LOCKED"
    assert CliRunner().invoke(command_line(), words, input=stdin).exit_code == 0  # let go of


def test_a_home_that_cannot_be_a_folder_is_refused_in_a_line(tmp_path):
    (tmp_path / "home").write_text("a file")
    ended = _served(tmp_path / "home")
    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
    assert f"File exists: {tmp_path / 'home'})" in ended.stderr
    assert (tmp_path / "home").read_text() == "a file"


def test_a_database_that_went_while_the_server_runs_is_not_made_anew(filled_home):
    with reading():
        pass
    _no_database(filled_home.folder)
    with pytest.raises(StoreStateError), reading():
        pass
    assert not (filled_home.folder / "clv.db").exists()


def test_a_log_without_its_database_is_not_emptied(home):
    home.mkdir()
    (home / "clv.db-wal").write_bytes(b"the last work" * 400)
    with pytest.raises(StoreStateError):
        guard.check_before_start()
    assert (home / "clv.db-wal").stat().st_size == 5200


def test_without_a_known_backup_it_says_so(filled_home):
    _no_database(filled_home.folder)
    connection._ready.clear()
    with pytest.raises(StoreStateError, match="No backup is known to this home: run 'clv restore"):
        guard.check_before_start()


def test_what_a_kill_leaves_behind_is_no_reason_not_to_start(filled_home):
    runs_folder = filled_home.folder / "tenants" / "local" / "runs"
    shutil.copytree(runs_folder / filled_home.run_id, runs_folder / ("0" * 32))
    connection._ready.clear()
    guard.check_before_start()
    sweep.remove_orphans()
    assert [folder.name for folder in runs_folder.iterdir()] == [filled_home.run_id]


def test_an_empty_file_in_a_home_without_orders_is_a_beginning(home):
    home.mkdir()
    (home / "clv.db").touch()
    guard.check_before_start()
    assert validity.MANIFEST == MANIFEST


def _served(home: Path, **limits) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [CLV, "serve", "--port", "0"], env={**os.environ, "CLV_HOME": str(home)},
        capture_output=True, text=True, timeout=300, **limits,
    )  # fmt: skip


@pytest.mark.parametrize("state", ["missing", "empty", "cut off", "of another program"])
def test_the_command_itself_ends_with_one_line(filled_home, state):
    STATES[state][0](filled_home.folder)
    before = _tree(filled_home.folder)
    ended = _served(filled_home.folder)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("Error: The database clv.db")
    assert ended.stderr.count("\n") == 1
    assert _tree(filled_home.folder) == before


@pytest.fixture
def small_disk(tmp_path):
    """A disk of eight megabytes, which may be filled and closed."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    made = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=8m", "clv", disk], capture_output=True, check=False
    )
    if not made or made.returncode:
        pytest.skip("a disk of its own can only be made by root")
    yield disk
    subprocess.run([shutil.which("umount"), "-l", disk], check=True)


COMMANDS = (
    ("users", "list"), ("tenants", "add", "Shop"), ("backup", "copy.tar.gz"), ("forget", "C1"),
    ("users", "disable", "analyst"),
)  # fmt: skip


@pytest.mark.parametrize("state", ["full", "read-only", "full before the first start"])
def test_a_disk_that_refuses_ends_every_command_with_one_line(template, small_disk, state):
    home = small_disk / "home"
    if state != "full before the first start":
        shutil.copytree(template.folder, home)
    if state == "read-only":
        subprocess.run([shutil.which("mount"), "-o", "remount,ro", small_disk], check=True)
    else:
        with open(small_disk / "much", "wb", buffering=0) as much:
            room = os.statvfs(small_disk)
            much.write(bytes(room.f_bavail * room.f_frsize))
    before = _tree(home)
    ended = _served(home)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("Error: The folder of CLV_HOME cannot be written to")
    assert f": {home})" in ended.stderr
    assert ended.stderr.count("\n") == 1
    for words in COMMANDS:
        said = subprocess.run(
            [CLV, *words], env={**os.environ, "CLV_HOME": str(home)}, capture_output=True,
            text=True, timeout=300, cwd=small_disk,
        )  # fmt: skip
        assert "Traceback" not in said.stderr, said.stderr
        if said.returncode:
            assert (said.returncode, said.stderr.count("\n")) == (1, 1), said.stderr
            assert said.stderr.startswith("Error: ")
    assert before.items() <= _tree(home).items()
