"""Text columns as their distinct values: each value is looked at once, however often it occurs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Distinct:
    """The distinct texts of a column, and which of them each row holds.

    ``texts`` has shape (values,), no null; ``place`` has shape (rows,), -1 where the cell is
    blank; ``rows`` has shape (values,) and says how many rows hold each text, ``spellings`` in how
    many ways, counting the spaces around it. ``labels`` counts the values as they stand, blank
    ones too. ``lines``, of shape (rows,), are those of the file.
    """

    texts: pa.Array
    place: Ints
    rows: Ints
    spellings: Ints
    labels: int
    lines: pa.Array | None = None

    def line(self, value: int) -> int:
        """Return the line on which a value stands first, the row's number where none is known."""
        row = int((self.place == value).argmax())
        return int(self.lines[row].as_py()) if self.lines is not None else row + 1


def first_cell(column: pa.ChunkedArray, lines: pa.Array | None) -> tuple[str, int]:
    """Return the first cell that is not blank, as text, and its line."""
    row = next((row for row, cell in enumerate(column) if cell.is_valid), 0)
    line = int(lines[row].as_py()) if lines is not None else row + 1
    return str(column[row].as_py()), line


def distinct_texts(column: pa.ChunkedArray, lines: pa.Array | None = None) -> Distinct:
    """Reduce a text column to its distinct values, trimmed; cells of spaces alone are blank."""
    encoded = pc.dictionary_encode(column.cast(pa.string()).combine_chunks())
    place = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    raw = encoded.dictionary
    trimmed = pc.utf8_trim_whitespace(raw)
    texts, spellings = raw, np.ones(len(raw), dtype=np.int64)
    if not trimmed.equals(raw) or pc.any(pc.equal(raw, "")).as_py():
        again = pc.dictionary_encode(pc.if_else(pc.equal(trimmed, ""), None, trimmed))
        onto = again.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        place = np.append(onto, -1)[place]
        texts, spellings = again.dictionary, _counts(onto, len(again.dictionary))
    return Distinct(
        texts=texts,
        place=place,
        rows=_counts(place, len(texts)),
        spellings=spellings,
        labels=len(raw),
        lines=lines,
    )


def _counts(place: Ints, values: int) -> Ints:
    return np.bincount(place[place >= 0], minlength=values).astype(np.int64)


def is_text(kind: pa.DataType) -> bool:
    """Tell whether a column holds text."""
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )
