"""What looks odd in orders that are otherwise fine: huge amounts, silences, ids of nobody."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.columns import AMOUNT, CUSTOMER, KEPT, PURCHASE_DATE
from clvcore.errors import Notice

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
NOT_ASCII_WORDS, MARKS = "[^a-z0-9]+", r"[\s\pP\pS]+"
MOST_NAMED = 3

Days = npt.NDArray[np.int64]


def oddities(lines: pa.Table) -> tuple[Notice | None, ...]:
    """Return the doubts that the values themselves raise about accepted, netted ``lines``."""
    kept = lines.select([CUSTOMER, AMOUNT, PURCHASE_DATE]).filter(lines[KEPT])
    return (_outliers(lines), _silence(kept), _guests(lines), _negative(lines), _whale(kept))


def _outliers(lines: pa.Table) -> Notice | None:
    """Count amounts far beyond the upper quartile on a log scale, and ten medians at least."""
    amounts = lines[AMOUNT].to_numpy()
    positive = amounts[amounts > 0]
    if positive.size < OUTLIERS_FROM_ROWS:
        return None
    low, median, high = np.quantile(np.log(positive), [0.25, 0.5, 0.75])
    fence = max(high + OUTLIER_FENCE * (high - low), median + np.log(OUTLIER_TIMES_MEDIAN))
    beyond = positive[np.log(positive) > fence]
    if not beyond.size:
        return None
    return Notice(
        "OUTLIERS",
        "{rows} amounts are far above the others: the largest is {largest:,.2f}, the middle one "
        "{median:,.2f}. They were kept; check them, or cut the largest amounts.",
        rows=int(beyond.size), largest=float(beyond.max()), median=float(np.median(positive)),
    )  # fmt: skip


def _silence(kept: pa.Table) -> Notice | None:
    """Point out stretches in which nobody bought, much longer than is usual here."""
    days = np.sort(pc.unique(kept[PURCHASE_DATE]).cast(pa.int32()).to_numpy().astype(np.int64))
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


def _guests(lines: pa.Table) -> Notice | None:
    """Point out ids that stand for nobody in particular, and would count as one customer."""
    ids = pc.value_counts(lines[CUSTOMER])
    for marks in (NOT_ASCII_WORDS, MARKS):  # the first is cheap, and leaves next to none
        ids = ids.filter(_nobody(ids.field("values"), marks)) if len(ids) else ids
    found = [(row["values"], row["counts"]) for row in ids.to_pylist()]
    if not found:
        return None
    named = ", ".join(text for text, _ in sorted(found, key=lambda each: -each[1])[:MOST_NAMED])
    return Notice(
        "GUEST_IDS",
        "{rows} rows belong to {ids} ids that look like nobody in particular ({named}). Each "
        "counts as one customer; leave the id blank where the buyer is not known.",
        rows=sum(rows for _, rows in found), ids=len(found), named=named,
    )  # fmt: skip


def _nobody(ids: pa.Array, marks: str) -> pa.Array:
    plain = pc.replace_substring_regex(pc.utf8_lower(ids), marks, " ")
    return pc.is_in(pc.utf8_trim_whitespace(plain), value_set=pa.array(sorted(GUESTS)))


def _negative(lines: pa.Table) -> Notice | None:
    if not (lines[AMOUNT].to_numpy() < 0).any():
        return None
    spent = lines.group_by(CUSTOMER).aggregate([(AMOUNT, "sum"), (KEPT, "any")])
    below = pc.and_(pc.less(spent[f"{AMOUNT}_sum"], 0), spent[f"{KEPT}_any"])
    customers = pc.sum(below).as_py() or 0
    if not customers:
        return None
    return Notice(
        "NEGATIVE_CUSTOMERS",
        "{customers} customers with purchases returned more than they bought in these orders. "
        "Check that their older orders are in the file.",
        customers=customers,
    )


def _whale(kept: pa.Table) -> Notice | None:
    spent = kept.group_by(CUSTOMER).aggregate([(AMOUNT, "sum")])
    total = pc.sum(spent[f"{AMOUNT}_sum"]).as_py()
    if spent.num_rows < WHALE_FROM_CUSTOMERS or total <= 0:
        return None
    place = int(np.argmax(spent[f"{AMOUNT}_sum"].to_numpy()))
    share = spent[f"{AMOUNT}_sum"][place].as_py() / total
    if share < WHALE_SHARE:
        return None
    return Notice(
        "ONE_LARGE_CUSTOMER",
        "Customer {customer} brings {percent:.0f} % of all revenue. Check that this is one "
        "customer and not a collective account.",
        customer=spent[CUSTOMER][place].as_py(), percent=100 * share,
    )  # fmt: skip
