"""Shopify: "Export orders" in the admin.

Header: https://help.shopify.com/en/manual/fulfillment/managing-orders/exporting-orders

One line per item; what belongs to the order (``Financial Status``, ``Total``, ``Refunded
Amount``, ...) stands on its first line only and is blank on the others. ``Total`` includes
``Taxes`` and ``Shipping``. Orders that were cancelled, voided, expired or refunded in full are
dropped; orders not paid yet (``pending``, ``authorized``) count. The customer is the e-mail
address: the export has no account number.
"""

from __future__ import annotations

from clvcore.ingest.presets.preset import Preset
from clvcore.ingest.presets.sheet import Lines, Sheet, blank
from clvcore.ingest.presets.totals import either, order_totals, tax_and_shipping

FAILED = frozenset({"voided", "refunded", "expired"})


def _lines(sheet: Sheet) -> Lines:
    cancelled = ~blank(sheet.text("cancelled at|canceled at"))
    return order_totals(
        sheet,
        order="name",
        total="total",
        refunded="refunded amount",
        cancelled=either(cancelled, sheet.is_one_of("financial status", FAILED)),
        without=tax_and_shipping(sheet, tax="taxes", shipping="shipping"),
    )


SHOPIFY = Preset(
    name="shopify",
    title="Shopify",
    source="https://help.shopify.com/en/manual/fulfillment/managing-orders/exporting-orders",
    headers=(
        "name", "email", "financial status", "currency", "subtotal", "shipping", "taxes", "total",
        "created at", "lineitem quantity", "lineitem name", "lineitem price",
    ),
    customer_id="email",
    date="created at",
    amount="total",
    order_id="name",
    email="email",
    attributes=("source", "billing country", "shipping country"),
    tax=True,
    shipping=True,
    currency="currency",
    lines=_lines,
)  # fmt: skip
