"""What stays the same on all lines of an order, and what changes from line to line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.ingest.columns.headers import plain_words
from clvcore.ingest.raw import RawTable
from clvcore.ingest.words import table

HEAD_ROWS = 20_000  # the lines of an order stand together, so the first rows tell
FEWEST_ORDERS = 5  # with several lines each
ALWAYS = 0.99
VARIED = 0.3  # distinct totals an order: a few prices repeat within orders by chance
OFTEN = 0.5

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, kw_only=True)
class _Lines:
    """The rows of the orders with several lines: whose they are, and which rows they are."""

    order: Ints
    rows: Ints
    orders: int


def one_per_order(raw: RawTable, order: str, columns: Iterable[str]) -> dict[str, float]:
    """Return, per column, the share of orders with several lines in which it has one value.

    Nothing where too few orders have several lines.
    """
    lines = _several(raw, order)
    return {name: _steady(raw, lines, name)[0] for name in columns} if lines else {}


def is_order_total(raw: RawTable, order: str, amount: str) -> bool:
    """Tell whether a column of money holds each order's total, again on all of its lines.

    It does if it never changes within an order while some other column does in most of them, and
    either its name speaks of a total or the totals vary: equal amounts on the lines of a few
    orders are nothing, on the lines of all orders they are no chance.
    """
    lines = _several(raw, order)
    if lines is None:
        return False
    steady, values = _steady(raw, lines, amount)
    if steady < ALWAYS or values < 2:
        return False
    others = [name for name in raw.columns if name not in (order, amount)]
    if not any(_steady(raw, lines, name)[0] < OFTEN for name in others):
        return False
    totals = set(table("columns")["of_orders"]["words"].split())
    return values >= VARIED * lines.orders or bool(totals & set(plain_words(amount).split()))


def _several(raw: RawTable, order: str) -> _Lines | None:
    place = _codes(raw.table[order].slice(0, HEAD_ROWS))
    counts = np.bincount(place[place >= 0]) if (place >= 0).any() else np.zeros(0, dtype=np.int64)
    orders = int(np.count_nonzero(counts > 1))
    if orders < FEWEST_ORDERS:
        return None
    rows = np.flatnonzero((place >= 0) & (counts[place] > 1))
    return _Lines(order=place[rows], rows=rows, orders=orders)


def _steady(raw: RawTable, lines: _Lines, name: str) -> tuple[float, int]:
    """Return the share of orders in which a column has one value, and how many values it has."""
    codes = _codes(raw.table[name].slice(0, HEAD_ROWS))[lines.rows]
    pairs = np.unique(np.stack([lines.order, codes]), axis=1)
    several = np.count_nonzero(np.bincount(pairs[0]) > 1)
    return float(1 - several / lines.orders), int(np.unique(codes[codes >= 0]).size)


def _codes(column: pa.ChunkedArray) -> Ints:
    indices = pc.dictionary_encode(column.combine_chunks()).indices
    return np.asarray(indices.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)
