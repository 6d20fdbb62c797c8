"""Bytes to text: byte order mark, then strict UTF-8, then UTF-16, then an older one."""

from __future__ import annotations

import codecs
import re

from clvcore.ingest.container.charsets import beyond_ascii, likely_encoding
from clvcore.records.errors import Notice, ReadError

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f]")
WINDOWS_ONLY = re.compile(rb"[\x80-\x9f]")
UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
PROBE = 65_536  # bytes looked at
# plain text in UTF-16 has a NUL in nearly every pair, always on one side: ours to choose
NULS_OF_UTF16 = 0.1  # least share of the probe's bytes
ONE_SIDED = 4  # times as many on that side as on the other
MAX_MIXED_LINES = 2_000_000


def to_utf8(data: bytes) -> tuple[bytes, str, tuple[Notice, ...]]:
    """Return ``data`` as UTF-8 without a mark, the encoding it had, and a doubt if it was guessed.

    Raises
    ------
    ReadError
        If the bytes are no text.
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return _recode(data[len(mark) :], encoding), encoding, ()
    probe = data[:PROBE]
    if probe.count(0) > len(probe) / 100:
        encoding = _wide(probe)
        return _recode(data, encoding), encoding, ()
    if len(CONTROL.findall(probe)) > len(probe) / 100:
        raise _not_text()
    try:
        data.decode("utf-8")
        return data, "utf-8", ()
    except UnicodeDecodeError:
        return _older(data)


def _older(data: bytes) -> tuple[bytes, str, tuple[Notice, ...]]:
    """Read what is no UTF-8: in some lines only, or in an older encoding throughout."""
    if data.count(b"\n") < MAX_MIXED_LINES and (mixed := _mixed(data)):
        return mixed
    encoding = _encoding(data)
    return _recode(data, encoding), encoding, (_guessed(encoding),)


def _mixed(data: bytes) -> tuple[bytes, str, tuple[Notice, ...]] | None:
    """Read UTF-8 in which some lines are older, as files have that were put together; or None."""
    some = beyond_ascii(data).splitlines()
    if sum(map(_is_utf8, some)) < len(some) / 2:
        return None
    lines = data.split(b"\n")
    wrong = [number for number, line in enumerate(lines) if not _is_utf8(line)]
    encoding = _encoding(b"\n".join(lines[number] for number in wrong))
    for number in wrong:
        lines[number] = _recode(lines[number], encoding)
    notice = Notice(
        "ENCODING_MIXED",
        "{lines:,} lines are not UTF-8 as the others are; told by their letters, they were read "
        "as {encoding}. If names look wrong there, export all lines in one encoding.",
        lines=len(wrong), encoding=encoding,
    )  # fmt: skip
    return b"\n".join(lines), "utf-8", (notice,)


def _encoding(data: bytes) -> str:
    """Tell the encoding from the letters; where none fits, the one that takes any byte."""
    encoding = likely_encoding(data) or "cp1252"
    if encoding != "cp1252":
        return encoding
    # Western Windows writes a euro or a curly quote as 0x80 to 0x9f, which Latin-1 has not
    high = WINDOWS_ONLY.search(data) is not None
    return "cp1252" if high and not UNDEFINED.search(data) else "latin-1"


def _is_utf8(line: bytes) -> bool:
    if line.isascii():
        return True
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _guessed(encoding: str) -> Notice:
    return Notice(
        "ENCODING_GUESSED",
        "The file is not UTF-8; told by its letters, it was read as {encoding}. If names look "
        "wrong, save the file as UTF-8 and read it again.",
        encoding=encoding,
    )


def _wide(probe: bytes) -> str:
    """Tell the byte order of UTF-16 without a mark: digits and commas have a NUL in each pair."""
    even, odd = probe[0::2].count(0), probe[1::2].count(0)
    if odd > ONE_SIDED * even and odd > NULS_OF_UTF16 * len(probe):
        return "utf-16-le"
    if even > ONE_SIDED * odd and even > NULS_OF_UTF16 * len(probe):
        return "utf-16-be"
    raise _not_text()


def _recode(data: bytes, encoding: str) -> bytes:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ReadError(
            "UNREADABLE_FILE",
            "The file breaks off or is damaged: byte {position:,} is not valid {encoding}. Export "
            "it again, as CSV in UTF-8.",
            position=error.start + 1, encoding=encoding,
        ) from None  # fmt: skip
    return data if encoding == "utf-8" else text.encode("utf-8")


def _not_text() -> ReadError:
    return ReadError(
        "NOT_A_TABLE",
        "The file holds binary data, not a table. Give a CSV, TSV, XLSX or Parquet file.",
    )
