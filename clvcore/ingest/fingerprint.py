"""A name for what the lines say, whatever file they came from and however they were sorted."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.columns import AMOUNT, CUSTOMER, DATE, ORDER

Ints = npt.NDArray[np.int64]


def content_hash(lines: pa.Table, attributes: tuple[str, ...] = ()) -> str:
    """Return the SHA-256 of the lines' customer, day, amount, order and attributes.

    Equal for the same lines in any order and from any file format. Every column goes in as its
    sorted distinct values and, per line, the rank among them; lines are sorted by those ranks.
    """
    digest = hashlib.sha256()
    ranks = []
    for name in (CUSTOMER, DATE, AMOUNT, ORDER, *sorted(attributes)):
        if name not in lines.column_names:
            continue
        values, rank = _ranked(lines[name])
        if name in attributes:
            values = _framed(name) + values
        elif name == ORDER and (rank < 0).all():
            continue  # no order ids is the same as a column of blank ones
        digest.update(_framed(name) + values)
        ranks.append(rank)
    order = np.argsort(_combined(ranks))
    for rank in ranks:
        digest.update(rank[order].astype("<i8").tobytes())
    return digest.hexdigest()


def _combined(ranks: list[Ints]) -> Ints:
    """Return one number per line that sorts as its ranks do, the first one first."""
    key, size = np.zeros(ranks[0].size, dtype=np.int64), 1
    for rank in ranks:
        choices = int(rank.max()) + 2  # -1 is one of them
        if size * choices > 2**62:
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
            size = int(key.max()) + 1
        key, size = key * choices + rank + 1, size * choices
    return key


def _ranked(column: pa.ChunkedArray) -> tuple[bytes, Ints]:
    """Return the sorted distinct values as bytes, and each row's rank among them (-1: null)."""
    encoded = pc.dictionary_encode(column.combine_chunks())
    order = pc.sort_indices(encoded.dictionary).to_numpy()
    rank = np.empty(order.size + 1, dtype=np.int64)
    rank[order] = np.arange(order.size)
    rank[-1] = -1
    values = encoded.dictionary.take(pa.array(order))
    if pa.types.is_string(values.type):
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
