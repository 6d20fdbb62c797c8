"""Before the server starts: key, database and settings, each refusal saying what to do."""

from __future__ import annotations

import os
import sqlite3
import sys

import pytest

from app import guard
from app.accounts.keys import KeyFileError
from app.services.database import StoreStateError, connection, reading
from app.services.home import SettingError
from clvcore.errors import ClvError


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
    ],
)
def test_a_setting_that_means_nothing_stops_the_start(used, monkeypatch, name, value, code):
    monkeypatch.setenv(name, value)
    assert _refusal(SettingError).code == code
