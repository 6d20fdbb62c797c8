"""Olist: the Brazilian E-Commerce Public Dataset, its tables joined into one.

Columns: https://www.kaggle.com/datasets/olistbr/brazilian-ecommerce

The orders table has no money; joined with the customers and either the items (``price`` and
``freight_value`` of each) or the payments (``payment_value``) it has. A join with both, or with
reviews, repeats lines: each item, and each payment, of an order counts once. Canceled and
unavailable orders are dropped. The customer is ``customer_unique_id``: ``customer_id`` is new
with every order. Freight is stated apart with the items only; tax is not stated.
"""

from __future__ import annotations

from clvcore.ingest.presets.preset import Preset
from clvcore.ingest.presets.sheet import Bools, Lines, Sheet, numbered, repeats
from clvcore.ingest.presets.totals import CANCELLED, REPEATED

FAILED = frozenset({"canceled", "cancelled", "unavailable"})
SOURCE = "https://www.kaggle.com/datasets/olistbr/brazilian-ecommerce"
BUYING = ("order id", "customer unique id", "order purchase timestamp")


def _items(sheet: Sheet) -> Lines:
    amount = sheet.money("price")
    if sheet.shipping:
        amount = amount + sheet.money("freight value")
    again = repeats(numbered(sheet.text("order id")), numbered(sheet.text("order item id")))
    return Lines(amount=amount, dropped=_dropped(sheet, again))


def _payments(sheet: Sheet) -> Lines:
    keys = ["order id", "payment value"]
    if sheet.has("payment sequential"):
        keys.append("payment sequential")
    again = repeats(*[numbered(sheet.text(key)) for key in keys])
    return Lines(dropped=_dropped(sheet, again))


def _dropped(sheet: Sheet, again: Bools) -> dict[str, Bools]:
    return {REPEATED: again, CANCELLED: sheet.is_one_of("order status", FAILED)}


OLIST_ITEMS = Preset(
    name="olist_items",
    title="Olist (items)",
    source=SOURCE,
    headers=(*BUYING, "order item id", "price", "freight value"),
    customer_id="customer unique id",
    date="order purchase timestamp",
    amount="price",
    order_id="order id",
    attributes=("customer state",),
    shipping=True,
    lines=_items,
)
OLIST_PAYMENTS = Preset(
    name="olist_payments",
    title="Olist (payments)",
    source=SOURCE,
    headers=(*BUYING, "payment value"),
    customer_id="customer unique id",
    date="order purchase timestamp",
    amount="payment value",
    order_id="order id",
    attributes=("customer state", "payment type"),
    lines=_payments,
)
