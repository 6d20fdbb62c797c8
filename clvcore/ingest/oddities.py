"""What looks odd in orders that are otherwise fine: huge amounts, silences, ids of nobody."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.columns import AMOUNT, KEPT, PURCHASE_DATE
from clvcore.errors import Notice
from clvcore.numbering import Numbering

WHALE_SHARE = 1 / 3
WHALE_FROM_CUSTOMERS = 10
OUTLIERS_FROM_ROWS = 30
OUTLIER_TIMES_MEDIAN = 10.0
OUTLIER_FENCE = 3.0
LONG_SILENCE_DAYS = 30
SILENCE_TIMES_USUAL = 10.0
SILENCE_FROM_DAYS = 20
GUESTS = {
    "", "guest", "guests", "guest checkout", "anonymous", "anon", "unknown", "nobody", "walk in",
    "cash customer", "test", "n a", "na", "none", "null", "nan", "nil", "undefined", "0", "00",
    "000", "0000", "00000", "99999", "999999", "invitado", "invitada", "anonimo",
    "desconocido", "publico general", "consumidor final", "convidado", "visitante", "cliente",
    "gast", "gastkunde", "unbekannt", "laufkunde", "invite", "anonyme", "inconnu",
}  # fmt: skip
SOMEBODY = "[1-8]"  # no id of nobody has such a digit
NOT_ASCII_WORDS, MARKS = "[^a-z0-9]+", r"[\s\pP\pS]+"
MOST_NAMED = 3

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def oddities(numbering: Numbering) -> tuple[Notice | None, ...]:
    """Return the doubts that the values themselves raise about accepted, netted lines."""
    lines = numbering.lines
    amounts, kept = lines[AMOUNT].to_numpy(), lines[KEPT].to_numpy()
    return (
        _outliers(amounts),
        _silence(lines[PURCHASE_DATE] if kept.all() else lines[PURCHASE_DATE].filter(lines[KEPT])),
        _guests(numbering),
        _negative(numbering, amounts, kept),
        _whale(numbering, amounts, kept),
    )


def _outliers(amounts: Floats) -> Notice | None:
    """Count amounts far beyond the upper quartile on a log scale, and ten medians at least."""
    positive = amounts[amounts > 0]
    if positive.size < OUTLIERS_FROM_ROWS:
        return None
    logs = np.log(positive)
    low, median, high = np.quantile(logs, [0.25, 0.5, 0.75])
    fence = max(high + OUTLIER_FENCE * (high - low), median + np.log(OUTLIER_TIMES_MEDIAN))
    beyond = positive[logs > fence]
    if not beyond.size:
        return None
    return Notice(
        "OUTLIERS",
        "{rows} amounts are far above the others: the largest is {largest:,.2f}, the middle one "
        "{median:,.2f}. They were kept; check them, or cut the largest amounts.",
        rows=int(beyond.size), largest=float(beyond.max()), median=float(np.median(positive)),
    )  # fmt: skip


def _silence(kept: pa.ChunkedArray) -> Notice | None:
    """Point out stretches in which nobody bought, much longer than is usual here."""
    days = np.sort(pc.unique(kept).cast(pa.int32()).to_numpy().astype(np.int64))
    if days.size < SILENCE_FROM_DAYS:
        return None
    gaps = np.diff(days)
    long = gaps > max(LONG_SILENCE_DAYS, SILENCE_TIMES_USUAL * float(np.median(gaps)))
    if not long.any():
        return None
    place = int(np.argmax(gaps))
    first, last = (str(np.datetime64(int(days[place + i]), "D")) for i in (0, 1))
    return Notice(
        "GAPS_IN_TIME",
        "{gaps} times nobody bought for {limit} days or more, the longest from {first} to {last}. "
        "Check that no part of the orders is missing.",
        gaps=int(long.sum()), limit=int(gaps[long].min()), first=first, last=last,
    )  # fmt: skip


def _guests(numbering: Numbering) -> Notice | None:
    """Point out ids that stand for nobody in particular, and would count as one customer."""
    # every filter is dearer than the one before, and leaves next to none to the next
    numbers = np.flatnonzero(~_truth(pc.match_substring_regex(numbering.ids, SOMEBODY)))
    for marks in (NOT_ASCII_WORDS, MARKS):
        numbers = numbers[_truth(_nobody(numbering.ids.take(pa.array(numbers)), marks))]
    if not numbers.size:
        return None
    rows = numbering.rows()[numbers].tolist()
    texts = numbering.ids.take(pa.array(numbers)).to_pylist()
    found = list(zip(texts, rows, strict=True))
    named = ", ".join(text for text, _ in sorted(found, key=lambda each: -each[1])[:MOST_NAMED])
    return Notice(
        "GUEST_IDS",
        "{rows} rows belong to {ids} ids that look like nobody in particular ({named}). Each "
        "counts as one customer; leave the id blank where the buyer is not known.",
        rows=sum(rows for _, rows in found), ids=len(found), named=named,
    )  # fmt: skip


def _truth(values: pa.Array) -> Bools:
    return values.to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]


def _nobody(ids: pa.Array, marks: str) -> pa.Array:
    plain = pc.replace_substring_regex(pc.utf8_lower(ids), marks, " ")
    return pc.is_in(pc.utf8_trim_whitespace(plain), value_set=pa.array(sorted(GUESTS)))


def _negative(numbering: Numbering, amounts: Floats, kept: Bools) -> Notice | None:
    if not (amounts < 0).any():
        return None
    spent = np.bincount(numbering.customer, weights=amounts)
    bought = np.bincount(numbering.customer[kept], minlength=spent.size) > 0
    customers = int(np.count_nonzero((spent < 0) & bought))
    if not customers:
        return None
    return Notice(
        "NEGATIVE_CUSTOMERS",
        "{customers} customers with purchases returned more than they bought in these orders. "
        "Check that their older orders are in the file.",
        customers=customers,
    )


def _whale(numbering: Numbering, amounts: Floats, kept: Bools) -> Notice | None:
    counted = amounts if kept.all() else np.where(kept, amounts, 0.0)
    spent = np.bincount(numbering.customer, weights=counted)
    total = float(spent.sum())
    if numbering.buyers() < WHALE_FROM_CUSTOMERS or total <= 0:
        return None
    place = int(np.argmax(spent))
    share = float(spent[place]) / total
    if share < WHALE_SHARE:
        return None
    return Notice(
        "ONE_LARGE_CUSTOMER",
        "Customer {customer} brings {percent:.0f} % of all revenue. Check that this is one "
        "customer and not a collective account.",
        customer=numbering.ids[place].as_py(), percent=100 * share,
    )  # fmt: skip
