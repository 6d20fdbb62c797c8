"""PayPal: activity download, in English.

Header: https://developer.paypal.com/archive/paypal-payments-standard/admin/download-history.md
(the default order of columns: https://gist.github.com/Nullreff/409f7d6d8ca82ae004cbf31cff25df62)

One line per movement of money. Payments received are sales, with their gross amount: fees are no
part of it. A negative line that refers to a sale of the file, or calls itself a refund, is taken
off that sale: it is given the sale's number and customer, because it names the shop as sender.
Everything else (withdrawals, conversions, holds, the shop's own purchases) is dropped as
``not_a_sale``; sales and refunds that were denied, or never completed, as ``cancelled``.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from clvcore.ingest.presets.preset import Preset
from clvcore.ingest.presets.sheet import Bools, Lines, Sheet, blank, truth
from clvcore.ingest.presets.totals import CANCELLED, NOT_A_SALE, tax_and_shipping

DONE = frozenset({"completed", "refunded", "partially refunded", "cleared"})
NO_SALE = (
    "conversion|withdraw|deposit|transfer|hold|reserve|authorization|reversal|refund|fee|loan|"
    "credit card|cashback|reward|interest|adjustment|cancel"
)
TIME_ZONE = "time zone|timezone"


def _lines(sheet: Sheet) -> Lines:
    gross, kind, number = sheet.money("gross"), sheet.words("type"), sheet.text("transaction id")
    payer, referred = sheet.text("from email address"), sheet.text("reference txn id")
    memo = sheet.is_one_of("balance impact", frozenset({"memo"}))
    named = truth(pc.match_substring_regex(kind, NO_SALE))
    sale = (gross > 0) & ~blank(payer) & ~named & ~memo
    place = pc.index_in(referred, _where(sale, number))
    found = ~blank(place) & ~blank(referred)
    refund = (gross < 0) & ~memo & (found | truth(pc.match_substring(kind, "refund")))
    back, linked = pa.array(refund), pa.array(refund & ~blank(referred))
    buyer = pc.coalesce(payer.take(place), sheet.text("to email address"))
    return Lines(
        amount=gross - tax_and_shipping(sheet, tax="sales tax", shipping=SHIPPING),
        customer=pc.if_else(back, buyer, payer),
        order=pc.if_else(linked, referred, number),
        dropped={NOT_A_SALE: ~(sale | refund), CANCELLED: ~sheet.is_one_of("status", DONE)},
    )


def _where(rows: Bools, texts: pa.Array) -> pa.Array:
    """Return ``texts`` with nulls elsewhere; places in it are rows of the file."""
    return pc.if_else(pa.array(rows), texts, pa.scalar(None, pa.string()))


SHIPPING = "shipping and handling amount"
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
