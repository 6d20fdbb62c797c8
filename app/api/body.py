"""The body of a request: read within limits of size and time, decoded strictly."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request

from app.api.errors import Problem

MOST_MEGABYTES = 32
MOST_BYTES = MOST_MEGABYTES * 2**20
MOST_SECONDS = 60
DEEPEST = 32
_CONTENT_TYPE = re.compile(
    r'application/json\s*(;\s*charset\s*=\s*"?utf-?8"?\s*)?;?\s*', re.IGNORECASE
)
_KEY = re.compile(rb'"(?:[^"\\]|\\.)*+"\s*:')


async def read_body(request: Request) -> bytes:
    """Return the bytes of the body; what a header says of their number is not believed.

    Raises
    ------
    Problem
        If it is no JSON by its headers, too large or too slow.
    """
    kind = request.headers.get("content-type", "")
    packed = request.headers.get("content-encoding", "identity").strip().lower()
    if not _CONTENT_TYPE.fullmatch(kind) or packed not in ("", "identity"):
        raise Problem("UNSUPPORTED_MEDIA_TYPE")
    stated = request.headers.get("content-length", "0")
    if stated.isdigit() and int(stated) > MOST_BYTES:
        raise _too_large()
    chunks, size = [], 0
    try:
        async with asyncio.timeout(MOST_SECONDS):
            async for chunk in request.stream():
                size += len(chunk)
                if size > MOST_BYTES:
                    raise _too_large()
                chunks.append(chunk)
    except TimeoutError:
        raise Problem("BODY_TOO_SLOW", headers={"Connection": "close"}) from None
    except ClientDisconnect:
        raise Problem("INVALID_JSON") from None
    return b"".join(chunks)


def decoded(body: bytes) -> dict[str, Any]:
    """Return the one object of a JSON text.

    Raises
    ------
    Problem
        ``INVALID_JSON`` for anything else than one document of moderate depth without infinite
        numbers, ``WRONG_TYPE`` if it is no object, ``PARAMETER_TWICE`` if an object names a member
        twice: parsers disagree on which one counts.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Problem("INVALID_JSON") from None
    if not isinstance(document, dict):
        raise Problem("WRONG_TYPE", location="body", expected="object")
    _check_keys(body, _keys(document))
    return document


def _check_keys(body: bytes, known: int) -> None:
    # counting marks is twenty times cheaper than finding keys, and can only count too many
    marks = body.count(b'":') + len(re.findall(rb'"\s+:', body))
    if marks != known and len(_KEY.findall(body)) != known:
        raise Problem("PARAMETER_TWICE", location="body")


def _keys(value: Any, depth: int = 0) -> int:
    """Count the members of all objects."""
    if depth > DEEPEST:
        raise Problem("INVALID_JSON")
    if isinstance(value, dict):
        nested = [item for item in value.values() if isinstance(item, dict | list)]
        return len(value) + sum(_keys(item, depth + 1) for item in nested)
    if isinstance(value, list):
        return sum(_keys(item, depth + 1) for item in value if isinstance(item, dict | list))
    return 0


def _too_large() -> Problem:
    return Problem("BODY_TOO_LARGE", headers={"Connection": "close"}, limit=MOST_MEGABYTES)
