"""Bytes to text: byte order mark, then strict UTF-8, then UTF-16, then a Western one."""

from __future__ import annotations

import codecs
import re

from clvcore.errors import Notice, ReadError

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
PROBE = 65_536


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
        encoding = _western(data)
        return _recode(data, encoding), encoding, (_guessed(encoding),)


def _western(data: bytes) -> str:
    """Tell Western Windows, which writes a euro or a curly quote as 0x80 to 0x9f, from Latin-1."""
    high = WINDOWS_ONLY.search(data) is not None
    return "cp1252" if high and not UNDEFINED.search(data) else "latin-1"


def _guessed(encoding: str) -> Notice:
    return Notice(
        "ENCODING_GUESSED",
        "The file is not UTF-8; it was read as Western text ({encoding}). If names look wrong, "
        "save the file as UTF-8 and read it again.",
        encoding=encoding,
    )


def _wide(probe: bytes) -> str:
    """Tell the byte order of UTF-16 without a mark: digits and commas have a NUL in each pair."""
    even, odd = probe[0::2].count(0), probe[1::2].count(0)
    if odd > 4 * even and odd > 0.1 * len(probe):
        return "utf-16-le"
    if even > 4 * odd and even > 0.1 * len(probe):
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
