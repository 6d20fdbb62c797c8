"""A ZIP container, looked at before anything in it is unpacked."""

from __future__ import annotations

import io
import itertools
import re
import zipfile
from collections.abc import Sequence
from typing import IO

from clvcore.ingest.raw import damaged
from clvcore.records.errors import ReadError

MAX_PARTS = 1_000
MAX_TAGS = 40_000
MAX_UNPACKED_BYTES = 300 * 2**20
MAX_RATIO = 100
RATIO_FROM_BYTES = 2 * 2**20
MAX_AUXILIARY_BYTES = 8 * 2**20
STRINGS_FROM_BYTES = 20 * 2**20
STRINGS_PER_SHEETS = 10
SHEETS, STRINGS = "xl/worksheets/", "xl/sharedStrings.xml"
ARCHIVES = (".zip", ".xlsx", ".xlsm", ".gz", ".7z", ".rar", ".bz2", ".xz")
ENCRYPTED = 0x1
# its number stands in it, so that the rows below keep theirs without it
BLANK_ROW = re.compile(
    rb"<(?:\w+:)?row(?=\s)(?=[^<>]*\sr=\")[^<>]*"
    rb"(?:/>|(?<!/)>(?:<(?:\w+:)?c\s[^<>]*/>)*</(?:\w+:)?row>)"
)
DOCUMENTS = {
    "mimetype": "an OpenDocument file",
    "word/document.xml": "a Word document",
    "ppt/presentation.xml": "a presentation",
    "xl/workbook.bin": "a binary workbook (.xlsb); save it as .xlsx",
    "Index/Document.iwa": "a Numbers document; export it as CSV",
}


def is_workbook(data: bytes) -> bool:
    """Tell a workbook from an archive of files.

    Raises
    ------
    ReadError
        If the container is damaged, locked, or another kind of document.
    """
    parts = _parts(data)
    if any(part.flag_bits & ENCRYPTED for part in parts):
        raise _unsupported("locked with a password")
    names = {part.filename for part in parts}
    for mark, what in DOCUMENTS.items():
        if mark in names:
            raise _unsupported(what)
    return "xl/workbook.xml" in names


def check_container(data: bytes) -> None:
    """Refuse a workbook that hides far more than it shows.

    Its directory states how large each part is; reading stops there should a part be larger.

    Raises
    ------
    ReadError
        If the container is damaged or too large.
    """
    parts = _parts(data)
    if len(parts) > MAX_PARTS or _hides(parts) or overlap(parts) or _lopsided(parts):
        raise workbook_too_large()


def _parts(data: bytes) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            return container.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise damaged() from error


class Guarded:
    """A sheet's XML on its way to the parser, which holds each row, however long, as a whole.

    Rows that are formatted and blank, of which there can be a million behind the table, are left
    out on the way.

    Parameters
    ----------
    source
        The part, open for reading.
    """

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._tags = 0

    def read(self, size: int = -1) -> bytes:
        """Read on, past blank rows; raises ReadError if no row has ended for 40,000 tags."""
        while piece := self._source.read(size):
            kept, blank = BLANK_ROW.subn(b"", piece)
            self._tags = 0 if blank or b"row>" in kept else self._tags + kept.count(b"<")
            if self._tags > MAX_TAGS:
                raise workbook_too_large()
            if kept:
                return kept
        return b""


def workbook_too_large() -> ReadError:
    """Say that a workbook is larger inside than it looks."""
    return ReadError(
        "WORKBOOK_TOO_LARGE",
        "The workbook unpacks to more than can be read safely. Save the sheet with the orders "
        "as CSV and give that file.",
    )


def _hides(parts: Sequence[zipfile.ZipInfo]) -> bool:
    """Tell whether the parts are far larger unpacked, or are archives themselves."""
    return sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES or any(
        part.filename.lower().endswith(ARCHIVES)
        or (
            part.file_size > RATIO_FROM_BYTES
            and part.file_size > MAX_RATIO * max(part.compress_size, 1)
        )
        for part in parts
    )


def overlap(parts: Sequence[zipfile.ZipInfo]) -> bool:
    """Tell whether two parts share bytes: one kernel then unpacks many times."""
    placed = sorted(parts, key=lambda part: part.header_offset)
    return any(
        one.header_offset + one.compress_size > other.header_offset
        for one, other in itertools.pairwise(placed)
    )


def _lopsided(parts: Sequence[zipfile.ZipInfo]) -> bool:
    """Tell whether parts that are read in one piece are large beside the sheets.

    Styles, relations and the like take some kilobytes; a text in the list of shared ones is there
    because a cell shows it.
    """
    sheets = sum(part.file_size for part in parts if part.filename.startswith(SHEETS))
    strings = sum(part.file_size for part in parts if part.filename == STRINGS)
    auxiliary = (
        part.file_size
        for part in parts
        if part.filename.endswith((".xml", ".rels"))
        and not part.filename.startswith(SHEETS)
        and part.filename != STRINGS
        and not part.filename.startswith(("xl/media/", "xl/pivot", "xl/drawings/"))
    )
    return sum(auxiliary) > MAX_AUXILIARY_BYTES or strings > max(
        STRINGS_FROM_BYTES, STRINGS_PER_SHEETS * sheets
    )


def _unsupported(what: str) -> ReadError:
    return ReadError(
        "UNSUPPORTED_FORMAT",
        "The file is {what}. Give a CSV, TSV, XLSX or Parquet file.",
        what=what,
    )
