"""Numbers in a file that names no column: which are money, customers, orders and pieces."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.ingest.columns.evidence import ALMOST_ALL, MOST_PIECES, Traits
from clvcore.ingest.raw import UNNAMED

NAMELESS = re.compile(rf"{re.escape(UNNAMED)}\d+")
SAMPLE_ROWS = 2_000
CENTS = r"[.,]\d{1,2}0*\D*$"  # of an amount: 32.47, 1.250,00 €
WITH_CENTS = 0.1  # share of cells from which a column is money


def by_numbers(
    traits: Sequence[Traits], *, lacking: Sequence[str], texts_are_buyers: bool
) -> dict[str, str]:
    """Return role -> column where numbers leave one choice: cents are money, repeated ids buyers.

    A whole number that never repeats counts orders, small ones are pieces. Two columns that could
    both be the customer are a question, and so is a column of text beside one: a name or a channel.

    Parameters
    ----------
    traits
        The columns without a role yet, all nameless.
    lacking
        Which of ``customer_id`` and ``amount`` have none.
    texts_are_buyers
        The customer was taken from a column of text for want of another.
    """
    if not all(NAMELESS.fullmatch(t.name) for t in traits):
        return {}
    texts = [t for t in traits if t.numbers <= ALMOST_ALL and t.dates < ALMOST_ALL]
    money = [t for t in traits if _is_number(t) and _cents(t) >= WITH_CENTS]
    buyers = repeated_numbers(traits)
    if texts_are_buyers and buyers:
        return {}
    found = {}
    if "amount" in lacking and len(money) == 1:
        found["amount"] = money[0].name
    if "customer_id" in lacking and len(buyers) == 1 and len(money) <= 1 and not texts:
        found["customer_id"] = buyers[0].name
    return found


def repeated_numbers(traits: Sequence[Traits]) -> list[Traits]:
    """Return the columns of whole numbers that come again and count no pieces: perhaps ids."""
    return [
        t
        for t in traits
        if _is_number(t) and t.repeats > 0 and not may_be_pieces(t) and _cents(t) < WITH_CENTS
    ]


def _is_number(traits: Traits) -> bool:
    return traits.numbers > ALMOST_ALL and traits.dates < ALMOST_ALL


def may_be_pieces(traits: Traits) -> bool:
    """Tell whether a column counts pieces: small whole numbers, and few different ones."""
    return traits.pieces and traits.labels <= MOST_PIECES


def _cents(traits: Traits) -> float:
    """Return the share of a sample's cells with a fraction."""
    column = traits.raw.table[traits.name]
    step = max(1, len(column) // SAMPLE_ROWS)
    sample = column.take(pa.array(np.arange(0, len(column), step)))
    if pa.types.is_floating(sample.type):
        return float(pc.mean(pc.not_equal(sample, pc.floor(sample))).as_py() or 0.0)
    texts = sample.cast(pa.string())
    return float(pc.mean(pc.match_substring_regex(texts, CENTS)).as_py() or 0.0)
