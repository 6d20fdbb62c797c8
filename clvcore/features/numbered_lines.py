"""Lines as numbers: whole columns of small integers travel where texts and dates were.

Ids, order ids and attributes are numbered once per log, so no snapshot of it compares texts.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import weakref
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.arrays.numbering import numbered
from clvcore.features.netting import Numbers, judge
from clvcore.records.columns import AMOUNT, CUSTOMER, DATE, KEPT, ORDER, PURCHASE_DATE
from clvcore.records.numbers import Floats
from clvcore.records.transactions import Transactions

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

MOST_BITS = 62
EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True, eq=False, kw_only=True)
class Attribute:
    """A column kept for cohorts: ``levels`` are its sorted values, ``number`` one per line.

    A line without a value has the number after the last level.
    """

    levels: pa.Array
    number: Numbers


@dataclass(frozen=True, eq=False, kw_only=True)
class CodedLines:
    """Lines of one log, sorted by customer and date; all columns but ``ids`` have shape (lines,).

    Parameters
    ----------
    ids
        Every customer id of the log, sorted; the line's is ``ids[customer]``.
    customer, date
        Number of the customer, and day since 1970-01-01.
    amount
        Money.
    order
        Equal for lines of one customer and order id, -1 without one; 0 where the line cannot meet
        another one of its customer on a day, so that nobody needs to tell its order from others.
    purchase_day, kept
        As netted by what these lines know: the day a line counts for, and whether it counts.
    attributes
        By name.
    """

    ids: pa.Array
    customer: Numbers
    date: Numbers
    amount: Floats
    order: Numbers
    purchase_day: Numbers
    kept: Bools
    attributes: Mapping[str, Attribute]

    def select(self, chosen: Bools) -> CodedLines:
        """Return the chosen lines, netted as they were."""
        return self if chosen.all() else self.take(np.flatnonzero(chosen))

    def take(self, rows: npt.NDArray[np.int64]) -> CodedLines:
        """Return these lines in this order, netted as they were."""
        return dataclasses.replace(
            self,
            customer=self.customer[rows],
            date=self.date[rows],
            amount=self.amount[rows],
            order=self.order[rows],
            purchase_day=self.purchase_day[rows],
            kept=self.kept[rows],
            attributes={
                name: Attribute(levels=column.levels, number=column.number[rows])
                for name, column in self.attributes.items()
            },
        )

    def netted(self) -> CodedLines:
        """Return the same lines, netted by what they alone know."""
        day, kept = judge(self.customer, self.date, self.amount, self.order)
        return dataclasses.replace(self, purchase_day=day, kept=kept)


# an answer that never changes, kept as long as its question lives
_CODED: weakref.WeakKeyDictionary[Transactions, CodedLines] = weakref.WeakKeyDictionary()


def coded(transactions: Transactions) -> CodedLines:
    """Return all lines as numbers, netted as of the last day; worked out once per log."""
    lines = _CODED.get(transactions)
    if lines is None:
        lines = _CODED[transactions] = _code(transactions)
    return lines


def day_number(day: dt.date) -> int:
    """Return the days since 1970-01-01."""
    return (day - EPOCH).days


def day_of(number: int) -> dt.date:
    """Return the day of a number; the inverse of ``day_number``."""
    return EPOCH + dt.timedelta(days=int(number))


def _code(transactions: Transactions) -> CodedLines:
    lines = transactions.lines
    ids, customer = _customers(transactions)
    customer, date, order = sorted_lines(customer, lines[DATE].cast(pa.int32()).to_numpy())
    amount = lines[AMOUNT].to_numpy()[order]
    attributes = {}
    for name in transactions.attributes:
        levels, number = numbered(lines[name].cast(pa.string()))
        attributes[name] = Attribute(levels=levels, number=number[order])
    return CodedLines(
        ids=ids,
        customer=customer,
        date=date,
        amount=amount,
        order=_orders(lines, order, _may_meet(customer, date, amount)),
        purchase_day=lines[PURCHASE_DATE].cast(pa.int32()).to_numpy()[order],
        kept=lines[KEPT].to_numpy()[order],
        attributes=attributes,
    )


def _customers(transactions: Transactions) -> tuple[pa.Array, Numbers]:
    """Return the ids as the intake numbered them; lines from elsewhere are numbered here."""
    known = transactions.numbering
    if known is not None and known.lines is transactions.lines:
        return known.ids, known.customer
    return numbered(transactions.lines[CUSTOMER])


def sorted_lines(customer: Numbers, date: Numbers) -> tuple[Numbers, Numbers, Ints]:
    """Return customers and days sorted by both, and the row that each line came from.

    All three travel in one number where they fit, which is sorted several times faster than its
    order could be looked up.
    """
    rows, first = customer.size, int(date.min(initial=0))
    day = date - first
    row_bits, day_bits = rows.bit_length(), int(day.max(initial=0)).bit_length()
    if row_bits + day_bits + int(customer.max(initial=0)).bit_length() > MOST_BITS:
        order = np.lexsort((date, customer))
        return customer[order], date[order], order
    key = customer.astype(np.int64)
    key <<= day_bits
    key += day
    key <<= row_bits
    key += np.arange(rows)
    key.sort()
    order = key & ((1 << row_bits) - 1)
    key >>= row_bits
    days = (key & ((1 << day_bits) - 1)).astype(np.int32) + np.int32(first)
    key >>= day_bits
    return key.astype(np.int32), days, order


def _may_meet(customer: Numbers, date: Numbers, amount: Floats) -> Bools:
    """Tell lines that share customer and date, or whose customer returned something.

    A refund moves to the day of its order, and so may meet any line of its customer.
    """
    again = (np.diff(customer) == 0) & (np.diff(date) == 0)
    returner = np.zeros(customer.max(initial=-1) + 1, dtype=bool)
    returner[customer[amount < 0]] = True
    meets: Bools = np.append(again, False) | np.append(False, again) | returner[customer]
    return meets


def _orders(lines: pa.Table, rows: npt.NDArray[np.int64], may_meet: Bools) -> Numbers:
    if ORDER not in lines.column_names:
        return np.full(rows.size, -1, dtype=np.int32)
    column = lines[ORDER].combine_chunks()
    order: Numbers = pc.if_else(column.is_valid(), 0, -1).cast(pa.int32()).to_numpy()[rows]
    meeting = column.take(pa.array(rows[may_meet]))
    order[may_meet] = pc.dictionary_encode(meeting).indices.fill_null(-1).to_numpy()
    return order
