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

from app.words.text import msg, words_for
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
CODES: dict[str, tuple[int, str]] = {
    "INVALID_JSON": (400, msg("The body cannot be read as JSON.")),
    "WRONG_TYPE": (400, msg("Parameter '{parameter}' has another JSON type than documented")),
    "MALFORMED_HEADER": (400, msg("Header '{parameter}' is malformed")),
    "MALFORMED_ADDRESS": (400, msg("The address is malformed.")),
    "AUTH_FAILED": (401, msg("Invalid or expired authentication token")),
    "TENANT_MISMATCH": (403, msg("These credentials do not belong to the tenant that was named.")),
    "TENANT_DISABLED": (403, msg("Access of this tenant is closed. Ask your administrator.")),
    "NOT_FOUND": (404, msg("There is nothing at this address.")),
    "METHOD_NOT_ALLOWED": (405, msg("This address does not answer that method.")),
    "BODY_TOO_SLOW": (408, msg("The body did not arrive in time.")),
    "BODY_TOO_LARGE": (413, msg("The body is larger than {limit} MB. Send fewer orders.")),
    "UNSUPPORTED_MEDIA_TYPE": (415, msg("Send JSON, in UTF-8 and not compressed.")),
    "MISSING_PARAMETER": (422, msg("Required parameter '{parameter}' is missing")),
    "UNKNOWN_PARAMETER": (422, msg("A parameter is not known. Check its spelling.")),
    "PARAMETER_TWICE": (422, msg("Parameter '{parameter}' was given twice. Keep one of the two.")),
    "OUT_OF_RANGE": (422, msg("Parameter '{parameter}' is out of range")),
    "DUPLICATE_CUSTOMER": (
        422,
        msg("Parameter '{parameter}' names a customer in two summaries. Send one of each."),
    ),
    "INVALID_ROWS": (
        422,
        msg(
            "{count} rows cannot be read; details list the first of them by index. Mend them, or "
            "set on_invalid to leave_out and they are counted in data_quality."
        ),
    ),
    "RATE_LIMITED": (429, msg("Too many requests. Wait a little and try again.")),
    "INTERNAL_ERROR": (
        500,
        msg("Something went wrong on our side. Send the error id to your administrator."),
    ),
    "QUEUE_FULL": (503, msg("All places are taken. Try again in a little while.")),
    "STORAGE_UNAVAILABLE": (
        503,
        msg("The server cannot write to its disk. Tell your administrator, and try again later."),
    ),
    "TOO_LITTLE_MEMORY": (
        503,
        msg(
            "There was not enough memory for this forecast. Send fewer orders, or try again later."
        ),
    ),
    "TOOK_TOO_LONG": (
        503,
        msg("The forecast took too long and was stopped. Send fewer orders, or try again later."),
    ),
}
# Where no parameter can be named: names that are not ours are not repeated.
UNNAMED: dict[str, str] = {
    "WRONG_TYPE": msg("The body must be one JSON object."),
    "PARAMETER_TWICE": msg("An object names a member twice. Keep one of the two."),
}
SUGGESTED: dict[str, str] = {
    "UNKNOWN_PARAMETER": msg("A parameter is not known. Did you mean '{did_you_mean}'?"),
}
# What the engine refuses in sentences that quote the file or name the library's own settings.
REFUSALS: dict[str, str] = {
    "AMBIGUOUS_DATE_FORMAT": msg(
        "The dates can be read in two ways: day first or month first. Write them as 2024-06-30."
    ),
    "MIXED_DATE_FORMATS": msg("The dates are written in more than one way. Use 2024-06-30."),
    "AMBIGUOUS_NUMBER_FORMAT": msg(
        "The amounts can be read with a decimal point or a decimal comma. Send them as numbers."
    ),
    "MIXED_NUMBER_FORMATS": msg(
        "The amounts are written in more than one way. Send them as numbers."
    ),
    "MIXED_CURRENCIES": msg(
        "The amounts are in more than one currency and cannot be added. Send one currency at a "
        "time."
    ),
    "SUMMARIES_NOT_ORDERS": msg(
        "The rows of data are summaries, one per customer, and no orders. Send them as "
        "customer_data, with customer_id, tenure_days, recency_days, purchase_frequency and "
        "total_revenue."
    ),
    "UNKNOWN_COHORT": msg(
        "cohort_by must be month, quarter, year or an attribute that the orders carry."
    ),
    "MODEL_NEEDS_ORDERS": msg(
        "This model needs orders. With customer_data choose auto, probabilistic, bg_nbd, mbg_nbd, "
        "pareto_nbd or naive."
    ),
    "SUMMARIES_CONTRADICT": msg(
        "{count} summaries contradict themselves: recency_days may not exceed tenure_days, and "
        "each purchase needs a day of its own between the first and the last."
    ),
    "INSUFFICIENT_HISTORY": msg(
        "The orders cover {days} days; a forecast needs six calendar months, here {needed} days. "
        "Add older orders, or set allow_short_history and accept a weaker forecast."
    ),
    "AS_OF_TOO_EARLY": msg("as_of lies before the first order. Choose a later day."),
    "NO_PURCHASES": msg("Up to as_of the orders hold returns only: there is nothing to go on."),
    "NO_USABLE_ROWS": msg(
        "None of the {rows} orders can be used. Check customers, dates and amounts."
    ),
    "ATTRIBUTE_NAME_TAKEN": msg(
        "The attribute '{parameter}' has a name that means something else. Rename it."
    ),
    "MODEL_REFUSED": msg(
        "The model that was asked for cannot be fitted to these data. Choose auto, which copes."
    ),
    "DATA_REFUSED": msg("These data cannot be forecast as they are."),
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
        return CODES[self.code][0] if self.code in CODES else 422

    def response(self, language: str) -> Response:
        """Return the answer in a language."""
        body: dict[str, Any] = {
            "error": NAMES[self.status],
            "message": words_for(language)(self._sentence(), **self.details),
            "code": self.code,
        }
        if self.status != 401:  # nothing more is said to a stranger
            body["details"] = self.details
        headers = {"Content-Language": language, "Vary": "Accept-Language", **self.headers}
        if self.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return Response(orjson.dumps(body), self.status, headers, media_type="application/json")

    def _sentence(self) -> str:
        """Return what is said, by what can be named."""
        if "parameter" not in self.details and self.code in UNNAMED:
            return UNNAMED[self.code]
        if "did_you_mean" in self.details and self.code in SUGGESTED:
            return SUGGESTED[self.code]
        return CODES[self.code][1] if self.code in CODES else REFUSALS[self.code]


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
