"""UCI Online Retail and Online Retail II: invoices of a British gift shop, 2009 to 2011.

Header: https://archive.ics.uci.edu/dataset/352/online+retail and
https://archive.ics.uci.edu/dataset/502/online+retail+ii (``Invoice``, ``Price``, ``Customer ID``)

One line per item; ``Quantity`` times the price of one is summed into the day's purchase.
Invoices that begin with C are cancellations: their quantities are negative, and nothing links
them to the invoice they cancel, so they are netted within their day. Postage is an item like any
other. Prices are in pounds; tax is not stated apart.
"""

from __future__ import annotations

from clvcore.ingest.presets.preset import Preset

UCI_ONLINE_RETAIL = Preset(
    name="uci_online_retail",
    title="UCI Online Retail",
    source="https://archive.ics.uci.edu/dataset/352/online+retail",
    headers=(
        "invoice no|invoice", "stock code", "description", "quantity", "invoice date",
        "unit price|price", "customer id", "country",
    ),
    customer_id="customer id",
    date="invoice date",
    amount="unit price|price",
    order_id="invoice no|invoice",
    quantity="quantity",
    attributes=("country",),
)  # fmt: skip
