"""Stripe: "Export" on the payments page of the dashboard.

Header, as a guide to that export gives it (the maker documents its reports, but not this file):
https://docs.cello.so/guides/attribution/stripe-reports
All columns, as a program that reads the file prints them:
https://github.com/codecombat/codecombat/blob/a10b997c7279bff16c8b94916c846876785980ce/scripts/analytics/parseStripePayments.py
``Created date (UTC)``, the name in newer exports:
https://github.com/noborder0/jahresabschluss-system/blob/9ee6e7f51cc2845a017f33d176b1e989257f3b3c/src/infrastructure/importers/stripe.py

One line per payment. ``Converted Amount`` is in the currency of the account, so payments in
several currencies can be added. Payments that failed, were never captured or were refunded in
full are dropped; fees are no part of it. ``Tax`` is the tax on Stripe's fee. Customers without a
number are told apart by their e-mail address.
"""

from __future__ import annotations

import pyarrow.compute as pc

from clvcore.ingest.presets.preset import Preset
from clvcore.ingest.presets.sheet import Bools, Lines, Sheet, truth
from clvcore.ingest.presets.totals import account_or_email, either, order_totals

FAILED = frozenset(
    {
        "failed", "canceled", "cancelled", "incomplete", "uncaptured", "blocked", "declined",
        "expired", "refunded",
    }
)  # fmt: skip
NO = frozenset({"false", "no"})


def _failed(sheet: Sheet) -> Bools:
    words = sheet.words("status")
    waiting = truth(pc.starts_with(words, "requires"))
    return either(waiting, sheet.is_one_of("status", FAILED), sheet.is_one_of("captured", NO))


def _lines(sheet: Sheet) -> Lines:
    return order_totals(
        sheet,
        order="id",
        total="converted amount",
        refunded="converted amount refunded",
        cancelled=_failed(sheet),
        customer=account_or_email(sheet, "customer id", "customer email"),
    )


STRIPE = Preset(
    name="stripe",
    title="Stripe",
    source="https://docs.cello.so/guides/attribution/stripe-reports",
    headers=(
        "id", "created utc|created date utc", "amount", "currency", "converted amount",
        "converted currency", "fee", "customer id",
    ),
    customer_id="customer id",
    date="created utc|created date utc",
    amount="converted amount",
    order_id="id",
    email="customer email",
    attributes=("card issue country", "card brand"),
    currency="converted currency",
    lines=_lines,
)  # fmt: skip
