"""How often a tenant may ask, and how often an address may fail to say who it is.

The counters of fixed windows are a small SQLite file, so that every process of the server shares
them and a restart does not forget them; the ``limits`` library reads how they are written down.
"""

from __future__ import annotations

import logging
import math
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from limits import RateLimitItem, parse

from app.api.errors import ApiError
from app.storage.home import clv_home
from app.storage.settings import API_FAILURES, API_RATE, rate

_BUSY_SECONDS = 5.0
# what SQLite says of a file that is no database, is torn, or has other tables than ours
_NO_COUNTERS = {
    sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT,
    sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_SCHEMA,
}  # fmt: skip
_making = threading.Lock()
_log = logging.getLogger("clv")
# one statement, so that two processes never both take the last place
_COUNT = """
INSERT INTO counters VALUES (:key, 1, :now + :expiry)
ON CONFLICT (key) DO UPDATE SET
    hits = CASE WHEN expires <= :now THEN 1 ELSE hits + 1 END,
    expires = CASE WHEN expires <= :now THEN excluded.expires
        ELSE MIN(expires, excluded.expires) END
RETURNING hits, expires
"""
_LOOK = """
UPDATE counters SET expires = MIN(expires, :now + :expiry) WHERE key = :key AND expires > :now
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
        try:
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = OFF")  # a lost count does no harm
            self._connection.execute(
                "CREATE TABLE IF NOT EXISTS counters "
                "(key TEXT PRIMARY KEY, hits INTEGER NOT NULL, expires REAL NOT NULL)"
            )
        except sqlite3.Error:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the file now: a connection that is closed later removes the next one's log."""
        with self._lock:
            self._connection.close()

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
        with self._lock:
            row = self._connection.execute(_LOOK, {"key": key, "now": now, "expiry": expiry})
            hits, expires = row.fetchone() or (0, now)
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
    item, hits, expires = _hits(Counters.look, API_FAILURES, "address", address)
    if hits >= item.amount:
        raise _refusal(_left(item, hits, expires))


def count_failure(address: str) -> None:
    """Count a failed sign-in of an address."""
    _hits(Counters.count, API_FAILURES, "address", address)


def count_call(tenant: str) -> Allowance:
    """Count a call of a tenant; raises ApiError where it has none left."""
    item, hits, expires = _hits(Counters.count, API_RATE, "tenant", tenant)
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


def _hits(
    ask: Callable[[Counters, str, int], tuple[int, float]], setting: str, kind: str, name: str
) -> tuple[RateLimitItem, int, float]:
    """Return a limit, the hits of its window, and when that ends."""
    item = _parsed(rate(setting))
    key, expiry = item.key_for(kind, name), item.get_expiry()
    return item, *_asked(lambda counters: ask(counters, key, expiry))


_parsed = lru_cache(maxsize=8)(parse)


def _asked(question: Callable[[Counters], tuple[int, float]]) -> tuple[int, float]:
    """Ask the counters; a file that holds none is made anew, since a lost count does no harm."""
    counters: Counters | None = None
    try:
        counters = _counters(_file())
        return question(counters)
    except sqlite3.ProgrammingError:  # closed this very moment by a thread that makes it anew
        pass
    except sqlite3.Error as error:
        _raise_unless_damaged(error)
    with _making:
        try:
            return question(_counters(_file()))  # another thread has made it anew
        except sqlite3.Error as error:
            _raise_unless_damaged(error)
            _log.warning("limits.db held no counters that could be read: made anew (%s)", error)
        _counters.cache_clear()
        if counters is not None:
            counters.close()
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(f"{_file()[0]}{suffix}").unlink(missing_ok=True)
        return question(_counters(_file()))


def _raise_unless_damaged(error: sqlite3.Error) -> None:
    if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _NO_COUNTERS:
        raise error


def _file() -> tuple[Path, int]:
    """Return the file of the counters, and which file of that name it is."""
    file = clv_home() / "limits.db"
    if not file.exists():
        file.touch(mode=0o600)
    return file, file.stat().st_ino


@lru_cache(maxsize=8)
def _counters(file: tuple[Path, int]) -> Counters:
    return Counters(file[0])
