"""Rows that add up other rows: a total among the orders would count their money twice."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.ingest.columns.headers import UNSPACED, plain_words
from clvcore.ingest.columns.mapping import Mapping
from clvcore.ingest.container.shapes import month_names
from clvcore.ingest.distinct import distinct_texts, is_text
from clvcore.ingest.raw import RawTable
from clvcore.ingest.words import listed, table
from clvcore.records.errors import Notice

SEARCHED = 5_000  # totals are among the largest amounts: so many rows are searched everywhere
ADDS_UP = 0.5  # share of the labelled rows that must be the sum of others
ENOUGH = 3  # labelled rows with a period or a name in them, which need no sum
CENTS = 0.05
MOST_SHOWN = 3
NUMBER = re.compile(r"\d{1,4}(?:st|nd|rd|th)?|[a-z]{1,2}\d{1,2}|\d{2,4}")

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Subtotals:
    """Rows that are sums of others, shape (rows,), and the sentence that says so, if any are."""

    rows: Bools
    notices: tuple[Notice, ...] = ()


def subtotals(raw: RawTable, mapping: Mapping, amounts: Floats, good: Bools) -> Subtotals:
    """Find the totals among rows that could be used.

    A label alone is not enough, for a shop may be called Suma: half of the labelled rows must be
    the sum of the rows above, or three of them name a period or a customer.
    """
    labels = _labels(raw, mapping, amounts, good)
    rows = np.zeros(amounts.size, dtype=bool)
    if not labels:
        return Subtotals(rows=rows)
    rows[list(labels)] = True
    sums = _sums(amounts, good, rows)
    named = sum(names_something for _, names_something in labels.values())
    texts = list(dict.fromkeys(text for text, _ in labels.values()))
    values = {
        "rows": int(rows.sum()),
        "amount": float(amounts[rows].sum()),
        "labels": ", ".join(texts[:MOST_SHOWN]) + (", …" if len(texts) > MOST_SHOWN else ""),
    }
    if sums >= ADDS_UP * len(labels) or named >= ENOUGH:
        return Subtotals(
            rows=rows,
            notices=(
                Notice(
                    "SUBTOTAL_ROWS",
                    "{rows} rows ({amount:,.2f} in money) are totals of other rows, such as "
                    "{labels}; they were left out. Export the orders without totals.",
                    **values,
                ),
            ),
        )
    return Subtotals(
        rows=np.zeros_like(rows),
        notices=(
            Notice(
                "SUBTOTALS_POSSIBLE",
                "{rows} rows ({amount:,.2f} in money) are called {labels}, though they are no sum "
                "of the rows around them. They count; leave them out if they are totals.",
                **values,
            ),
        ),
    )


def is_label(text: str | None) -> bool:
    """Tell whether a text may be the label of a total, whatever else it says.

    Examples
    --------
    >>> [is_label(text) for text in ("Total Jan", "Client 7 Total", "Итого:", "Totally Wired")]
    [True, True, True, False]
    """
    return _rest(text or "") is not None


def _labels(
    raw: RawTable, mapping: Mapping, amounts: Floats, good: Bools
) -> dict[int, tuple[str, bool]]:
    """Return row -> the label of a total, and whether it names a period or a customer.

    Looked for among the customers, and in other texts on the rows with the largest amounts.
    """
    found: dict[int, tuple[str, bool]] = {}
    for name in _columns(raw, mapping, amounts, good):
        if is_text(raw.table[name].type):
            found |= _in_column(raw, name, known=name == mapping.customer_id, good=good)
    return found


def _columns(raw: RawTable, mapping: Mapping, amounts: Floats, good: Bools) -> list[str]:
    others = [
        name
        for name in raw.columns
        if name not in (mapping.customer_id, mapping.amount, mapping.date)
        and is_text(raw.table[name].type)
    ]
    columns = [mapping.customer_id]
    if not others:
        return columns
    rows = np.flatnonzero(amounts >= amounts.mean())
    if rows.size > SEARCHED:
        rows = rows[np.argpartition(amounts[rows], -SEARCHED)[-SEARCHED:]]
    largest = pa.array(rows[good[rows]])
    for name in others:
        texts = pc.unique(raw.table[name].take(largest)).drop_null()
        if any(is_label(text) for text in texts.filter(_like(texts)).to_pylist()):
            columns.append(name)
    return columns


def _in_column(
    raw: RawTable, name: str, *, known: bool, good: Bools
) -> dict[int, tuple[str, bool]]:
    distinct = raw.distinct(name) if known else distinct_texts(raw.table[name])
    like = np.flatnonzero(_like(distinct.texts).to_numpy(zero_copy_only=False))
    if not like.size:
        return {}
    texts = distinct.texts.take(pa.array(like)).to_pylist()
    rests = {text: _rest(text) for text in texts}
    foreign = {rest for rest in rests.values() if rest and not _is_general(rest)}
    own = foreign & set(map(plain_words, distinct.texts.to_pylist())) if foreign else foreign
    labels = {
        place: (text, bool(rests[text]))
        for place, text in zip(like.tolist(), texts, strict=True)
        if rests[text] is not None and rests[text] not in foreign - own
    }
    rows = np.flatnonzero(np.isin(distinct.place, list(labels)) & good)
    return {int(row): labels[int(distinct.place[row])] for row in rows}


def _like(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Tell which texts hold a word for a total at all; far fewer are looked at closely."""
    return pc.match_substring_regex(texts, _pattern())


def _rest(text: str) -> str | None:
    """Return what a label says beside its total, None if it is no label."""
    words = plain_words(text)
    for total in _totals():
        if words == total:
            return ""
        if UNSPACED.search(total):
            if words.startswith(total) or words.endswith(total):
                return words.removeprefix(total).removesuffix(total).strip()
        elif words.startswith(f"{total} "):
            return words.removeprefix(total).strip()
        elif words.endswith(f" {total}"):
            return words.removesuffix(total).strip()
    return None


def _is_general(rest: str) -> bool:
    general = set(table("totals")["general"]["words"].split())
    months = {plain_words(name) for name in month_names()} if rest else set()
    return all(
        word in general or word in months or NUMBER.fullmatch(word)
        or any(UNSPACED.search(g) and re.fullmatch(rf"(?:\d+{g})+", word) for g in general)
        for word in rest.split()
    )  # fmt: skip


@cache
def _totals() -> tuple[str, ...]:
    """Return the words for totals, the longest first."""
    entries = {plain_words(e) for text in table("totals")["totals"].values() for e in listed(text)}
    return tuple(sorted(entries, key=len, reverse=True))


@cache
def _pattern() -> str:
    # as they are written: with accents, capitals and marks between
    written = {e for text in table("totals")["totals"].values() for e in listed(text)}
    words = sorted({re.escape(entry.split()[-1]) for entry in written} | {"części", "łącznie"})
    return f"(?i)(?:{'|'.join(words)})"


def _sums(amounts: Floats, good: Bools, labelled: Bools) -> int:
    """Count the labelled rows that are the sum of the rows since the one before, or of all."""
    lines = np.where(good & ~labelled, amounts, 0.0)
    running = np.cumsum(lines)
    places = np.flatnonzero(labelled)
    before = np.concatenate([[0.0], running[places[:-1]]])
    block = running[places] - before
    whole = running[places]
    total = amounts[places]
    close = np.isclose(total, block, atol=CENTS) | np.isclose(total, whole, atol=CENTS)
    return int((close & (total != 0)).sum())
