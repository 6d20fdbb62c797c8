"""A name for what the lines say, whatever file they came from and however they were sorted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.arrays.numbering import Numbering, sorted_places
from clvcore.records.columns import AMOUNT, CUSTOMER, DATE, ORDER

Ints = npt.NDArray[np.int64]
Ranks = npt.NDArray[np.integer]

MOST_BITS = 62


def content_hash(
    lines: pa.Table, attributes: tuple[str, ...] = (), numbering: Numbering | None = None
) -> str:
    """Return the SHA-256 of the lines' customer, day, amount, order and attributes.

    Equal for the same lines in any order and from any file format. Every column goes in as its
    sorted distinct values and, per line, the rank among them; lines are sorted by those ranks.
    ``numbering`` spares the customers' ranks where they are known.
    """
    digest = hashlib.sha256()
    ranks: list[Ranks] = []
    values: bytes
    rank: Ranks
    for name in (CUSTOMER, DATE, AMOUNT, ORDER, *sorted(attributes)):
        if name not in lines.column_names:
            continue
        if name == CUSTOMER and numbering is not None:
            values, rank = _all_framed(numbering.ids), numbering.customer
        else:
            values, rank = _ranked(lines[name])
        if name in attributes:
            values = _framed(name) + values
        elif name == ORDER and (rank < 0).all():
            continue  # no order ids is the same as a column of blank ones
        digest.update(_framed(name) + values)
        ranks.append(rank)
    for ordered in _sorted(ranks):
        digest.update(ordered)
    return digest.hexdigest()


def _sorted(ranks: list[Ranks]) -> Iterator[bytes]:
    """Yield each of the ranks as bytes, all in the order of the first, then the second, and so on.

    Where they fit into one number it is sorted by itself and taken apart again, which is far
    faster than to look up its order.
    """
    widths = [int(rank.max() + 1).bit_length() for rank in ranks]  # -1 is one of them
    if sum(widths) > MOST_BITS:
        order = np.argsort(_combined(ranks))
        for rank in ranks:
            yield rank[order].astype("<i8").tobytes()
        return
    key = np.zeros(ranks[0].size, dtype=np.int64)
    for rank, width in zip(ranks, widths, strict=True):
        key <<= width
        key += rank
        key += 1
    key.sort()
    left = sum(widths)
    for width in widths:
        left -= width
        yield (((key >> left) & ((1 << width) - 1)) - 1).astype("<i8", copy=False).tobytes()


def _combined(ranks: list[Ranks]) -> Ints:
    """Return one number per line that sorts as its ranks do, the first one first."""
    key, size = np.zeros(ranks[0].size, dtype=np.int64), 1
    for rank in ranks:
        choices = int(rank.max()) + 2  # -1 is one of them
        if size * choices > 2**MOST_BITS:
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
            size = int(key.max()) + 1
        key, size = key * choices + rank + 1, size * choices
    return key


def _ranked(column: pa.ChunkedArray) -> tuple[bytes, Ints]:
    """Return the sorted distinct values as bytes, and each row's rank among them (-1: null)."""
    encoded = pc.dictionary_encode(column.combine_chunks())
    texts = pa.types.is_string(encoded.dictionary.type)
    sort = sorted_places if texts else pc.sort_indices
    order = np.asarray(sort(encoded.dictionary))
    rank = np.empty(order.size + 1, dtype=np.int64)
    rank[order] = np.arange(order.size)
    rank[-1] = -1
    values = encoded.dictionary.take(pa.array(order))
    if texts:
        content = _all_framed(values)
    else:
        content = np.ascontiguousarray(values.to_numpy(zero_copy_only=False)).tobytes()
    place = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return content, rank[place]


def _all_framed(texts: pa.Array) -> bytes:
    """Return ``_framed`` of every text, one behind the other, without a loop over them."""
    if not len(texts):
        return b""
    texts = texts.cast(pa.large_string())
    _, offsets, content = texts.buffers()
    bounds = np.frombuffer(offsets, np.int64)[texts.offset :][: len(texts) + 1]
    letters = np.frombuffer(content, np.uint8)[bounds[0] : bounds[-1]]
    bounds = bounds - bounds[0]
    heads = (bounds[:-1] + 8 * np.arange(len(texts)))[:, None] + np.arange(8)
    framed = np.empty(letters.size + heads.size, dtype=np.uint8)
    is_letter = np.ones(framed.size, dtype=bool)
    is_letter[heads.ravel()] = False
    framed[heads.ravel()] = np.diff(bounds).astype("<i8").view(np.uint8)
    framed[is_letter] = letters
    return framed.tobytes()


def _framed(text: str) -> bytes:
    """Return a text preceded by its length, so that neighbors cannot run together."""
    encoded = text.encode("utf-8")
    return len(encoded).to_bytes(8, "little") + encoded
