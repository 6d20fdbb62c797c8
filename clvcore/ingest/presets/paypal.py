"""PayPal: activity download, in English.

Header: https://developer.paypal.com/archive/paypal-payments-standard/admin/download-history.md
(the default order of columns: https://gist.github.com/Nullreff/409f7d6d8ca82ae004cbf31cff25df62)

One line per movement of money. Payments received are sales, with their gross amount: fees are no
part of it. Refunds, reversals and chargebacks are taken off the sale they refer to: they are
given its number and its customer, because they name the shop as sender. Everything else
(withdrawals, conversions, holds, the shop's own purchases) is dropped as ``not_a_sale``, items of
a shopping cart as ``repeated_total``, and what was denied or never completed as ``cancelled``.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from clvcore.ingest.presets.preset import Preset
from clvcore.ingest.presets.sheet import Bools, Lines, Sheet, blank, truth
from clvcore.ingest.presets.totals import CANCELLED, NOT_A_SALE, REPEATED, tax_and_shipping

DONE = frozenset({"completed", "refunded", "partially refunded", "cleared"})
NO_SALE = (
    "conversion|withdraw|deposit|transfer|hold|reserve|authorization|reversal|refund|fee|loan|"
    "credit card|cashback|reward|interest|adjustment|cancel"
)
MEMO = frozenset({"memo"})
BACK, NO_BACK = "refund|reversal|chargeback", "fee|hold|conversion"
CART = "shopping cart item"
SHIPPING = "shipping and handling amount"
TIME_ZONE = "time zone|timezone"


def _lines(sheet: Sheet) -> Lines:
    gross, kind, number = sheet.money("gross"), sheet.words("type"), sheet.text("transaction id")
    payer, referred = sheet.text("from email address"), sheet.text("reference txn id")
    memo, item = sheet.is_one_of("balance impact", MEMO), _says(kind, CART)
    sale = (gross > 0) & ~blank(payer) & ~_says(kind, NO_SALE) & ~memo & ~item
    refund = (gross < 0) & _says(kind, BACK) & ~_says(kind, NO_BACK) & ~memo
    place = pc.index_in(referred, _where(sale, number))
    place = pc.if_else(pc.is_valid(referred), place, pa.scalar(None, place.type))
    back, linked = pa.array(refund), pa.array(refund & ~blank(referred))
    buyer = pc.coalesce(payer.take(place), sheet.text("to email address"))
    return Lines(
        amount=gross - tax_and_shipping(sheet, tax="sales tax", shipping=SHIPPING),
        customer=pc.if_else(back, buyer, payer),
        order=pc.if_else(linked, referred, number),
        dropped={
            REPEATED: item,
            NOT_A_SALE: ~(sale | refund),
            CANCELLED: ~sheet.is_one_of("status", DONE),
        },
    )


def _says(kind: pa.Array, pattern: str) -> Bools:
    return truth(pc.match_substring_regex(kind, pattern))


def _where(rows: Bools, texts: pa.Array) -> pa.Array:
    """Return ``texts`` with nulls elsewhere; places in it are rows of the file."""
    return pc.if_else(pa.array(rows), texts, pa.scalar(None, pa.string()))


PAYPAL = Preset(
    name="paypal",
    title="PayPal",
    source="https://developer.paypal.com/archive/paypal-payments-standard/admin/download-history.md",
    headers=(
        "date", "time", TIME_ZONE, "name", "type", "status", "currency", "gross", "fee", "net",
        "from email address", "to email address", "transaction id",
    ),
    customer_id="from email address",
    date="date",
    amount="gross",
    order_id="transaction id",
    email="from email address",
    attributes=("country code", "country"),
    tax=True,
    shipping=True,
    currency="currency",
    lines=_lines,
)  # fmt: skip
