"""What looks odd in orders that are otherwise fine: huge amounts, silences, ids of nobody."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.arrays.numbering import Numbering
from clvcore.ingest.amounts.moneyunits import two_units
from clvcore.ingest.columns.headers import plain_words
from clvcore.ingest.words import listed, table
from clvcore.records.columns import AMOUNT, KEPT, PURCHASE_DATE
from clvcore.records.errors import Notice

WHALE_SHARE = 1 / 3
WHALE_FROM_CUSTOMERS = 10
OUTLIERS_FROM_ROWS = 30
OUTLIER_TIMES_MEDIAN = 10.0
OUTLIER_FENCE = 3.0
LONG_SILENCE_DAYS = 30
SILENCE_TIMES_USUAL = 10.0
SILENCE_FROM_DAYS = 20
SOMEBODY = "[1-8]"  # no id of nobody has such a digit
MARKS = r"[\s\pP\pS]+"
BUSY_FROM_CUSTOMERS = 20
BUSY_SHARE = 0.1  # of all days on which somebody bought
BUSY_TIMES = 5  # as many of those days as the next customer
MOST_NAMED = 3

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def oddities(numbering: Numbering) -> tuple[Notice | None, ...]:
    """Return the doubts that the values themselves raise about accepted, netted lines."""
    lines = numbering.lines
    amounts, kept = lines[AMOUNT].to_numpy(), lines[KEPT].to_numpy()
    return (
        two_units(numbering),
        _outliers(amounts),
        _silence(lines[PURCHASE_DATE] if kept.all() else lines[PURCHASE_DATE].filter(lines[KEPT])),
        _guests(numbering, amounts),
        _busy(numbering),
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


def _guests(numbering: Numbering, amounts: Floats) -> Notice | None:
    """Point out ids that stand for nobody in particular, and would count as one customer."""
    # every filter is dearer than the one before, and leaves next to none to the next
    numbers = np.flatnonzero(~_truth(pc.match_substring_regex(numbering.ids, SOMEBODY)))
    numbers = numbers[_truth(_nobody(numbering.ids.take(pa.array(numbers))))]
    if not numbers.size:
        return None
    rows = numbering.rows()
    found = sorted(numbers.tolist(), key=lambda number: -int(rows[number]))
    named = ", ".join(numbering.ids.take(pa.array(found[:MOST_NAMED])).to_pylist())
    count = int(rows[numbers].sum())
    return Notice(
        "GUEST_IDS",
        "{rows} rows ({percent:.0f} % of all, {amount:,.2f} in money) belong to {ids} ids that "
        "look like nobody in particular ({named}). Each counts as one customer; leave the id blank "
        "where the buyer is not known.",
        rows=count, percent=100 * count / rows.sum(), ids=len(found), named=named,
        amount=float(amounts[np.isin(numbering.customer, numbers)].sum()),
    )  # fmt: skip


def _busy(numbering: Numbering) -> Notice | None:
    """Point out one id with many times the orders of any other: a till, or an address of the shop.

    A customer with many lines in one order is none of those, so days are counted.
    """
    rows = numbering.rows()
    # whoever has so many days has many rows; counting the days of everybody is slow
    if numbering.buyers() < BUSY_FROM_CUSTOMERS or rows.max() < BUSY_SHARE / 2 * rows.sum():
        return None
    days = numbering.lines[PURCHASE_DATE].cast(pa.int32()).to_numpy().astype(np.int64)
    pairs = np.unique(numbering.customer.astype(np.int64) * 2**32 + days)
    counts = np.bincount(pairs >> 32)
    order = np.argsort(counts)
    most, next_most = int(counts[order[-1]]), int(counts[order[-2]])
    share = most / pairs.size
    if share < BUSY_SHARE or most < BUSY_TIMES * next_most:
        return None
    return Notice(
        "ONE_BUSY_CUSTOMER",
        "Customer {customer} has {rows} rows ({percent:.0f} % of all) and bought on {times:.0f} "
        "times as many days as the next. Check that this is one customer and not everybody whose "
        "name is not known; leave the id blank for those.",
        customer=numbering.ids[int(order[-1])].as_py(), rows=int(rows[order[-1]]),
        percent=100 * float(rows[order[-1]]) / rows.sum(), times=most / max(next_most, 1),
    )  # fmt: skip


def _truth(values: pa.Array) -> Bools:
    return values.to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]


def _nobody(ids: pa.Array) -> pa.Array:
    """Tell which ids are words for nobody, or addresses that nobody has."""
    plain = pc.utf8_lower(ids)
    mailbox = pc.replace_substring_regex(plain, "@.*$", "")
    like = pc.match_substring_regex(plain, "@")
    whole = [pc.replace_substring_regex(text, MARKS, " ") for text in (plain, mailbox)]
    words, boxes = (pc.utf8_trim_whitespace(text) for text in whole)
    nobody, mails = pa.array(sorted(_guest_words())), pa.array(sorted(_guest_mailboxes()))
    box = pc.and_(like, pc.or_(pc.is_in(boxes, nobody), pc.is_in(boxes, mails)))
    return pc.or_(pc.is_in(_bare(words), nobody), box)


def _bare(words: pa.Array) -> pa.Array:
    """Return texts without accents; few have any."""
    accented = pc.invert(pc.string_is_ascii(words))
    if not pc.any(accented).as_py():
        return words
    plain = [plain_words(text) for text in words.filter(accented).to_pylist()]
    return pc.replace_with_mask(words, accented, pa.array(plain, pa.string()))


@cache
def _guest_words() -> frozenset[str]:
    nobody = table("nobody")
    ids = {plain_words(e) for text in nobody["ids"].values() for e in listed(text)}
    return frozenset(ids | set(nobody["numbers"]["words"].split()) | {""})


@cache
def _guest_mailboxes() -> frozenset[str]:
    return frozenset(plain_words(word) for word in table("nobody")["mail"]["words"].split())


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
