"""Text whose columns are set apart by blanks alone, as old statistics programs print it."""

from __future__ import annotations

import re

import numpy as np

PROBE = 65_536
FEWEST_COLUMNS = 3
FEWEST_LINES = 5
REGULAR = 0.9
MARKS = re.compile(rb'[;|\t"]|(?<!\d),|,(?!\d)')
BLANK, NEWLINE, RETURN, TAB = 32, 10, 13, 9


def tabbed(text: bytes) -> bytes | None:
    """Return the text with one tab between two cells; None if blanks do not make a table of it.

    They do where there is no other mark (commas only within numbers) and nine lines of ten have
    the same number of words, three at least. Lines keep their numbers. Names of several words are
    told apart where two blanks or more stand between them.
    """
    probe = text[:PROBE]
    if len(text) > PROBE:
        probe = probe[: probe.rfind(b"\n") + 1]
    if MARKS.search(probe):
        return None
    words = [len(line.split()) for line in probe.split(b"\n") if line.strip()]
    below = words[1:]
    usual = max(set(below), key=below.count, default=0)
    if usual < FEWEST_COLUMNS or below.count(usual) < REGULAR * len(below):
        return None
    head, line, rest = text.partition(b"\n")
    names = re.split(rb" {2,}", head.strip())
    if len(head.split()) != usual and len(names) == usual:
        return b"\t".join(names) + line + _runs_to_tabs(rest)
    if words[0] != usual and len(below) < FEWEST_LINES:
        return None
    return _runs_to_tabs(text)


def _runs_to_tabs(text: bytes) -> bytes:
    content = np.frombuffer(text, np.uint8)
    blank = content == BLANK
    after = np.concatenate([[True], blank[:-1] | (content[:-1] == NEWLINE)])
    content = content[~(blank & after)]
    blank = content == BLANK
    before = np.append((content[1:] == NEWLINE) | (content[1:] == RETURN), True)
    content = content[~(blank & before)]
    return np.where(content == BLANK, np.uint8(TAB), content).tobytes()
