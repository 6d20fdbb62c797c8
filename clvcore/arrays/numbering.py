"""Texts as numbers that sort as they do: ids are compared once, from then on numbers are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.records.columns import KEPT

Numbers = npt.NDArray[np.int32]
Ints = npt.NDArray[np.int64]

MOST_LETTERS = 40
ROOM = 2**63


@dataclass(frozen=True, eq=False, kw_only=True)
class Numbering:
    """The customers of a table of lines.

    Parameters
    ----------
    lines
        The table whose rows are numbered; for any other one these numbers mean nothing.
    ids
        Its customer ids, sorted, each once.
    customer
        Shape (lines,): the line's id is ``ids[customer]``.
    """

    lines: pa.Table
    ids: pa.Array
    customer: Numbers

    @classmethod
    def of(cls, lines: pa.Table, ids: pa.Array, place: npt.NDArray[np.integer]) -> Numbering:
        """Give each line its number, from distinct ids in any order and its place among them."""
        used = np.bincount(place, minlength=len(ids)) > 0
        if not used.all():
            place = (np.cumsum(used) - 1)[place]
            ids = ids.filter(pa.array(used))
        order = sorted_places(ids)
        return cls(lines=lines, ids=ids.take(pa.array(order)), customer=_ranks(order)[place])

    def buyers(self) -> int:
        """Return the number of customers with a line that counts."""
        kept = self.lines[KEPT].to_numpy()
        if kept.all():
            return len(self.ids)
        return int(np.count_nonzero(np.bincount(self.customer[kept])))

    def rows(self) -> Ints:
        """Return how many lines each id has, shape (ids,)."""
        return np.bincount(self.customer, minlength=len(self.ids))


def numbered(column: pa.ChunkedArray) -> tuple[pa.Array, Numbers]:
    """Return the sorted distinct texts and each row's rank; nulls come after the last."""
    encoded = pc.dictionary_encode(column.combine_chunks())
    order = sorted_places(encoded.dictionary)
    rank = np.append(_ranks(order), np.int32(order.size))
    place = encoded.indices.fill_null(order.size).to_numpy()
    return encoded.dictionary.take(pa.array(order)), rank[place]


def sorted_places(texts: pa.Array) -> Ints:
    """Return the order in which distinct texts are sorted by their bytes, as Arrow sorts them."""
    letters = _letters(texts)
    if letters is None:
        order: Ints = pc.sort_indices(texts).to_numpy().astype(np.int64)
        return order
    keys = _packed(letters)
    if len(keys) == 1:
        return np.argsort(keys[0])
    return np.lexsort(keys[::-1])


def _ranks(order: Ints) -> Numbers:
    rank = np.empty(order.size, dtype=np.int32)
    rank[order] = np.arange(order.size, dtype=np.int32)
    return rank


def _letters(texts: pa.Array) -> list[npt.NDArray[np.uint8]] | None:
    """Return the n-th byte of every text for each n, 0 behind its end; None where that is much."""
    if not len(texts):
        return None
    texts = texts.cast(pa.large_string())
    _, offsets, buffer = texts.buffers()
    bounds = np.frombuffer(offsets, np.int64)[texts.offset :][: len(texts) + 1]
    starts, lengths = bounds[:-1], np.diff(bounds)
    longest = int(lengths.max())
    if buffer is None or not 0 < longest <= MOST_LETTERS:
        return None
    content = np.frombuffer(buffer, np.uint8)
    if not content[bounds[0] : bounds[-1]].all():
        return None  # a 0 within a text would look like its end
    letters, shortest = [], int(lengths.min())
    for place in range(longest):
        if place < shortest:
            letters.append(content[starts + place])
        else:
            inside = np.flatnonzero(lengths > place)
            column = np.zeros(len(texts), dtype=np.uint8)
            column[inside] = content[starts[inside] + place]
            letters.append(column)
    return letters


def _packed(letters: list[npt.NDArray[np.uint8]]) -> list[Ints]:
    """Pack columns of bytes into as few numbers as sort alike; those that never vary are left out.

    Nine digits are one number, whatever stands before them in every id.
    """
    keys, choices = [np.zeros(letters[0].size, dtype=np.int64)], 1
    for column in letters:
        low = int(column.min())
        different = int(column.max()) - low + 1
        if different == 1:
            continue
        if choices * different > ROOM:
            keys.append(np.zeros(column.size, dtype=np.int64))
            choices = 1
        keys[-1] *= different
        keys[-1] += column - np.uint8(low)
        choices *= different
    return keys
