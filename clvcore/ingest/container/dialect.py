"""Which character separates the cells, judged over the whole file, and where the records are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clvcore.records.errors import ReadError

DELIMITERS = (",", ";", "\t", "|")
NEWLINE, RETURN, QUOTE = 10, 13, 34

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False, kw_only=True)
class Dialect:
    """How a text table is laid out.

    Parameters
    ----------
    delimiter
        The character between two cells.
    header
        Number of the header among the records.
    starts, lines
        Shape (records + 1,): byte and physical line (1-based) at which each record begins, and,
        last, those after the end of the text.
    cells
        Shape (records,): cells of each record, 0 where it is blank.
    clean
        Quotes stand around whole cells only and in pairs, so that ``starts`` and ``cells`` can be
        relied on; otherwise every physical line counts as a record.
    quoted
        There are quotes.
    """

    delimiter: str
    header: int
    starts: Ints
    lines: Ints
    cells: Ints
    clean: bool
    quoted: bool


def find_dialect(text: bytes, delimiter: str | None = None) -> Dialect:
    r"""Find the delimiter under which most records have the same number of cells.

    Parameters
    ----------
    text
        UTF-8 with ``\n`` or ``\r\n`` line ends.
    delimiter
        The delimiter, where it is known.

    Raises
    ------
    ReadError
        If no delimiter makes more than one column.
    """
    content = np.frombuffer(text, np.uint8)
    forced, skipped = (delimiter, 0) if delimiter else _declared(text)
    quotes = np.flatnonzero(content == QUOTE)
    clean = _clean(content, quotes, DELIMITERS)
    parity = None
    if clean and quotes.size:
        parity = np.bitwise_xor.accumulate((content == QUOTE).view(np.uint8))
    starts, lines, blank = _records(content, parity)
    blank[:skipped] = True
    best: tuple[float, str, int, Ints] | None = None
    for delimiter in (forced,) if forced else DELIMITERS:
        if delimiter.encode() not in text:
            continue
        counts = _cells_per_record(content, parity, delimiter, starts)
        header, score = _score(counts, blank)
        if score > 0 and (best is None or score > best[0]):
            best = score, delimiter, header, counts
    if best is None:
        raise ReadError(
            "NOT_A_TABLE",
            "The file has only one column: no comma, semicolon, tab or | separates its cells. "
            "Export a table with one column each for customer, date and amount.",
        )
    _, delimiter, header, counts = best
    return Dialect(
        delimiter=delimiter,
        header=header,
        starts=starts,
        lines=lines,
        cells=np.where(blank, 0, counts),
        clean=not quotes.size or _clean(content, quotes, (delimiter,)),
        quoted=bool(quotes.size),
    )


def _declared(text: bytes) -> tuple[str | None, int]:
    """Read Excel's ``sep=;`` line, if it is there: the delimiter, and how many records it takes."""
    first = text[:16].split(b"\n", 1)[0].strip().strip(b'"')
    if first[:4].lower() == b"sep=" and first[4:].decode("ascii", "replace") in DELIMITERS:
        return first[4:].decode("ascii"), 1
    if first.lower() == b"sep=" and text[4:5] == b"\t":
        return "\t", 1
    return None, 0


def quotes_are_clean(text: bytes, delimiters: tuple[str, ...]) -> bool:
    """Tell whether quotes open and close at the edges of cells only, and in pairs."""
    content = np.frombuffer(text, np.uint8)
    return _clean(content, np.flatnonzero(content == QUOTE), delimiters)


def _clean(content: Bytes, quotes: Ints, delimiters: tuple[str, ...]) -> bool:
    if quotes.size % 2:
        return False
    edges = np.zeros(256, dtype=bool)
    edges[[NEWLINE, RETURN, QUOTE, *(ord(mark) for mark in delimiters)]] = True
    opening, closing = quotes[0::2], quotes[1::2]
    before = content[np.maximum(opening - 1, 0)]
    after = content[np.minimum(closing + 1, content.size - 1)]
    opens = edges[before] | (opening == 0)
    closes = edges[after] | (closing == content.size - 1)
    # a quote just before an opening one must be the one that closed: "" inside a quoted cell
    doubled = (before != QUOTE) | (opening == 0)
    doubled[1:] |= opening[1:] - 1 == closing[:-1]
    return bool((opens & closes & doubled).all())


def _records(content: Bytes, parity: Bytes | None) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """Return where records start (and the text ends), their lines, and which are blank."""
    newlines = np.flatnonzero(content == NEWLINE)
    ends = newlines if parity is None else newlines[parity[newlines] == 0]
    starts = np.concatenate([[0], ends + 1])
    if starts[-1] != content.size:
        starts = np.append(starts, content.size)
    lines = np.searchsorted(newlines, starts) + 1
    lines[-1] += not content.size or content[-1] != NEWLINE
    length = np.diff(starts)
    one_return = (length == 2) & (content[starts[:-1]] == RETURN)
    only_newline = (length == 1) & (content[starts[:-1]] == NEWLINE)
    return starts, lines, only_newline | one_return


def _cells_per_record(content: Bytes, parity: Bytes | None, delimiter: str, starts: Ints) -> Ints:
    marks = np.flatnonzero(content == ord(delimiter))
    if parity is not None:
        marks = marks[parity[marks] == 0]
    return np.diff(np.searchsorted(marks, starts)) + 1


def _score(counts: Ints, blank: npt.NDArray[np.bool_]) -> tuple[int, float]:
    """Return the header's record and how well a delimiter explains the file, 0 to 1.

    The share of records with the usual number of cells, times a factor that prefers more cells:
    in ``A;1,50`` the comma is as regular as the semicolon but makes fewer columns. Lines above
    the header (a title, a date of export) have less than half the usual cells.
    """
    filled = counts[~blank]
    many = filled[filled > 1]
    if not many.size:
        return 0, 0.0
    usual = int(np.bincount(many).argmax())
    enough = ~blank & (counts > max(1, (usual - 1) / 2))
    if not enough.any():
        return 0, 0.0
    consistent = float((filled == usual).mean())
    return int(enough.argmax()), consistent * (1 - 1 / usual)
