"""The counters are disposable: a file that holds none is made anew, and nobody is refused."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from app.api import limits
from app.api.routes import CLIENT_RFM

ROW = {"customer_id": "A", "date": "2024-01-31", "amount": 1.0}


def _of_tables(statements: str):
    def write(file) -> None:
        file.unlink()
        with closing(sqlite3.connect(file)) as database:
            database.executescript(statements)

    return write


def _torn(file) -> None:
    """Cut short, as by a disk that lost its end; the size is no whole page any more."""
    file.write_bytes(file.read_bytes()[:5000])


def _shredded(file) -> None:
    """Every page after the head is noise."""
    with open(file, "r+b") as stream:
        stream.seek(100)
        stream.write(b"\xa5" * (file.stat().st_size - 100))


DAMAGE = {
    "text": lambda file: file.write_bytes(b"no database" * 300),
    "head": lambda file: file.write_bytes(b"SQLite format 3\0" + b"x" * 5000),
    "torn": _torn,
    "shredded": _shredded,
    "other columns": _of_tables("CREATE TABLE counters (key TEXT PRIMARY KEY, n INTEGER)"),
    "a view": _of_tables("CREATE VIEW counters AS SELECT 1 AS key, 2 AS hits, 3 AS expires"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_counters_are_made_anew_and_every_call_is_answered(of_server, caplog, damage):
    limits.count_call("somebody")
    limits._counters(limits._file()).close()
    limits._counters.cache_clear()  # as a server that starts anew
    file = of_server.home / "limits.db"
    DAMAGE[damage](file)
    with of_server.client() as client:
        answers = [client.post(CLIENT_RFM, json={"data": [ROW]}) for _ in range(2)]
    assert not [answer.text for answer in answers if answer.status_code >= 500]
    left = [int(answer.headers["ratelimit-remaining"]) for answer in answers]
    assert left[0] - left[1] == 1  # and they count
    assert caplog.text.count("limits.db held no counters") == 1
    limits.check_address("192.0.2.7")


def test_a_lock_is_waited_for_and_never_taken_for_damage(home, monkeypatch):
    home.mkdir()
    monkeypatch.setattr(limits, "_BUSY_SECONDS", 0)
    limits._counters.cache_clear()
    limits.count_call("somebody")
    with closing(sqlite3.connect(home / "limits.db")) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            limits.count_call("somebody")
    left = limits.count_call("somebody")
    assert left.remaining == left.limit - 2  # the counts are still those
