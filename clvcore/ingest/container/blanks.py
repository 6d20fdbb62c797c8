"""Text whose columns are set apart by blanks alone, as old statistics programs print it."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from clvcore.ingest.container.dialect import NEWLINE, QUOTE, RETURN, Bytes, quotes_are_clean

PROBE = 65_536
FEWEST_COLUMNS = 3
FEWEST_LINES = 5
REGULAR = 0.9
MARKS = re.compile(rb'[;|\t"]|(?<!\d),|,(?!\d)')
BLANK, TAB, LETTER = 32, 9, 120


def tabbed(text: bytes) -> bytes | None:
    """Return the text with one tab between two cells; None if blanks do not make a table of it.

    They do where there is no other mark (commas only within numbers) and nine lines of ten have
    the same number of words, three at least; what stands in quotes is one word. Lines keep their
    numbers. Names of several words are told apart by quotes, or where two blanks or more stand
    between them.
    """
    probe = text[:PROBE]
    if len(text) > PROBE:
        probe = probe[: probe.rfind(b"\n") + 1]
    if b'"' in probe:
        if not quotes_are_clean(text, (" ",)):
            return None
        probe = _masked(probe)
    if MARKS.search(probe):
        return None
    words = [len(line.split()) for line in probe.split(b"\n") if line.strip()]
    below = words[1:]
    usual = max(set(below), key=below.count, default=0)
    if usual < FEWEST_COLUMNS or below.count(usual) < REGULAR * len(below):
        return None
    head, line, rest = text.partition(b"\n")
    names = re.split(rb" {2,}", head.strip())
    if b'"' not in head and len(head.split()) != usual and len(names) == usual:
        return b"\t".join(names) + line + _runs_to_tabs(rest)
    if words[0] != usual and len(below) < FEWEST_LINES:
        return None
    return _runs_to_tabs(text)


def _masked(text: bytes) -> bytes:
    """Put one word in the place of each cell in quotes, blanks and line ends in it included."""
    content = np.frombuffer(text, np.uint8)
    inside = _in_quotes(content) | (content == QUOTE)
    return np.where(inside, np.uint8(LETTER), content).tobytes()


def _in_quotes(content: Bytes) -> npt.NDArray[np.bool_]:
    return np.logical_xor.accumulate(content == QUOTE)


def _runs_to_tabs(text: bytes) -> bytes:
    content = np.frombuffer(text, np.uint8)
    if b'"' not in text or not quotes_are_clean(text, (" ",)):
        free = np.ones(content.size, dtype=bool)
    else:
        free = ~_in_quotes(content)
    blank = free & (content == BLANK)
    after = np.concatenate([[True], blank[:-1] | (content[:-1] == NEWLINE)])
    kept = ~(blank & after)
    content, blank = content[kept], blank[kept]
    before = np.append((content[1:] == NEWLINE) | (content[1:] == RETURN), True)
    kept = ~(blank & before)
    return np.where(blank[kept], np.uint8(TAB), content[kept]).tobytes()
