"""gzip: unpacked a piece at a time, and no further than a table of orders goes."""

from __future__ import annotations

import zlib

from clvcore.ingest.raw import MAX_BYTES, damaged
from clvcore.records.errors import ReadError

GZIP = b"\x1f\x8b"
MAX_RATIO = 40
RATIO_FROM_BYTES = 10 * 2**20
PIECE = 2**16
GZIP_WINDOW = 31


def unpack(data: bytes) -> bytes:
    """Return what a gzip file holds, all its members in a row.

    Raises
    ------
    ReadError
        If it is damaged, or unpacks to far more than text does (``BOMB``).
    """
    member, pieces, size = zlib.decompressobj(GZIP_WINDOW), [], 0
    view, start = memoryview(data), 0
    waiting: bytes | memoryview = b""
    while waiting or start < len(data):
        if not waiting:
            waiting, start = view[start : start + PIECE], start + PIECE
        if member.eof:
            if not bytes(waiting).strip(b"\0"):  # padding behind the last member
                waiting = b""
                continue
            member = zlib.decompressobj(GZIP_WINDOW)
        try:
            piece = member.decompress(waiting, 16 * PIECE)
        except zlib.error:
            raise damaged() from None
        size += len(piece)
        if size > most_bytes(start):
            raise bomb()
        pieces.append(piece)
        waiting = member.unconsumed_tail or member.unused_data
    if not member.eof:
        raise damaged()
    return b"".join(pieces)


def most_bytes(packed: int) -> int:
    """Return how many bytes a table of orders may have that takes ``packed`` bytes packed."""
    return min(max(RATIO_FROM_BYTES, MAX_RATIO * packed), MAX_BYTES)


def bomb() -> ReadError:
    """Say that a small file holds too much."""
    return ReadError(
        "BOMB",
        "The file unpacks to far more than a table of orders of its size. Save the orders as CSV "
        "and give that file.",
    )
