"""What a visitor is told who is turned away, in their language; JSON where programs ask."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from app.shield.asgi import Scope, header
from app.words.text import msg, negotiate, words_for


@dataclass(frozen=True)
class Refusal:
    """Why a request goes no further."""

    status: int
    code: str
    sentence: str
    retry_after: int | None = None
    values: dict[str, Any] = field(default_factory=dict)

    def answer(self, scope: Scope) -> tuple[dict[str, Any], bytes]:
        """Return the start of the response and its body."""
        w = words_for(negotiate(header(scope, b"accept-language").split(",")[0]))
        said = w(self.sentence, **self.values)
        if scope["path"].startswith("/api/"):
            kind = b"application/json"
            said = json.dumps(
                {
                    "error": self.code.lower(), "message": said,
                    "code": self.code, "details": self.values,
                }
            )  # fmt: skip
        else:
            kind = b"text/plain; charset=utf-8"
        body = said.encode()
        headers = [
            (b"content-type", kind),
            (b"content-length", str(len(body)).encode()),
            (b"content-language", w.language.encode()),
            (b"cache-control", b"no-store"),
            (b"connection", b"close"),
        ]
        if self.retry_after is not None:
            headers.append((b"retry-after", str(self.retry_after).encode()))
        start = {"type": "http.response.start", "status": self.status, "headers": headers}
        return start, body


WRONG_HOST = Refusal(
    421,
    "WRONG_HOST",
    msg(
        "This server does not answer to that name. Whoever runs it can allow it with "
        "clv serve --allow-host."
    ),
)
NOTHING_HERE = Refusal(404, "NOT_FOUND", msg("There is nothing at this address."))
SIGN_IN_FIRST = Refusal(401, "SIGN_IN_FIRST", msg("Sign in first."))
TWO_LENGTHS = Refusal(
    400,
    "MALFORMED_HEADER",
    msg("This request says twice how long it is. Send Content-Length or chunks, not both."),
)
HEAD_TOO_LARGE = Refusal(
    431, "HEADERS_TOO_LARGE", msg("The address and the headers are larger than the 16 KB taken.")
)
TOO_SLOW = Refusal(408, "BODY_TOO_SLOW", msg("The body did not arrive in time."))
BROKEN = Refusal(
    500,
    "INTERNAL_ERROR",
    msg("Something went wrong on our side, and nothing was changed. Try again."),
)
FULL = Refusal(
    503,
    "BUSY",
    msg("Too much is being sent to this server at the moment. Try again in a moment."),
    retry_after=5,
)


def too_large(most: int) -> Refusal:
    """Refuse a body above a number of bytes."""
    shown = f"{most / 2**20:g} MB"
    sentence = msg("This is larger than the {limit} taken here.")
    return Refusal(413, "BODY_TOO_LARGE", sentence, values={"limit": shown})


def too_much(seconds: int) -> Refusal:
    """Refuse what comes above a minute's worth."""
    sentence = msg("Too much was sent from this address. Try again in {seconds} s.")
    return Refusal(429, "TOO_MUCH_SENT", sentence, seconds, {"seconds": seconds})
