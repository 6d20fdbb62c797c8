"""Everything the HTTP interface can refuse: one shape, stable codes, words in three languages.

``{"error", "message", "code", "details"}``. Nothing a caller sent is repeated, and nothing of the
machine is told: a failure on our side carries an id that the log knows.
"""

from __future__ import annotations

import datetime as dt
import errno
import logging
import secrets
import sqlite3
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response

from app.words.interface import REFUSALS, refusal
from app.words.text import words_for
from clvcore.records.errors import ClvError

_log = logging.getLogger("clv")
_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}
_DISK_OF_SQLITE = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR}

NAMES = {
    400: "Bad request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    408: "Request timeout",
    413: "Payload too large",
    415: "Unsupported media type",
    422: "Validation failed",
    429: "Too many requests",
    500: "Internal server error",
    503: "Service unavailable",
}
STATUSES: dict[str, int] = {
    "INVALID_JSON": 400,
    "WRONG_TYPE": 400,
    "MALFORMED_HEADER": 400,
    "MALFORMED_ADDRESS": 400,
    "AUTH_FAILED": 401,
    "TENANT_MISMATCH": 403,
    "TENANT_DISABLED": 403,
    "NOT_FOUND": 404,
    "METHOD_NOT_ALLOWED": 405,
    "BODY_TOO_SLOW": 408,
    "BODY_TOO_LARGE": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "MISSING_PARAMETER": 422,
    "UNKNOWN_PARAMETER": 422,
    "PARAMETER_TWICE": 422,
    "OUT_OF_RANGE": 422,
    "DUPLICATE_CUSTOMER": 422,
    "INVALID_ROWS": 422,
    "RATE_LIMITED": 429,
    "INTERNAL_ERROR": 500,
    "QUEUE_FULL": 503,
    "STORAGE_UNAVAILABLE": 503,
    "TOO_LITTLE_MEMORY": 503,
    "TOOK_TOO_LONG": 503,
}


OUR_WORDS = ("dropped",)  # of refusals: counts by reasons of ours


class ApiError(Exception):
    """An answer that is no success; ``details`` hold names and numbers, never what was sent."""

    def __init__(
        self, code: str, *, headers: Mapping[str, str] | None = None, **details: Any
    ) -> None:
        super().__init__(code)
        self.code, self.details, self.headers = code, details, dict(headers or {})

    def __reduce__(self) -> tuple[Any, ...]:
        """Survive the trip from a worker process."""
        return _rebuilt, (self.code, self.headers, self.details)

    @property
    def status(self) -> int:
        """HTTP status."""
        return STATUSES.get(self.code, 422)

    def response(self, language: str) -> Response:
        """Return the answer in a language."""
        sentence = refusal(
            self.code, named="parameter" in self.details, suggested="did_you_mean" in self.details
        )
        body: dict[str, Any] = {
            "error": NAMES[self.status],
            "message": words_for(language)(sentence, **self.details),
            "code": self.code,
        }
        if self.status != 401:  # nothing more is said to a stranger
            body["details"] = self.details
        headers = {"Content-Language": language, "Vary": "Accept-Language", **self.headers}
        if self.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return Response(orjson.dumps(body), self.status, headers, media_type="application/json")


def refused(error: ClvError) -> ApiError:
    """Return what the engine refused: its code where it is one of ours, numbers and days only."""
    kind = type(error).__name__
    general = "MODEL_REFUSED" if kind == "ModelError" else "DATA_REFUSED"
    code = error.code if error.code in REFUSALS else general
    plain = {k: _plain(v) for k, v in error.values.items() if _tells_nothing(v) or k in OUR_WORDS}
    if code == general:
        plain["reason"] = error.code
    return ApiError(code, **plain)


def failed(error: BaseException) -> ApiError:
    """Log what went wrong on our side under an id, and return the id alone.

    What time or an administrator can mend is told apart, since asking again then makes sense.
    """
    error_id = f"{secrets.token_hex(2)}-{secrets.token_hex(2)}".upper()
    _log.error("error id %s", error_id, exc_info=error)
    short_of = "TOO_LITTLE_MEMORY" if isinstance(error, MemoryError) else "STORAGE_UNAVAILABLE"
    if isinstance(error, MemoryError) or _is_of_the_disk(error):
        return ApiError(short_of, headers={"Retry-After": "60"}, error_id=error_id,
                        retry_after_seconds=60)  # fmt: skip
    return ApiError("INTERNAL_ERROR", error_id=error_id)


def _is_of_the_disk(error: BaseException) -> bool:
    """Tell whether the disk is full, out of order or not to be written to."""
    cause: BaseException | None = getattr(error, "orig", error)  # as SQLAlchemy wraps it
    if isinstance(cause, sqlite3.OperationalError):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _DISK_OF_SQLITE
    return isinstance(cause, OSError) and cause.errno in _DISK


def _rebuilt(code: str, headers: dict[str, str], details: dict[str, Any]) -> ApiError:
    return ApiError(code, headers=headers, **details)


def _tells_nothing(value: Any) -> bool:
    return isinstance(value, bool | int | float | dt.date)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value
