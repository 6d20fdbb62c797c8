"""Amazon: the order report of a seller (tab-separated).

Header: https://sellercentral.amazon.co.jp/gp/help/external/help.html?itemID=201648780

One line per item. ``item-price``, ``shipping-price``, ``gift-wrap-price`` and their taxes are for
the whole quantity, not for one piece; discounts are taken off whichever way they are signed.
Where one line is not enough for an order's promotions Amazon adds lines that are nearly blank;
without a price they are dropped as ``repeated_total``. The buyer is Amazon's own e-mail alias,
one per buyer. The report "All orders" names no buyer, so it cannot be used.
"""

from __future__ import annotations

import numpy as np

from clvcore.ingest.presets.preset import Preset
from clvcore.ingest.presets.sheet import Floats, Lines, Sheet, blank, numbered, repeats
from clvcore.ingest.presets.totals import CANCELLED, REPEATED, either

FAILED = frozenset({"cancelled", "canceled"})


def _amount(sheet: Sheet) -> Floats:
    money = sheet.money
    amount = (
        money("item price") + money("gift wrap price") - np.abs(money("item promotion discount"))
    )
    if sheet.tax:
        amount = amount + money("item tax") + money("gift wrap tax")
    if sheet.shipping:
        amount = amount + money("shipping price") - np.abs(money("ship promotion discount"))
        if sheet.tax:
            amount = amount + money("shipping tax")
    return amount


def _lines(sheet: Sheet) -> Lines:
    continued = repeats(numbered(sheet.text("order id"))) & blank(sheet.text("item price"))
    cancelled = either(
        sheet.is_one_of("order status", FAILED), sheet.is_one_of("item status", FAILED)
    )
    return Lines(amount=_amount(sheet), dropped={REPEATED: continued, CANCELLED: cancelled})


AMAZON = Preset(
    name="amazon",
    title="Amazon",
    source="https://sellercentral.amazon.co.jp/gp/help/external/help.html?itemID=201648780",
    headers=(
        "order id", "order item id", "purchase date", "payments date", "buyer email", "sku",
        "quantity purchased", "currency", "item price", "item tax", "shipping price",
        "shipping tax",
    ),
    customer_id="buyer email",
    date="purchase date",
    amount="item price",
    order_id="order id",
    email="buyer email",
    attributes=("sales channel", "ship country"),
    tax=True,
    shipping=True,
    currency="currency",
    lines=_lines,
)  # fmt: skip
