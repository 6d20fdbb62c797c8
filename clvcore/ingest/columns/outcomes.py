"""Which rows a file itself calls no sale: by a status, a mark of cancellation, money given back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.ingest.amounts import amounts
from clvcore.ingest.columns.headers import UNSPACED, Names, plain_words
from clvcore.ingest.distinct import distinct_texts
from clvcore.ingest.identifiers import as_text
from clvcore.ingest.raw import RawTable
from clvcore.ingest.words import listed, table

STATUS, CANCELLED, SUCCEEDED, REFUNDED = "status", "cancelled", "succeeded", "refunded"
CALLED_OFF, GIVEN_BACK, PARTLY = "called_off", "given_back", "partly"
NAMED = 0.5  # least score of a name
MOST_WORDS = 60  # a status has few words; a column of more is a note
NUMBERS = 0.9
MOST_SHOWN = 4
LEFT_OUT_AT_MOST = 0.5  # a word on more rows than that may mean something else

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcomes:
    """What a column says became of each row, shape (rows,) each.

    ``called_off`` rows are no sale, ``given_back`` none where their amount is positive (a row
    below zero is the refund itself), ``partly`` rows were refunded by nobody says how much.
    ``words`` are the texts that say so, as they are written, and ``others`` those that do not.
    """

    called_off: Bools
    given_back: Bools
    partly: Bools
    words: tuple[str, ...]
    others: tuple[str, ...]

    def unsold(self, money: npt.NDArray[np.float64]) -> Bools:
        """Return the rows that are no sale, given the money of each."""
        gone: Bools = self.called_off | (self.given_back & (money > 0))
        return gone


def outcomes(column: pa.ChunkedArray, name: str) -> Outcomes | None:
    """Read a column of states or marks; None if it says nothing of the kind."""
    distinct = distinct_texts(as_text(column))
    texts = distinct.texts.to_pylist()
    kind = _kind(name) or STATUS
    if kind == STATUS and len(texts) > MOST_WORDS:
        return None
    said = [_said(text, kind) for text in texts]
    if not any(said):
        return None
    marks = np.array([*said, ""], dtype=object)[distinct.place]
    order = sorted(range(len(texts)), key=lambda place: -int(distinct.rows[place]))
    return Outcomes(
        called_off=marks == CALLED_OFF,
        given_back=marks == GIVEN_BACK,
        partly=marks == PARTLY,
        words=tuple(texts[p] for p in order if said[p] in (CALLED_OFF, GIVEN_BACK)),
        others=tuple(texts[p] for p in order if said[p] not in (CALLED_OFF, GIVEN_BACK)),
    )


def status_columns(raw: RawTable, used: Iterable[str]) -> dict[str, Outcomes]:
    """Return the columns whose name and values say that some rows are no sale, most rows first."""
    found = {}
    for name in raw.columns:
        if name not in used and _kind(name) is not None:
            read = outcomes(raw.table[name], name)
            if read is not None and (read.words or read.partly.any()):
                found[name] = read
    return dict(sorted(found.items(), key=lambda pair: -_share(pair[1])))


def status_of(raw: RawTable, used: Iterable[str]) -> str | None:
    """Return the column to tell sales from the rest by, None if there is none to be sure of."""
    for name, read in status_columns(raw, used).items():
        if 0 < _share(read) <= LEFT_OUT_AT_MOST:
            return name
    return None


def refunds_of(raw: RawTable, used: Iterable[str]) -> str | None:
    """Return the column of money given back, None if there is none or nothing was."""
    names = _names(REFUNDED)
    scores = {name: names.score(name) for name in raw.columns if name not in used}
    for name in sorted(scores, key=lambda name: -scores[name]):
        if scores[name] >= NAMED and _some_money(raw.table[name]):
            return name
    return None


def shown(words: tuple[str, ...]) -> str:
    """Return the commonest words for a sentence."""
    more = "" if len(words) <= MOST_SHOWN else ", …"
    return ", ".join(words[:MOST_SHOWN]) + more


def is_net(amount: str) -> bool:
    """Tell whether a column's name says that something was taken off its money already."""
    return bool(set(plain_words(amount).split()) & set(table("statuses")["net"]["words"].split()))


def _share(read: Outcomes) -> float:
    return float((read.called_off | read.given_back).mean())


def _some_money(column: pa.ChunkedArray) -> bool:
    if column.null_count == len(column):
        return False
    distinct = distinct_texts(as_text(column))
    digits = pc.match_substring_regex(distinct.texts, r"[1-9]")
    share = amounts.readable_share(as_text(column), distinct)
    return bool(pc.any(digits).as_py()) and share > NUMBERS


def _kind(name: str) -> str | None:
    scores = {kind: _names(kind).score(name) for kind in (STATUS, CANCELLED, SUCCEEDED)}
    best = max(scores, key=lambda kind: scores[kind])
    return best if scores[best] >= NAMED else None


@cache
def _names(kind: str) -> Names:
    statuses = table("statuses")
    against = statuses["against"]["words" if kind == STATUS else kind]
    entries = statuses["names"][kind].values()
    return Names.of(((name, 1.0) for text in entries for name in listed(text)), against)


@cache
def _values() -> dict[str, str]:
    """Return value -> what it says."""
    values = table("statuses")["values"]
    return {
        plain_words(word): kind
        for kind in (GIVEN_BACK, CALLED_OFF)
        for text in values[kind].values()
        for word in listed(text)
    }


def _said(text: str, kind: str) -> str:
    """Return what a cell says became of its row; nothing if it says no such thing."""
    words = plain_words(text)
    if kind != STATUS:
        untrue = words in _few("untrue") or not words
        return "" if untrue != (kind == SUCCEEDED) else CALLED_OFF
    known = _values()
    # "Cancelled by customer" begins like a state; "not cancelled" does not
    starts = [words, *(words.rsplit(" ", cut)[0] for cut in range(1, words.count(" ") + 1))]
    found = next((known[start] for start in starts if start in known), "")
    if _is_partly(words):
        back = any(word in words for word, said in known.items() if said == GIVEN_BACK)
        return PARTLY if back else ""
    return found


def _is_partly(words: str) -> bool:
    partly = _few("partly")
    return bool(partly & set(words.split())) or any(
        UNSPACED.search(word) and word in words for word in partly
    )


@cache
def _few(key: str) -> frozenset[str]:
    return frozenset(map(plain_words, table("statuses")["values"][key]["words"].split()))
