r"""Quotes that other programs write: a whole line within one pair, and ``\"`` within a cell."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence

from clvcore.ingest.container.dialect import DELIMITERS, quotes_are_clean

PROBE_BYTES, PROBE_LINES = 65_536, 200
ALMOST_ALL = 0.9
ESCAPED = b'\\"'
WITHIN_A_CELL = re.compile(rb'\\"(?![,;\t|\r\n"])(?!$)')
WRAPPED = re.compile(rb'\s*"(.*)"[,;\t|\s]*', re.DOTALL)


def plain_quotes(text: bytes) -> bytes:
    r"""Return the text with quotes around cells only, and doubled within them.

    Parameters
    ----------
    text
        UTF-8 with ``\n`` or ``\r\n`` line ends. It is returned as it is unless nearly every line
        is one quoted cell that holds a record, or ``\"`` stands where a quote cannot close.
    """
    if b'"' not in text:
        return text
    if _is_wrapped(text):
        text = b"\n".join(map(_bare, text.split(b"\n")))
    if ESCAPED in text and not quotes_are_clean(text, DELIMITERS):
        return _doubled(text)
    return text


def _is_wrapped(text: bytes) -> bool:
    """Tell whether nearly all of the first lines are one cell, and records of one width in it."""
    probe = text[:PROBE_BYTES]
    if len(text) > PROBE_BYTES:
        probe = probe[: probe.rfind(b"\n") + 1]
    lines = [line for line in probe.split(b"\n")[:PROBE_LINES] if line.strip()]
    whole = [line for line in lines if WRAPPED.fullmatch(line) and _is_one_cell(line)]
    if not whole or len(whole) < ALMOST_ALL * len(lines):
        return False
    inside = [_bare(line).decode("utf-8") for line in whole]
    return any(_widths_agree(inside, delimiter) for delimiter in DELIMITERS)


def _is_one_cell(line: bytes) -> bool:
    """Tell whether a line has one filled cell whatever the delimiter is."""
    text = line.decode("utf-8").strip()
    return all(
        sum(bool(cell.strip()) for cell in _cells(text, delimiter)) == 1
        and (delimiter not in text or text.startswith('"'))
        for delimiter in DELIMITERS
    )


def _widths_agree(lines: Sequence[str], delimiter: str) -> bool:
    widths = Counter(len(_cells(line, delimiter)) for line in lines)
    width, count = widths.most_common(1)[0]
    return width > 1 and count >= ALMOST_ALL * len(lines)


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:  # a cell of more than 131,072 characters
        return []


def _bare(line: bytes) -> bytes:
    """Return what stands between the quotes around a line; the line if there are none."""
    found = WRAPPED.fullmatch(line)
    return found[1].replace(b'""', b'"') if found else line


def _doubled(text: bytes) -> bytes:
    r"""Write ``\"`` as ``""`` and ``\\`` as ``\``, if that is what backslashes are there for."""
    if b"\0" in text:
        return text
    apart = text.replace(b"\\\\", b"\0")
    doubled = apart.replace(ESCAPED, b'""').replace(b"\0", b"\\")
    if WITHIN_A_CELL.search(apart) or quotes_are_clean(doubled, DELIMITERS):
        return doubled
    return text
