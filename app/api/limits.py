"""How often a tenant may ask, and how often an address may fail to say who it is.

The ``limits`` library counts; the counters are a small SQLite file, so that every process of the
server shares them and a restart does not forget them.
"""

from __future__ import annotations

import math
import os
import sqlite3
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from limits import RateLimitItem, parse
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from app.api.errors import ApiError
from app.services.home import clv_home

PER_TENANT = "CLV_API_RATE", "120/minute"
FAILURES_PER_ADDRESS = "CLV_API_FAILURES", "60/minute"
_BUSY_SECONDS = 5.0


class SqliteStorage(Storage):
    """Counters of fixed windows in one file; the clock of the machine is shared by processes."""

    STORAGE_SCHEME = None

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file
        with self._open() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS counters "
                "(key TEXT PRIMARY KEY, hits INTEGER NOT NULL, expires REAL NOT NULL)"
            )

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the storage itself may raise."""
        return sqlite3.Error

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count in one statement, so that two processes never both take the last place."""
        now = time.time()
        with self._open() as connection:
            connection.execute("DELETE FROM counters WHERE expires <= ?", (now,))
            (hits,) = connection.execute(
                "INSERT INTO counters VALUES (?, ?, ?) "
                "ON CONFLICT (key) DO UPDATE SET hits = hits + excluded.hits RETURNING hits",
                (key, amount, now + expiry),
            ).fetchone()
        return int(hits)

    def get(self, key: str) -> int:
        """Return the hits of a window that has not ended."""
        return int(self._row(key)[0])

    def get_expiry(self, key: str) -> float:
        """Return when the window ends."""
        return float(self._row(key)[1])

    def check(self) -> bool:
        """Tell whether the file can be used."""
        with self._open() as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)

    def reset(self) -> int:
        """Forget every window."""
        with self._open() as connection:
            return connection.execute("DELETE FROM counters").rowcount

    def clear(self, key: str) -> None:
        """Forget one window."""
        with self._open() as connection:
            connection.execute("DELETE FROM counters WHERE key = ?", (key,))

    def _row(self, key: str) -> tuple[int, float]:
        now = time.time()
        query = "SELECT hits, expires FROM counters WHERE key = ? AND expires > ?"
        with self._open() as connection:
            return connection.execute(query, (key, now)).fetchone() or (0, now)

    def _open(self) -> _Connection:
        return _Connection(self._file)


class _Connection:
    """A connection that commits and closes; one costs less than keeping one per thread."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __enter__(self) -> sqlite3.Connection:
        self._connection = sqlite3.connect(self._file, timeout=_BUSY_SECONDS, isolation_level=None)
        self._connection.execute("PRAGMA synchronous = OFF")  # a lost count does no harm
        return self._connection

    def __exit__(self, *_: object) -> None:
        self._connection.close()


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
    if not _limiter(clv_home()).test(item, "address", address):
        raise _refusal(_left(item, "address", address))


def count_failure(address: str) -> None:
    """Count a failed sign-in of an address."""
    _limiter(clv_home()).hit(_item(FAILURES_PER_ADDRESS), "address", address)


def count_call(tenant: str) -> Allowance:
    """Count a call of a tenant; raises ApiError where he has none left."""
    item = _item(PER_TENANT)
    within = _limiter(clv_home()).hit(item, "tenant", tenant)
    left = _left(item, "tenant", tenant)
    if not within:
        raise _refusal(left)
    return left


def _refusal(left: Allowance) -> ApiError:
    return ApiError(
        "RATE_LIMITED",
        headers={"Retry-After": str(left.seconds), **left.headers},
        limit=left.limit, retry_after_seconds=left.seconds,
    )  # fmt: skip


def _left(item: RateLimitItem, *whose: str) -> Allowance:
    reset, remaining = _limiter(clv_home()).get_window_stats(item, *whose)
    seconds = max(1, math.ceil(reset - time.time()))
    return Allowance(item.amount, int(remaining), seconds)


def _item(setting: tuple[str, str]) -> RateLimitItem:
    name, default = setting
    return parse(os.environ.get(name, default))


@lru_cache(maxsize=8)
def _limiter(home: Path) -> FixedWindowRateLimiter:
    return FixedWindowRateLimiter(SqliteStorage(home / "limits.db"))
