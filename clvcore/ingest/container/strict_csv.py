"""The strict reader of CSV: record by record, and a quote never closed costs one line only."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.ingest.container.dialect import NEWLINE, Dialect, Ints
from clvcore.ingest.raw import check_rows

CHUNK = 5_000
BROKEN = 2**31
HOPELESS = 50_000

Record = tuple[int, list[str], bool]


@dataclass(frozen=True, eq=False, kw_only=True)
class Found:
    """The rows of a text table, cut or padded to the header's width.

    ``lines`` and ``widths`` have shape (rows,): where each row began, and how many cells it had
    (without empty ones past the header's width).
    """

    table: pa.Table
    lines: pa.Array
    widths: Ints


def read_strictly(text: bytes, dialect: Dialect, names: list[str]) -> Found:
    """Read every record below the header; a line that a stray quote broke counts as too wide."""
    width = len(names)
    chunks: list[pa.Table] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    widths: list[int] = []
    source = _Lines(text)
    start = int(dialect.lines[dialect.header + 1]) - 1
    for line, cells, broken in _records(source, start, dialect.delimiter, width):
        row, cell_count = fitted(cells, width)
        lines.append(line)
        widths.append(BROKEN if broken else cell_count)
        rows.append(row)
        if len(rows) == CHUNK:
            check_rows(len(lines))
            if len(lines) >= HOPELESS and width not in widths:
                break  # a header of another table, or a quote never closed
            chunks.append(text_table(rows, names))
            rows = []
    chunks.append(text_table(rows, names))
    return Found(
        table=pa.concat_tables(chunks),
        lines=pa.array(lines, pa.int64()),
        widths=np.array(widths, dtype=np.int64),
    )


def fitted(cells: list[str], width: int) -> tuple[list[str], int]:
    """Cut or pad a row to ``width``; also return its cells, without empty ones past ``width``."""
    if len(cells) == width:
        return cells, width
    while len(cells) > width and not cells[-1]:
        cells.pop()
    return (cells + [""] * (width - len(cells)))[:width], len(cells)


def text_table(rows: list[list[str]], names: list[str]) -> pa.Table:
    """Turn rows of equal width into text columns, null where a cell is empty."""
    columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    columns = columns or [pa.array([], pa.string()) for _ in names]
    empty = pa.scalar(None, pa.string())
    return pa.table([pc.if_else(pc.equal(c, ""), empty, c) for c in columns], names=names)


class _Lines:
    """The physical lines of a text, decoded one by one: as a list they would take far more."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        ends = np.flatnonzero(np.frombuffer(text, np.uint8) == NEWLINE) + 1
        self._starts = np.append(0, ends if text.endswith(b"\n") else np.append(ends, len(text)))

    def __len__(self) -> int:
        return self._starts.size - 1

    def __getitem__(self, line: int) -> str:
        return self._text[self._starts[line] : self._starts[line + 1]].decode("utf-8")


def _records(source: _Lines, start: int, delimiter: str, width: int) -> Iterator[Record]:
    """Yield (line, cells, broken) from ``source[start]`` on, blank lines left out.

    A record over several lines that looks as if a stray quote made it is given back line by line:
    its first one as broken, and reading goes on with the next.
    """
    while start < len(source):
        rest = (source[number] for number in range(start, len(source)))
        reader = csv.reader(rest, delimiter=delimiter, skipinitialspace=True)
        used = 0
        while True:
            try:
                cells = next(reader, None)
            except csv.Error:  # a cell of more than 131,072 characters: a quote never closed
                break
            if cells is None:
                return
            if reader.line_num - used > 1:
                taken = [source[line] for line in range(start + used, start + reader.line_num)]
                if swallowed(cells, taken, delimiter, width):
                    break
            if cells:
                yield start + used + 1, cells, False
            used = reader.line_num
        start += used
        yield start + 1, source[start].rstrip("\r\n").split(delimiter), True
        start += 1


def swallowed(cells: list[str], taken: list[str], delimiter: str, width: int) -> bool:
    """Tell whether a record over the lines ``taken`` is the work of a stray quote.

    It has the wrong width, holds what looks like a whole record within a cell, or its quote is
    never closed.
    """
    if len(cells) != width:
        return True
    inner = (line for cell in cells for line in cell.split("\n")[1:-1])
    if any(line.count(delimiter) >= width - 1 for line in inner):
        return True
    try:
        list(csv.reader(taken, delimiter=delimiter, skipinitialspace=True, strict=True))
    except csv.Error as error:
        return "end of data" in str(error)
    return False
