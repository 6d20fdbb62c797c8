"""How often a tenant may ask, and how often an address may fail to say who it is.

The counters of fixed windows are a small SQLite file, so that every process of the server shares
them and a restart does not forget them; the ``limits`` library reads how they are written down.
"""

from __future__ import annotations

import math
import os
import sqlite3
import threading
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from limits import RateLimitItem, parse

from app.api.errors import ApiError
from app.services.home import clv_home

PER_TENANT = "CLV_API_RATE", "120/minute"
FAILURES_PER_ADDRESS = "CLV_API_FAILURES", "60/minute"
_BUSY_SECONDS = 5.0
# one statement, so that two processes never both take the last place
_COUNT = """
INSERT INTO counters VALUES (:key, 1, :now + :expiry)
ON CONFLICT (key) DO UPDATE SET
    hits = CASE WHEN expires <= :now THEN 1 ELSE hits + 1 END,
    expires = CASE WHEN expires <= :now THEN excluded.expires
        ELSE MIN(expires, excluded.expires) END
RETURNING hits, expires
"""


class Counters:
    """Counters of fixed windows in one file; the clock of the machine is shared by processes.

    Set back, that clock would make a window last as much longer: one that ends later than if it
    began now is taken to begin now, with the hits it has.

    One connection stays open: each call would otherwise open the file, and write its log back and
    remove it when it closes.
    """

    def __init__(self, file: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(
            file, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = OFF")  # a lost count does no harm
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS counters "
            "(key TEXT PRIMARY KEY, hits INTEGER NOT NULL, expires REAL NOT NULL)"
        )

    def count(self, key: str, expiry: int) -> tuple[int, float]:
        """Count one hit; return the hits of its window, and when that ends."""
        now = time.time()
        with self._lock:
            row = self._connection.execute(_COUNT, {"key": key, "now": now, "expiry": expiry})
            hits, expires = row.fetchone()
            if hits == 1:  # a window begins: others have ended, and their keys may never come again
                self._connection.execute("DELETE FROM counters WHERE expires <= ?", (now,))
        return int(hits), float(expires)

    def look(self, key: str, expiry: int) -> tuple[int, float]:
        """Return the hits of a window that has not ended, and when it ends; nothing is counted."""
        now = time.time()
        query = "SELECT hits, expires FROM counters WHERE key = ? AND expires > ?"
        with self._lock:
            hits, expires = self._connection.execute(query, (key, now)).fetchone() or (0, now)
            if expires > now + expiry:
                expires = now + expiry
                self._connection.execute(
                    "UPDATE counters SET expires = MIN(expires, ?) WHERE key = ?", (expires, key)
                )
        return int(hits), float(expires)


@dataclass(frozen=True)
class Allowance:
    """What is left of a limit; ``headers`` go with every answer."""

    limit: int
    remaining: int
    seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """Return the draft standard's headers."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.seconds),
        }


def check_address(address: str) -> None:
    """Refuse an address that failed too often to say who it is; nothing is counted."""
    item = _item(FAILURES_PER_ADDRESS)
    hits, expires = _counters(_file()).look(item.key_for("address", address), item.get_expiry())
    if hits >= item.amount:
        raise _refusal(_left(item, hits, expires))


def count_failure(address: str) -> None:
    """Count a failed sign-in of an address."""
    item = _item(FAILURES_PER_ADDRESS)
    _counters(_file()).count(item.key_for("address", address), item.get_expiry())


def count_call(tenant: str) -> Allowance:
    """Count a call of a tenant; raises ApiError where he has none left."""
    item = _item(PER_TENANT)
    hits, expires = _counters(_file()).count(item.key_for("tenant", tenant), item.get_expiry())
    left = _left(item, hits, expires)
    if hits > item.amount:
        raise _refusal(left)
    return left


def _refusal(left: Allowance) -> ApiError:
    return ApiError(
        "RATE_LIMITED",
        headers={"Retry-After": str(left.seconds), **left.headers},
        limit=left.limit, retry_after_seconds=left.seconds,
    )  # fmt: skip


def _left(item: RateLimitItem, hits: int, expires: float) -> Allowance:
    seconds = max(1, math.ceil(expires - time.time()))
    return Allowance(item.amount, max(0, item.amount - hits), seconds)


def _item(setting: tuple[str, str]) -> RateLimitItem:
    name, default = setting
    return _parsed(os.environ.get(name, default))


@lru_cache(maxsize=8)
def _parsed(written: str) -> RateLimitItem:
    return parse(written)


def _file() -> tuple[Path, int]:
    """Return the file of the counters, and which file of that name it is."""
    file = clv_home() / "limits.db"
    if not file.exists():
        file.touch(mode=0o600)
    return file, file.stat().st_ino


@lru_cache(maxsize=8)
def _counters(file: tuple[Path, int]) -> Counters:
    return Counters(file[0])
