"""BigCommerce: orders export with the default template.

Header, as an importer written for that file reads it, in ``top_level_attributes.rb``,
``transactions.rb`` and ``addresses_attribute.rb`` (the maker's own list could not be found):
https://github.com/discolabs/shopify_transporter/tree/acb985cfae8bd752c0eb3067471fc7ab82cba52a/lib/shopify_transporter/pipeline/bigcommerce/order

One line per order; templates with one line per product repeat the total. ``Order Total (inc
tax)`` includes ``Shipping Cost (inc tax)``, and both have columns without tax. Orders that were
cancelled, declined, refunded or never placed (incomplete, pending) are dropped. The customer is
the e-mail address, which guests have too. Dates are month first, as that importer reads them,
where the rows do not decide.
"""

from __future__ import annotations

from clvcore.ingest.presets.preset import Preset
from clvcore.ingest.presets.sheet import Floats, Lines, Sheet
from clvcore.ingest.presets.totals import order_totals, tax_and_shipping

FAILED = frozenset({"cancelled", "canceled", "declined", "refunded", "incomplete", "pending"})


def _without(sheet: Sheet) -> Floats:
    cost = "shipping cost inc tax" if sheet.tax else "shipping cost ex tax"
    off = tax_and_shipping(sheet, tax=None, shipping=cost)
    if not sheet.tax:
        off += sheet.money("order total inc tax") - sheet.money("order total ex tax")
    return off


def _lines(sheet: Sheet) -> Lines:
    return order_totals(
        sheet,
        order="order id",
        total="order total inc tax",
        refunded="refund amount",
        cancelled=sheet.is_one_of("order status", FAILED),
        without=_without(sheet),
    )


BIGCOMMERCE = Preset(
    name="bigcommerce",
    title="BigCommerce",
    source=(
        "https://github.com/discolabs/shopify_transporter/tree/"
        "acb985cfae8bd752c0eb3067471fc7ab82cba52a/lib/shopify_transporter/pipeline/bigcommerce/order"
    ),
    headers=(
        "order id", "customer email", "order status", "order date",
        "order total inc tax", "order total ex tax", "shipping cost inc tax",
        "shipping cost ex tax",
    ),
    customer_id="customer email",
    date="order date",
    amount="order total inc tax",
    order_id="order id",
    email="customer email",
    attributes=("billing country",),
    date_order="mdy",
    tax=True,
    shipping=True,
    currency="order currency code",
    lines=_lines,
)  # fmt: skip
