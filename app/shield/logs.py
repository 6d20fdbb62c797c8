"""Log lines: the request each belongs to, and nothing a visitor sent that could forge another."""

from __future__ import annotations

import logging
import re
from contextvars import ContextVar
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="-")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


class Lines(logging.Formatter):
    """Writes a record so that only its first line begins at the margin."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text, control characters shown instead of sent."""
        record.request_id = request_id.get()
        text = super().format(record).replace("\n", "\n  ")
        return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def log_config(level: str = "WARNING") -> dict[str, Any]:
    """Return the logging of the server: to standard error, ours and uvicorn's alike."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": Lines}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "loggers": {
            name: {"handlers": ["stderr"], "level": level, "propagate": False}
            for name in ("uvicorn", "clv")
        },
    }
