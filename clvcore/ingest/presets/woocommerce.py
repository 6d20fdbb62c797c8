"""WooCommerce: orders CSV of its import and export suite.

Header: https://woocommerce.com/document/import-and-export-of-woocommerce-orders/

One line per order, or one per item with ``order_total`` again on each. The total includes
``shipping_total`` and ``tax_total``, the tax on shipping with it. Orders that were cancelled,
refunded or failed, drafts, and orders pending payment are dropped, as the shop's own reports do.
Guests (``customer_id`` 0) are told apart by their e-mail address. That page gives dates as
MM/DD/YYYY, which decides where the rows do not.
"""

from __future__ import annotations

from clvcore.ingest.presets.preset import Preset
from clvcore.ingest.presets.sheet import Floats, Lines, Sheet
from clvcore.ingest.presets.totals import account_or_email, order_totals, tax_and_shipping

STATES = ("cancelled", "canceled", "refunded", "failed", "pending", "trash", "checkout draft")
FAILED = frozenset(STATES) | {f"wc {state}" for state in STATES}


def _without(sheet: Sheet) -> Floats:
    """Return what is taken off; the tax on shipping goes with either, once."""
    off = tax_and_shipping(sheet, tax="tax total", shipping="shipping total")
    if sheet.tax and not sheet.shipping:
        off += sheet.money("shipping tax total")
    return off


def _lines(sheet: Sheet) -> Lines:
    return order_totals(
        sheet,
        order="order id",
        total="order total",
        refunded="refunded total|refund total",
        cancelled=sheet.is_one_of("status", FAILED),
        without=_without(sheet),
        customer=account_or_email(sheet, "customer id", "customer email|billing email"),
    )


WOOCOMMERCE = Preset(
    name="woocommerce",
    title="WooCommerce",
    source="https://woocommerce.com/document/import-and-export-of-woocommerce-orders/",
    headers=(
        "order id", "order date", "status", "shipping total", "tax total", "order total",
        "order currency", "payment method", "customer id", "customer email|billing email",
    ),
    customer_id="customer id",
    date="order date",
    amount="order total",
    order_id="order id",
    email="customer email|billing email",
    attributes=("billing country", "payment method"),
    date_order="mdy",
    tax=True,
    shipping=True,
    currency="order currency",
    lines=_lines,
)  # fmt: skip
