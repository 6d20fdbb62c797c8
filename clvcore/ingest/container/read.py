"""Any source of orders to a raw table; what it is is told by its first bytes, never by its name."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

import pandas as pd
import pyarrow as pa

from clvcore.ingest.container.archive import read_archive
from clvcore.ingest.container.columnar import read_arrow, read_frame, read_parquet
from clvcore.ingest.container.delimited import read_delimited
from clvcore.ingest.container.folder import read_folder
from clvcore.ingest.container.layout import Layout
from clvcore.ingest.container.packed import GZIP, unpack
from clvcore.ingest.container.unpacking import is_workbook
from clvcore.ingest.raw import MAX_BYTES, RawTable
from clvcore.records.errors import ReadError

Source: TypeAlias = str | Path | bytes | pd.DataFrame | pa.Table

FOREIGN = (
    (b"\xd0\xcf\x11\xe0", "an old Excel file (.xls) or a workbook with a password"),
    (b"BZh", "compressed (bzip2); unpack it first"),
    (b"\xfd7zXZ", "compressed (xz); unpack it first"),
    (b"\x28\xb5\x2f\xfd", "compressed (zstd); unpack it first"),
    (b"7z\xbc\xaf", "a 7-Zip archive; unpack it first"),
    (b"Rar!", "a RAR archive; unpack it first"),
    (b"%PDF", "a PDF document"),
    (b"ARROW1", "an Arrow or Feather file"),
    (b"SQLite format 3", "a SQLite database"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
MARKUP = (
    ((b"<!doctype", b"<html", b"<table", b"<?xml"), "a web page or XML, whatever its name says"),
    ((b"{", b"[{", b"[["), "JSON"),
)


def read_raw(
    source: Source,
    *,
    name: str | None = None,
    header_row: int | None = None,
    sheet: str | None = None,
) -> RawTable:
    """Read CSV, TSV, XLSX or Parquet bytes, a path to such a file, a frame or an Arrow table.

    A folder is read as one table in several Parquet files. Text may be packed with gzip, and may
    have blanks between its columns and no line that names them. A ZIP archive may hold one table,
    or several with the same columns.

    Parameters
    ----------
    source
        A ``str`` is a path on this machine, never an address or the text itself.
    name
        What to call the source in a message; default the file's name.
    header_row
        Line (row of a sheet) that names the columns, from 1; 0: none does. Default: searched for.
    sheet
        Sheet of a workbook, or file of an archive, to read. Default: the one that looks most like
        orders, joined with all others of its shape.

    Raises
    ------
    ConfigError
        If ``header_row`` or ``sheet`` is none.
    ReadError
        If there is no file, or no table in it; the message says what it is instead.
    """
    layout = Layout(header_row=header_row, sheet=sheet)
    if isinstance(source, pd.DataFrame | pa.Table):
        layout.refuse_for("a frame")
        return read_frame(source) if isinstance(source, pd.DataFrame) else read_arrow(source)
    if isinstance(source, str | Path) and Path(source).is_dir():
        layout.refuse_for("a folder of Parquet files")
        return read_folder(Path(source))
    data = _bytes(source, name)
    if data.startswith(b"PK") and not is_workbook(data):
        return read_archive(data, layout, _read_within)
    return _read_bytes(data, layout)


def _read_within(data: bytes, layout: Layout) -> RawTable:
    """Read a file of an archive; what is packed once more is refused."""
    if data.startswith(GZIP) or (data.startswith(b"PK") and not is_workbook(data)):
        raise _unsupported("an archive in an archive; unpack it first")
    return _read_bytes(data, layout)


def _read_bytes(data: bytes, layout: Layout) -> RawTable:
    if not data.strip():
        raise ReadError("EMPTY_FILE", "The file is empty. Export the orders again.")
    if data.startswith(b"PAR1"):
        layout.refuse_for("a Parquet file")
        return read_parquet(data)
    if data.startswith(b"PK"):
        from clvcore.ingest.container.workbook import (
            read_workbook,  # with openpyxl: few files need it
        )

        return read_workbook(data, layout)
    if data.startswith(GZIP):
        return read_delimited(_unpacked(data), layout)
    _refuse_foreign(data)
    return read_delimited(data, layout)


def _unpacked(data: bytes) -> bytes:
    """Unpack a gzip file that holds text; another archive or workbook in it is refused."""
    text = unpack(data)
    if text.startswith((GZIP, b"PK", b"PAR1")):
        what = "packed with gzip though it is no text; unpack it first"
        raise _unsupported(what)
    _refuse_foreign(text)
    return text


def _bytes(source: str | Path | bytes, name: str | None) -> bytes:
    if isinstance(source, bytes | bytearray | memoryview):
        data = bytes(source)
    else:
        path = Path(source)
        name = name or path.name
        if not path.is_file():
            raise ReadError(
                "FILE_NOT_FOUND",
                "There is no file {name!r}. Check the path and the spelling.",
                name=name,
            )
        if path.stat().st_size > MAX_BYTES:
            raise _too_large()
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ReadError(
                "UNREADABLE_FILE",
                "The file {name!r} cannot be opened: {reason}. Check its permissions.",
                name=name, reason=error.strerror or "unknown reason",
            ) from None  # fmt: skip
    if len(data) > MAX_BYTES:
        raise _too_large()
    return data


def _refuse_foreign(data: bytes) -> None:
    what = next((what for magic, what in FOREIGN if data.startswith(magic)), None)
    start = data[:64].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    what = what or next((what for marks, what in MARKUP if start.startswith(marks)), None)
    if what:
        raise _unsupported(what)


def _unsupported(what: str) -> ReadError:
    return ReadError(
        "UNSUPPORTED_FORMAT",
        "The file is {what}. Give a CSV, TSV, XLSX or Parquet file.",
        what=what,
    )


def _too_large() -> ReadError:
    return ReadError(
        "FILE_TOO_LARGE",
        "The file is larger than {limit} GB. Keep only the columns for customer, date, amount and "
        "order, or save it as Parquet.",
        limit=MAX_BYTES // 2**30,
    )
