"""What no table of orders looks like: refused before it takes memory or time."""

from __future__ import annotations

from clvcore.ingest.raw import check_rows
from clvcore.records.errors import ReadError

MAX_LINE_BYTES = 2**20
SPARSE_FROM_BYTES = 2**20
FEWEST_BYTES_PER_LINE = 5
MOST_QUOTES = 0.7


def check_text(text: bytes) -> None:
    r"""Refuse text that would take far more memory than it has bytes; lines end with ``\n``.

    Raises
    ------
    ReadError
        If there are too many lines, a line of more than 1 MiB, or little beside line breaks and
        quotes.
    """
    lines = text.count(b"\n")
    check_rows(lines)
    if len(text) > SPARSE_FROM_BYTES and (
        len(text) < FEWEST_BYTES_PER_LINE * lines or text.count(b'"') > MOST_QUOTES * len(text)
    ):
        raise ReadError(
            "NOT_A_TABLE",
            "The file holds hardly anything but line breaks and quotes. Export a table with one "
            "column each for customer, date and amount.",
        )
    start = 0
    while len(text) - start > MAX_LINE_BYTES:
        end = text.rfind(b"\n", start, start + MAX_LINE_BYTES)
        if end < 0:
            raise ReadError(
                "LINE_TOO_LONG",
                "Line {line} has more than {limit:,} characters, far more than an order. Check "
                "that each order stands on a line of its own, and export again.",
                line=text.count(b"\n", 0, start) + 1, limit=MAX_LINE_BYTES,
            )  # fmt: skip
        start = end + 1
