"""An export seen by the names its maker gives the columns, and what its lines really mean."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.ingest.amounts.amounts import AmountReading, read_amounts
from clvcore.ingest.columns.headers import plain_words
from clvcore.ingest.distinct import distinct_texts
from clvcore.ingest.identifiers import as_text, read_labels
from clvcore.ingest.ledger import CODE
from clvcore.ingest.raw import RawTable
from clvcore.records.errors import Notice

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Sheet:
    """The columns of a recognized export.

    Columns are named in plain lower-case words (``"total refunded"``), several spellings apart by
    ``|``; the case, the order and the punctuation of the file do not matter.

    Parameters
    ----------
    raw
        The file.
    decimal
        Decimal mark of its numbers; None: told from all rows of each column.
    tax, shipping
        Whether amounts are to include them.
    known
        Columns of money that were read before, by their names in the file.
    """

    raw: RawTable
    decimal: str | None = None
    tax: bool = True
    shipping: bool = True
    known: dict[str, AmountReading] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self.raw.table.num_rows)

    def has(self, name: str) -> bool:
        """Tell whether the file has this column."""
        return find(name, self.raw.columns) is not None

    def text(self, name: str) -> pa.Array:
        """Return a column as trimmed text, null where blank or where there is no such column."""
        actual = find(name, self.raw.columns)
        if actual is None:
            return pa.nulls(self.rows, pa.string())
        return read_labels(self.raw.table[actual])

    def numbers(self, name: str) -> Numbers:
        """Return the number of each row's text among the distinct ones, -1 where it is blank."""
        actual = find(name, self.raw.columns)
        if actual is None:
            return np.full(self.rows, -1)
        distinct = distinct_texts(as_text(self.raw.table[actual]))
        composed = pc.utf8_normalize(distinct.texts, form="NFC")
        onto = pc.dictionary_encode(composed).indices.to_numpy().astype(np.int64)
        numbers: Numbers = np.append(onto, -1)[distinct.place]
        return numbers

    def words(self, name: str) -> pa.Array:
        """Return a column such as a status in lower case, blanks as empty text."""
        actual = find(name, self.raw.columns)
        if actual is None:
            return pa.array([""]).take(pa.array(np.zeros(self.rows, dtype=np.int64)))
        distinct = distinct_texts(self.raw.table[actual])
        lower = pc.replace_substring_regex(pc.utf8_lower(distinct.texts), "[_-]+", " ")
        place = np.where(distinct.place < 0, len(lower), distinct.place)
        return pa.concat_arrays([lower, pa.array([""])]).take(pa.array(place))

    def is_one_of(self, name: str, choices: frozenset[str]) -> Bools:
        """Return the rows whose status is one of ``choices`` (lower case), shape (rows,)."""
        return truth(pc.is_in(self.words(name), pa.array(sorted(choices))))

    def unreadable(self, name: str) -> int:
        """Return how many cells of a column of money are filled but no number."""
        actual = find(name, self.raw.columns)
        if actual is None:
            return 0
        faults = read_amounts(self.raw.table[actual], name=actual, decimal=self.decimal).faults
        return int(np.count_nonzero((faults > 0) & (faults != CODE["missing_amount"])))

    def money(self, name: str) -> Floats:
        """Return a column of money, 0 where it is blank, unreadable or not there, shape (rows,)."""
        actual = find(name, self.raw.columns)
        if actual is None:
            return np.zeros(self.rows)
        if actual in self.known:
            return self.known[actual].amounts
        column = self.raw.table[actual]
        return read_amounts(column, name=actual, decimal=self.decimal).amounts


@dataclass(frozen=True, eq=False, kw_only=True)
class Lines:
    """What a preset makes of the lines of an export; None where a column stays as it is.

    Parameters
    ----------
    amount
        Shape (rows,): money of the line.
    customer, order
        Text, shape (rows,).
    dropped
        Reason -> rows, shape (rows,), that are left out for it; the first reason of a row counts.
    notices
        What was done, for the reader.
    """

    amount: Floats | None = None
    customer: pa.Array | None = None
    order: pa.Array | None = None
    dropped: dict[str, Bools] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()


def find(name: str, columns: tuple[str, ...]) -> str | None:
    """Return the first of ``columns`` that goes by this name, or one of several apart by ``|``.

    A name as it stands in the file is that column.
    """
    if name in columns:
        return name
    spelled = _spelled(columns)
    return next((spelled[words] for words in name.split("|") if words in spelled), None)


@lru_cache(maxsize=8)
def _spelled(columns: tuple[str, ...]) -> dict[str, str]:
    """Return plain words -> column, the first of several alike; asked for many names in a row."""
    return {plain_words(column): column for column in reversed(columns)}


def truth(values: pa.Array) -> Bools:
    """Return Arrow truth values as numpy, False where they are null."""
    return np.asarray(values.fill_null(False).to_numpy(zero_copy_only=False), dtype=bool)


def blank(values: pa.Array) -> Bools:
    """Return the rows without a text, shape (rows,)."""
    return truth(pc.is_null(values))


def numbered(texts: pa.Array) -> Numbers:
    """Return the number of each row's text among the distinct ones, -1 where there is none."""
    indices = pc.dictionary_encode(texts).indices
    return np.asarray(indices.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)


def repeats(*keys: Numbers) -> Bools:
    """Return the rows whose keys, as ``numbered``, all stood together in an earlier row."""
    code = np.zeros(keys[0].size, dtype=np.int64)
    for key in keys:
        # numbered anew after each key, so that the product of two sizes is all there ever is
        pairs = pa.array(code * (key.max(initial=0) + 2) + key + 1)
        code = pc.dictionary_encode(pairs).indices.to_numpy().astype(np.int64)
    # numbers are given out as texts first appear: a new one is larger than all before
    again = np.ones(code.size, dtype=bool)
    again[1:] = code[1:] <= np.maximum.accumulate(code)[:-1]
    again[:1] = False
    for key in keys:
        again &= key >= 0
    return again
