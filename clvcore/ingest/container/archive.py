"""A ZIP archive with orders in it: one file, or several of one shape; never an archive within."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from clvcore.ingest.container.header_search import roles_named
from clvcore.ingest.container.layout import Layout, sheet_missing
from clvcore.ingest.container.packed import bomb, most_bytes
from clvcore.ingest.container.sheets import SAID, joined, left_out
from clvcore.ingest.container.unpacking import overlap
from clvcore.ingest.raw import UNNAMED, RawTable, damaged
from clvcore.records.errors import ReadError

MAX_FILES = 200
ASIDE = "__MACOSX"  # what one system puts beside the files

Reader = Callable[[bytes, Layout], RawTable]


def read_archive(data: bytes, layout: Layout, read: Reader) -> RawTable:
    """Read the file with the orders, or all files with the same columns as one table.

    Parameters
    ----------
    layout
        Its ``sheet`` names the file to read or, of an archive of one workbook, the sheet.
    read
        Reads the bytes of one file; refuses another archive.

    Raises
    ------
    ReadError
        If the archive is damaged or larger inside than a table of orders; if no file holds a
        table, or several hold different ones.
    """
    files = _files(data)
    if len(files) == 1:
        ((title, content),) = files.items()
        alone = replace(layout, sheet=None) if layout.sheet == title else layout
        return read(content, alone)
    titles = tuple(files)
    chosen = titles if layout.sheet is None else (_named(layout.sheet, titles),)
    tables: dict[str, RawTable] = {}
    refusals: list[ReadError] = []
    for title in chosen:
        try:
            tables[title] = read(files[title], replace(layout, sheet=None))
        except ReadError as error:
            refusals.append(error)
    if not tables:
        raise refusals[0] if len(refusals) == 1 else _nothing(titles)
    kept = _of_one_shape(tables)
    table = joined([tables[title] for title in kept], kept)
    others = [title for title in titles if title not in kept] if layout.sheet is None else []
    return replace(table, sheets=titles, notices=left_out(kept, others) + table.notices)


def _files(data: bytes) -> dict[str, bytes]:
    """Unpack every file; its directory states how large each is, and reading stops there."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [part for part in archive.infolist() if _is_file(part)]
            if len(parts) > MAX_FILES or overlap(archive.infolist()):
                raise bomb()
            if sum(part.file_size for part in parts) > most_bytes(len(data)):
                raise bomb()
            files = {part.filename: archive.read(part) for part in parts}
    except NotImplementedError as error:
        raise ReadError(
            "UNSUPPORTED_FORMAT",
            "The file is {what}. Give a CSV, TSV, XLSX or Parquet file.",
            what="a ZIP archive packed in a way that cannot be read; unpack it first",
        ) from error
    except (zipfile.BadZipFile, OSError, ValueError, EOFError) as error:
        raise damaged() from error
    if not files:
        raise ReadError("EMPTY_FILE", "The file is empty. Export the orders again.")
    return files


def _is_file(part: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(part.filename)
    return not part.is_dir() and ASIDE not in path.parts and not path.name.startswith(".")


def _named(file: str, titles: Sequence[str]) -> str:
    """Return the file that was asked for, by its whole name or by the part behind its folders."""
    found = [title for title in titles if file in (title, PurePosixPath(title).name)]
    if len(found) != 1:
        raise sheet_missing(file, titles)
    return found[0]


def _of_one_shape(tables: dict[str, RawTable]) -> list[str]:
    """Return the tables with the orders.

    Raises
    ------
    ReadError
        ``SEVERAL_FILES`` if tables of different shapes name nearly as much of what orders have.
    """
    roles = {title: _roles(table) for title, table in tables.items()}
    rivals = [title for title, count in roles.items() if count >= max(roles.values()) - 1]
    shapes = {title: _shape(tables[title]) for title in rivals}
    if len(set(shapes.values())) > 1:
        raise ReadError(
            "SEVERAL_FILES",
            "The archive holds several tables with different columns: {names}. Name the one with "
            "the orders as the sheet to read, or give that file alone.",
            names=", ".join(list(tables)[:SAID]),
        )
    return rivals


def _roles(table: RawTable) -> int:
    return roles_named(table.columns) if table.header_row != 0 else 0


def _shape(table: RawTable) -> frozenset[str] | int:
    """Return the names of the columns, or how many there are where they have none."""
    names = frozenset(n.casefold() for n in table.columns if not n.startswith(UNNAMED))
    return names or len(table.columns)


def _nothing(titles: Sequence[str]) -> ReadError:
    return ReadError(
        "NO_TABLE_IN_ARCHIVE",
        "None of the {files} files in the archive holds a table of orders: {names}. Unpack it "
        "and give the file with the orders.",
        files=len(titles), names=", ".join(titles[:SAID]),
    )  # fmt: skip
