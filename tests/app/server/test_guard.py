"""Before the server starts: key, database and settings, each refusal saying what to do."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from app.accounts.keys import KeyFileError
from app.api import limits
from app.server import guard
from app.shield.budgets import FEWEST_FILES
from app.storage import settings
from app.storage.database import StoreStateError, connection, reading
from app.storage.home import SettingError
from app.workers import workers
from app.workers.workers import Plan
from clvcore.records.errors import ClvError


@pytest.fixture
def used(home):
    guard.check_before_start()
    connection._ready.clear()  # as a program that starts anew
    return home


def _refusal(kind: type[ClvError]) -> ClvError:
    with pytest.raises(kind) as refused:
        guard.check_before_start()
    assert str(refused.value).count(". ") >= 1  # what is wrong, and what to do
    return refused.value


def test_a_home_in_order_starts_again(used):
    guard.check_before_start()


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (b"", "KEY_DAMAGED"),
        (b"some_key", "KEY_DAMAGED"),
        (bytes(32), "KEY_WEAK"),
        (b"some_key" * 4, "KEY_WEAK"),
        (b"a passphrase of 32 letters, yes!", "KEY_WEAK"),
    ],
)
def test_a_short_or_default_key_stops_the_start(used, key, code):
    (used / "secret.key").write_bytes(key)
    assert _refusal(KeyFileError).code == code


@pytest.mark.skipif(sys.platform == "win32", reason="file modes are POSIX")
def test_a_key_that_others_can_read_stops_the_start(used):
    os.chmod(used / "secret.key", 0o644)
    refused = _refusal(KeyFileError)
    assert refused.code == "KEY_EXPOSED"
    assert "chmod 600" in str(refused)


def test_a_database_of_a_later_version_stops_the_start_untouched(used):
    with sqlite3.connect(used / "clv.db") as later:
        later.execute("update alembic_version set version_num = '9999'")
    later.close()
    refused = _refusal(StoreStateError)
    assert (refused.code, refused.values["found"]) == ("STORE_NEWER", "9999")
    with pytest.raises(StoreStateError), reading():
        pass  # other programs on the same home are refused as well


@pytest.mark.parametrize("content", [b"not a database" * 100, b"SQLite format 3\0" + b"x" * 5000])
def test_a_damaged_database_stops_the_start(used, content):
    for file in used.glob("clv.db*"):
        file.unlink()
    (used / "clv.db").write_bytes(content)
    assert _refusal(StoreStateError).code == "STORE_DAMAGED"


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("CLV_RETENTION_DAYS", "0", "RETENTION_INVALID"),
        ("CLV_RETENTION_DAYS", "thirty", "RETENTION_INVALID"),
        ("CLV_RETENTION_DAYS", "-1", "RETENTION_INVALID"),
        ("CLV_WORKERS", "many", "WORKERS_INVALID"),
        ("CLV_WORKERS", "1000", "WORKERS_INVALID"),
        ("CLV_WORKERS", "²", "WORKERS_INVALID"),
        ("CLV_WORKERS", "9" * 5000, "WORKERS_INVALID"),
        ("CLV_API_RATE", "lots", "RATE_INVALID"),
        ("CLV_API_RATE", "0/minute", "RATE_INVALID"),
        ("CLV_API_RATE", "120", "RATE_INVALID"),
        ("CLV_API_RATE", "5/minute;3/hour", "RATE_INVALID"),
        ("CLV_API_FAILURES", "-5/minute", "RATE_INVALID"),
        ("CLV_API_FAILURES", "5/fortnight", "RATE_INVALID"),
    ],
)
def test_a_setting_that_means_nothing_stops_the_start(used, monkeypatch, name, value, code):
    monkeypatch.setenv(name, value)
    refused = _refusal(SettingError)
    assert refused.code == code
    assert name in str(refused)


@pytest.mark.parametrize("blank", ["", " ", "\t"])
def test_a_blank_setting_is_as_one_that_is_not_set(used, monkeypatch, blank):
    names = (settings.WORKERS, settings.RETENTION, settings.API_RATE, settings.API_FAILURES)
    for name in names:
        monkeypatch.delenv(name, raising=False)
    unset = settings.workers(), settings.retention_days(), settings.rate(settings.API_RATE)
    for name in names:
        monkeypatch.setenv(name, blank)
    guard.check_before_start()
    assert (
        settings.workers(), settings.retention_days(), settings.rate(settings.API_RATE)
    ) == unset  # fmt: skip
    with workers.running(Plan(workers=settings.workers())):
        assert workers.is_running()


@pytest.mark.parametrize(
    ("written", "calls", "seconds"),
    [
        ("30/day", 30, 86_400), ("5 per 2 hours", 5, 7200), (" 7/Hour ", 7, 3600),
        ("10 / 2minute", 10, 120), ("1/second", 1, 1),
    ],
)  # fmt: skip
def test_a_rate_means_what_the_library_that_counts_takes_it_for(
    used, monkeypatch, written, calls, seconds
):
    monkeypatch.setenv(settings.API_RATE, written)
    guard.check_before_start()
    item = limits._parsed(settings.rate(settings.API_RATE))
    assert (item.amount, item.get_expiry()) == (calls, seconds)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of processes are POSIX")
def test_too_few_open_files_stop_the_start_with_the_number(used):
    import resource

    few = FEWEST_FILES - 1
    shell = f"ulimit -n {few} && exec clv serve --port 0"
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    ended = subprocess.run(
        ["/bin/sh", "-c", shell], env={**os.environ, "PATH": path}, capture_output=True, text=True,
        timeout=300, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (1, "")
    assert f"open {few} files" in ended.stderr
    assert f"ulimit -n {FEWEST_FILES}" in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= FEWEST_FILES  # here it starts
