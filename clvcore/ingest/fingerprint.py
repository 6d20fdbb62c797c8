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
    order = np.lexsort(ranks[::-1])
    for rank in ranks:
        digest.update(rank[order].astype("<i8").tobytes())
    return digest.hexdigest()


def _ranked(column: pa.ChunkedArray) -> tuple[bytes, Ints]:
    """Return the sorted distinct values as bytes, and each row's rank among them (-1: null)."""
    encoded = pc.dictionary_encode(column.combine_chunks())
    order = pc.sort_indices(encoded.dictionary).to_numpy()
    rank = np.empty(order.size + 1, dtype=np.int64)
    rank[order] = np.arange(order.size)
    rank[-1] = -1
    values = encoded.dictionary.take(pa.array(order))
    if pa.types.is_string(values.type):
        content = b"".join(_framed(text) for text in values.to_pylist())
    else:
        content = np.ascontiguousarray(values.to_numpy(zero_copy_only=False)).tobytes()
    place = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return content, rank[place]


def _framed(text: str) -> bytes:
    """Return a text preceded by its length, so that neighbors cannot run together."""
    encoded = text.encode("utf-8")
    return len(encoded).to_bytes(8, "little") + encoded
