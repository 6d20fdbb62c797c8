"""Square: "Transactions CSV" and "Items detail CSV" of the dashboard.

Headers of both files, as the tests of a program that rebuilds them print them (the maker's own
lists could not be found):
https://github.com/PratikeshG/BenNJerry/blob/34fc37c0ea3ed72dc95fd1061bf62b9248d5c429/src/test/java/vfcorp/smartwool/CsvExamples.java
``Transaction Status``, in newer exports only:
https://github.com/aditya2kx/jarvis/blob/4b69f38960e6a8ae32b1a1abf97e5a91f1b0e162/skills/square_api/export.py
What the columns hold: https://squareup.com/help/au/en/article/5200-square-glossary

``Net Sales`` is after discounts and without tax; tax is added, tips and the sale of gift cards
are not (what a gift card buys is in the net sales). Refunds are lines of their own with negative
amounts, under the same ``Transaction ID`` where Square kept it; a refund of an amount rather than
an item stands in ``Partial Refunds``. Sales to nobody in particular have no customer and are
counted as such.
"""

from __future__ import annotations

import numpy as np

from clvcore.ingest.presets.preset import Preset
from clvcore.ingest.presets.sheet import Lines, Sheet
from clvcore.ingest.presets.totals import CANCELLED

SOURCE = (
    "https://github.com/PratikeshG/BenNJerry/blob/34fc37c0ea3ed72dc95fd1061bf62b9248d5c429/"
    "src/test/java/vfcorp/smartwool/CsvExamples.java"
)
FAILED = frozenset({"failed", "canceled", "cancelled", "voided", "declined"})
BOTH = (
    "date", "time", "time zone", "gross sales", "discounts", "net sales", "tax", "transaction id",
    "payment id", "event type", "location", "customer id",
)  # fmt: skip


def _lines(sheet: Sheet) -> Lines:
    # a partial refund is money back, however the file signs it
    amount = sheet.money("net sales") - np.abs(sheet.money("partial refunds"))
    if sheet.tax:
        amount = amount + sheet.money("tax")
    return Lines(
        amount=amount,
        dropped={CANCELLED: sheet.is_one_of("transaction status", FAILED)},
    )


def _preset(name: str, title: str, own: tuple[str, ...]) -> Preset:
    return Preset(
        name=name,
        title=title,
        source=SOURCE,
        headers=(*BOTH, *own),
        customer_id="customer id",
        date="date",
        amount="net sales",
        order_id="transaction id",
        attributes=("location",),
        tax=True,
        lines=_lines,
    )


SQUARE = _preset("square", "Square (transactions)", ("total collected", "tip"))
SQUARE_ITEMS = _preset("square_items", "Square (items)", ("item", "qty", "price point name"))
