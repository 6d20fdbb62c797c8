"""Magento and Adobe Commerce: CSV of the orders grid.

Header: https://docs.magento.com/user-guide/sales/orders-workspace.html

One line per order. ``Grand Total (Base)`` is in the shop's own currency, so orders of all store
views can be added; it includes tax, which the grid does not state apart, and ``Shipping and
Handling``, which it does. ``Total Refunded`` is in the currency of the purchase, so the part it
is of ``Grand Total (Purchased)`` is what counts. Orders that were canceled or closed (refunded in
full) or are held for fraud or payment are dropped. The customer is the e-mail address, one of the
grid's further columns.
"""

from __future__ import annotations

from clvcore.ingest.presets.preset import Preset
from clvcore.ingest.presets.sheet import Lines, Sheet
from clvcore.ingest.presets.totals import order_totals, tax_and_shipping

FAILED = frozenset(
    {"canceled", "cancelled", "closed", "fraud", "suspected fraud", "pending payment"}
)


def _lines(sheet: Sheet) -> Lines:
    return order_totals(
        sheet,
        order="id",
        total="grand total base",
        refunded="total refunded",
        paid="grand total purchased",
        cancelled=sheet.is_one_of("status", FAILED),
        without=tax_and_shipping(sheet, tax=None, shipping="shipping and handling"),
    )


MAGENTO = Preset(
    name="magento",
    title="Magento",
    source="https://docs.magento.com/user-guide/sales/orders-workspace.html",
    headers=(
        "id", "purchase point", "purchase date", "bill to name", "grand total base",
        "grand total purchased", "status", "customer email",
    ),
    customer_id="customer email",
    date="purchase date",
    amount="grand total base",
    order_id="id",
    email="customer email",
    attributes=("purchase point", "customer group", "payment method"),
    shipping=True,
    lines=_lines,
)  # fmt: skip
