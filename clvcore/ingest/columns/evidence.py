"""What the values of a column say about its meaning, beside what its name says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.ingest.amounts import amounts
from clvcore.ingest.columns.headers import name_score, says_otherwise
from clvcore.ingest.columns.orderwise import one_per_order
from clvcore.ingest.dates import dates
from clvcore.ingest.distinct import distinct_texts, is_text
from clvcore.ingest.raw import RawTable

SAMPLE_ROWS = 2_000
ENOUGH = 0.25  # least score of a column for a role
ALMOST_ALL = 0.9  # share of filled cells that must be of a kind
BY_NAME = 0.3  # of a score; the values have the rest
FILLED_ENOUGH = 0.5  # of the fullest rival's rows; an emptier column loses more than in proportion
ROWS_THAT_TELL = 50  # from here on a column without any repetition is no customer
NOBODY_RETURNS, ALL_ALIKE = 0.3, 0.05
PIECES = r"^\s*\d{1,2}([.,]0+)?\s*$"
MOST_PIECES, PIECES_ARE = 12, 0.98
AS_PIECES = 0.2


@dataclass(frozen=True, kw_only=True)
class Traits:
    """What the values of a column look like, as shares from 0 to 1.

    ``labels_seen`` counts the distinct texts of the sample: there are at least as many in all.
    ``pieces`` says that they are small whole numbers, most of them very small.
    """

    name: str
    raw: RawTable
    dates: float
    numbers: float
    emails: float
    labels_seen: int
    pieces: bool

    @property
    def filled(self) -> int:
        """Cells that are not blank."""
        return len(self.raw.table) - int(self.raw.table[self.name].null_count)

    @cached_property
    def labels(self) -> int:
        """Distinct values among all rows; slow to count, and few columns are asked."""
        column = self.raw.table[self.name]
        if is_text(column.type):
            return self.raw.distinct(self.name).labels
        return int(pc.count_distinct(column).as_py()) if column.null_count < len(column) else 0

    @property
    def repeats(self) -> float:
        """Share of filled cells whose value stood there before."""
        return 1 - self.labels / self.filled if self.filled else 0.0


def traits_of(raw: RawTable, name: str) -> Traits:
    """Look at a sample of a column's cells."""
    column = raw.table[name]
    step = max(1, len(column) // SAMPLE_ROWS)
    sample = column.take(pa.array(np.arange(0, len(column), step)))
    distinct = distinct_texts(sample) if is_text(column.type) else None
    emails = 0.0
    if distinct and column.null_count < len(column):
        like = pc.match_substring_regex(sample, r"^\s*[^@\s]+@[^@\s]+\.[^@\s]+\s*$")
        emails = pc.mean(like).as_py() or 0.0
    numbers = amounts.readable_share(sample, distinct)
    return Traits(
        name=name,
        raw=raw,
        dates=dates.readable_share(sample, distinct),
        numbers=numbers,
        emails=emails,
        labels_seen=len(distinct.texts) if distinct else 0,
        pieces=numbers > ALMOST_ALL and _pieces(sample),
    )


def weighed(wanted: Iterable[str], traits: list[Traits]) -> dict[str, dict[str, float]]:
    """Return role -> column -> how well name and values suit it, those above 0 only.

    A column is held against its rivals: it loses where another that could be meant is fuller,
    where pieces stand beside money, and where it changes within an order though another, that
    could be the customer as well, does not.
    """
    found = {role: _of_role(role, traits) for role in wanted}
    orders = found.get("order_id", {})
    buyers = found.get("customer_id", {})
    if orders and len(buyers) > 1:
        order = max(orders, key=lambda name: orders[name])
        steady = one_per_order(traits[0].raw, order, [name for name in buyers if name != order])
        best = max(steady.values(), default=0.0)
        for name, share in steady.items():
            buyers[name] *= share / best if best else 1.0
    return found


def plain_dates(traits: list[Traits]) -> list[Traits]:
    """Return the columns of dates that may be meant: full ones, of no other day than the order's.

    Where there is no such column, all columns of dates.
    """
    found = [t for t in traits if t.dates > ALMOST_ALL]
    plain = [t for t in found if not says_otherwise("date", t.name)]
    if not plain:
        return found
    fullest = max(t.filled for t in plain)
    return [t for t in plain if t.filled >= FILLED_ENOUGH * fullest]


def _of_role(role: str, traits: list[Traits]) -> dict[str, float]:
    named = {t.name: name_score(role, t.name) for t in traits}
    rivals = [t for t in traits if named[t.name] >= ENOUGH]
    if role == "date":
        rivals += [t for t in traits if t.dates > ALMOST_ALL and not says_otherwise(role, t.name)]
    fullest = max((t.filled for t in rivals), default=0)
    found = {}
    for column in traits:
        if named[column.name] < ENOUGH or not column.filled:
            continue
        score = named[column.name] * (BY_NAME + (1 - BY_NAME) * _evidence(role, column))
        found[column.name] = score * _fullness(column.filled, fullest)
    return _money_not_pieces(role, found, traits)


def _evidence(role: str, traits: Traits) -> float:
    """Return how well a column's values suit a role, 0 to 1."""
    if role == "date":
        return traits.dates
    if role in ("amount", "unit_price", "quantity"):
        return traits.numbers * (1 - 0.5 * traits.dates * (traits.numbers == 1))
    if role == "customer_id":
        if traits.filled >= ROWS_THAT_TELL and traits.labels in (1, traits.filled):
            return ALL_ALIKE if traits.labels == 1 else NOBODY_RETURNS
        return 0.5 + 0.5 * traits.repeats
    if role == "order_id":
        return 1.0 - traits.dates * (traits.numbers < ALMOST_ALL)
    return 1.0


def _fullness(filled: int, fullest: int) -> float:
    share = filled / fullest if fullest else 1.0
    return min(1.0, 0.5 + 0.5 * share) if share >= FILLED_ENOUGH else share


def _money_not_pieces(role: str, found: dict[str, float], traits: list[Traits]) -> dict[str, float]:
    """Let a column of pieces called an amount stand behind every other column of money."""
    if role not in ("amount", "quantity"):
        return found
    money = [
        t for t in traits
        if not t.pieces and t.numbers > ALMOST_ALL
        and max(name_score("amount", t.name), name_score("unit_price", t.name)) >= ENOUGH
    ]  # fmt: skip
    for column in traits:
        if not money or not column.pieces or name_score("amount", column.name) < ENOUGH:
            continue
        if role == "amount":
            found[column.name] = found.get(column.name, 0.0) * AS_PIECES
        else:
            found.setdefault(column.name, 2 * ENOUGH)
    return found


def _pieces(sample: pa.ChunkedArray) -> bool:
    """Tell whether numbers are of pieces: whole, below a hundred, one of every few a 1 or 2."""
    kind = sample.type
    texts = sample if is_text(kind) else sample.cast(pa.string(), safe=False)
    texts = texts.drop_null()
    if not len(texts):
        return False
    whole = pc.mean(pc.match_substring_regex(texts, PIECES)).as_py() or 0.0
    if whole < PIECES_ARE:
        return False
    digits = pc.replace_substring_regex(pc.utf8_trim_whitespace(texts), r"[.,]0+$", "")
    small = digits.filter(pc.match_substring_regex(digits, r"^\d{1,2}$")).cast(pa.int64())
    return bool(np.median(small.to_numpy()) <= MOST_PIECES and (pc.min(small).as_py() or 0) <= 2)
