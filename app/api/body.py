"""The body of a request: read within limits of size and time, decoded strictly."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request

from app.api.errors import ApiError

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
    ApiError
        If it is no JSON by its headers, too large or too slow.
    """
    kind = request.headers.get("content-type", "")
    packed = request.headers.get("content-encoding", "identity").strip().lower()
    if not _CONTENT_TYPE.fullmatch(kind) or packed not in ("", "identity"):
        raise ApiError("UNSUPPORTED_MEDIA_TYPE")
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
        raise ApiError("BODY_TOO_SLOW", headers={"Connection": "close"}) from None
    except ClientDisconnect:
        raise ApiError("INVALID_JSON") from None
    return b"".join(chunks)


def decoded(body: bytes) -> dict[str, Any]:
    """Return the one object of a JSON text.

    Raises
    ------
    ApiError
        ``INVALID_JSON`` for anything else than one document of moderate depth without infinite
        numbers, ``WRONG_TYPE`` if it is no object, ``PARAMETER_TWICE`` if an object names a member
        twice: parsers disagree on which one counts.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise ApiError("INVALID_JSON") from None
    if not isinstance(document, dict):
        raise ApiError("WRONG_TYPE", location="body", expected="object")
    _check_keys(body, _keys(document))
    return document


def _check_keys(body: bytes, known: int) -> None:
    # counting marks is twenty times cheaper than finding keys, and can only count too many
    marks = body.count(b'":') + len(re.findall(rb'"\s+:', body))
    if marks != known and len(_KEY.findall(body)) != known:
        raise ApiError("PARAMETER_TWICE", location="body")


def _keys(document: dict[str, Any]) -> int:
    """Count the members of all objects, one level after the other."""
    members, level = 0, [[document]]
    for _ in range(DEEPEST):
        objects = [item for items in level for item in items if isinstance(item, dict)]
        members += sum(map(len, objects))
        within: list[Any] = [item.values() for item in objects]
        within += [item for items in level for item in items if isinstance(item, list)]
        # thousands of flat rows end here: only what holds something has a next level
        level = [items for items in within if {dict, list} & set(map(type, items))]
        if not level:
            return members
    raise ApiError("INVALID_JSON")


def _too_large() -> ApiError:
    return ApiError("BODY_TOO_LARGE", headers={"Connection": "close"}, limit=MOST_MEGABYTES)
