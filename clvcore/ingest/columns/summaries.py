"""Tell a table of customers, summed up, from a log of orders.

A summary read as orders is the quiet kind of wrong: its last purchase becomes the only order there
ever was. Recency, frequency and money (RFM) have names of their own, and a customer stands there
once.
"""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.ingest.amounts import amounts
from clvcore.ingest.columns.headers import CAMEL, name_score
from clvcore.ingest.dates import dates
from clvcore.ingest.distinct import is_text
from clvcore.ingest.raw import RawTable
from clvcore.records.errors import DataError

SAMPLE_ROWS = 2_000
READABLE = 0.9  # share of a column's filled cells that must be of its kind
MOST_REPEATED = 0.01  # share of rows whose customer stood there before: slips, not orders
NAMED = 0.5  # least name score of a plain order date, an order id or a customer

FREQUENCY, RECENCY, TENURE, MONEY = "frequency", "recency", "tenure", "money"
# every word of an entry must be among the words of a column's name
SIGNALS: dict[str, str] = {
    FREQUENCY: "frequency|frecuencia|frequencia|frequenz|haufigkeit|frequence|frequenza|frequentie|"
    "czestotliwosc|siklik|частота|频率|頻率|頻度|购买频次|購入回数|빈도|구매횟수|التكرار|"
    "order count|orders count|number orders|num orders|n orders|total orders|purchase count|"
    "purchases count|number purchases|num purchases|n purchases|transaction count|"
    "transactions count|number transactions|num transactions|n transactions|invoice count|"
    "numero pedidos|numero compras|cantidad pedidos|cantidad compras|quantidade pedidos|"
    "quantidade compras|anzahl bestellungen|anzahl kaufe|nombre commandes|nombre achats|"
    "numero ordini|numero acquisti|aantal bestellingen|aantal aankopen|liczba zamowien|"
    "siparis sayisi",
    RECENCY: "recency|recencia|rezenz|recence|recenza|recentie|aktualnosc|guncellik|давность|"
    "最近|最近一次|最終購入日|최근성|الحداثة|since last|last purchase|last order|"
    "last transaction|last invoice|last visit|last bought|ultima compra|ultimo pedido|"
    "ultima orden|letzter kauf|letzte bestellung|seit letztem kauf|dernier achat|"
    "derniere commande|ultimo acquisto|ultimo ordine|laatste aankoop|laatste bestelling|"
    "ostatni zakup|ostatnie zamowienie|son siparis|son alisveris|последняя покупка",
    TENURE: "tenure|customer age|since first|first purchase|first order|first transaction|"
    "antiguedad|antiguidade|anciennete|anzianita|primera compra|primer pedido|primeira compra|"
    "primeiro pedido|erster kauf|erste bestellung|premier achat|premiere commande|"
    "primo acquisto|primo ordine|eerste aankoop|eerste bestelling|pierwszy zakup|"
    "первая покупка|首次购买|初回購入日|첫구매일",
    MONEY: "monetary|monetario|monetaria|monetar|monetaire|monetair|parasal|monetarny|"
    "денежная|金额|购买金额|購入金額|구매금액|total spent|total spend|lifetime value|"
    "lifetime spend|lifetime revenue|total revenue|total value|average order value|"
    "avg order value|mean order value|aov|ltv|total gastado|gasto total|total gasto|"
    "gesamtumsatz|total depense|totale speso|totaal besteed",
}  # fmt: skip
# names that mean something only as the whole name, and only beside the others
WHOLE: dict[str, frozenset[str]] = {
    FREQUENCY: frozenset({"orders", "purchases", "transactions", "pedidos", "compras",
                          "bestellungen", "commandes", "achats", "ordini", "f", "f score"}),
    RECENCY: frozenset({"r", "r score"}),
    TENURE: frozenset({"t", "age days"}),
    MONEY: frozenset({"m", "m score"}),
}  # fmt: skip
FILLERS = frozenset(
    ("de", "del", "do", "da", "du", "des", "d", "la", "le", "of", "the", "in", "em", "en", "il")
)


def refuse_summaries(raw: RawTable) -> None:
    """Refuse a table that holds one summed-up row per customer instead of orders.

    Names alone decide nothing: the frequency must be numbers, the recency numbers or days, and no
    customer may stand there again. Where the table has plain order dates that differ, or order ids,
    it takes all of recency, frequency and money to be a summary.

    Raises
    ------
    DataError
        ``SUMMARIES_NOT_ORDERS``, with the columns that say so.
    """
    found = _signals(raw)
    if FREQUENCY not in found or len(found) < 2:
        return
    taken = set(found.values())
    others = [name for name in raw.columns if name not in taken]
    if _has_orders(raw, others) and not {FREQUENCY, RECENCY, MONEY} <= found.keys():
        return
    if not _stands_once(raw, others):
        return
    raise DataError(
        "SUMMARIES_NOT_ORDERS",
        "These are not orders but one row per customer, summed up ({columns}). A forecast needs "
        "the orders themselves: one row per order with customer, date and amount. Over HTTP, "
        "summaries can be sent as customer_data.",
        columns=", ".join(found.values()), customers=raw.table.num_rows,
    )  # fmt: skip


def _signals(raw: RawTable) -> dict[str, str]:
    """Return the column that speaks for each part of a summary, the first in the table."""
    found: dict[str, str] = {}
    for name in raw.columns:
        kind = _kind(name)
        if kind is not None and kind not in found and _fits(kind, _sample(raw, name)):
            found[kind] = name
    return found


def _kind(name: str) -> str | None:
    words = _words(name)
    tokens, glued = set(words.split()), words.replace(" ", "")
    for kind, entries in _entries().items():
        if words in WHOLE[kind] or any(
            entry <= tokens or "".join(parts) == glued for entry, parts in entries
        ):
            return kind
    return None


@cache
def _entries() -> dict[str, tuple[tuple[frozenset[str], tuple[str, ...]], ...]]:
    # recency first: "orders count since last order" says how long ago before it says how many
    return {
        kind: tuple(
            (frozenset(parts), parts)
            for parts in (tuple(_words(entry).split()) for entry in SIGNALS[kind].split("|"))
        )
        for kind in (RECENCY, TENURE, FREQUENCY, MONEY)
    }


def _words(name: str) -> str:
    """Return a name as lower-case words without accents or articles, in any script."""
    apart = unicodedata.normalize("NFKD", CAMEL.sub(" ", name).casefold())
    bare = "".join(c for c in apart if not unicodedata.combining(c))
    words = "".join(c if c.isalnum() else " " for c in bare).split()
    return " ".join(word for word in words if word not in FILLERS)


def _sample(raw: RawTable, name: str) -> pa.ChunkedArray:
    column = raw.table[name]
    step = max(1, len(column) // SAMPLE_ROWS)
    return column.take(pa.array(np.arange(0, len(column), step)))


def _fits(kind: str, sample: pa.ChunkedArray) -> bool:
    """Tell whether the values can be what the name says: a plan is called frequency as well."""
    numbers = amounts.readable_share(sample) > READABLE
    if kind in (RECENCY, TENURE):
        return numbers or dates.readable_share(sample) > READABLE
    return numbers


def _has_orders(raw: RawTable, others: list[str]) -> bool:
    """Tell whether there are order ids, or dates of orders that are not all one day."""
    for name in others:
        if name_score("order_id", name) >= NAMED:
            return True
        if name_score("date", name) >= NAMED and pc.count_distinct(raw.table[name]).as_py() > 1:
            return True
    return False


def _stands_once(raw: RawTable, others: list[str]) -> bool:
    """Tell whether no customer comes back; unless named, the first column left is theirs."""
    if not others:
        return False
    column = raw.table[max(others, key=lambda name: name_score("customer_id", name))]
    filled = len(column) - column.null_count
    if filled == 0:
        return False
    if is_text(column.type):
        column = pc.utf8_trim_whitespace(column)
    return bool(filled - pc.count_distinct(column).as_py() <= MOST_REPEATED * filled)
