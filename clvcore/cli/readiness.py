"""What a file of orders can carry, before any model is asked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from clvcore.backtest.capacity import Capacity, capacity
from clvcore.cli.orders import Orders
from clvcore.cli.page import Page
from clvcore.cli.words import percent, show_ledger
from clvcore.records.columns import CUSTOMER, KEPT, PURCHASE_DATE
from clvcore.records.errors import Notice
from clvcore.records.horizon import MEAN_MONTH_DAYS, days_to_cover
from clvcore.records.transactions import Transactions

_ROLES = {
    "customer_id": "customer", "date": "date", "amount": "amount", "quantity": "pieces",
    "order_id": "order", "status": "status", "refunded": "refunded",
    "order_total": "order total on every line",
    "decimal": "decimal mark", "date_order": "date order", "attributes": "kept for cohorts",
    "email": "e-mail", "preset": "export of", "include_tax": "tax", "include_shipping": "shipping",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """Counts that decide what can be forecast; days are calendar days."""

    customers: int
    purchase_days: int
    repeat_customers: int
    first_day: dt.date
    last_day: dt.date

    @property
    def history_days(self) -> int:
        """Days from the first to the last day of the log."""
        return (self.last_day - self.first_day).days

    @property
    def needed_days(self) -> int:
        """Days from the first day of the log to the end of its six calendar months."""
        return days_to_cover(self.first_day)

    @property
    def enough_history(self) -> bool:
        """Whether a forecast is made without asking for a short history."""
        return self.history_days >= self.needed_days

    def findings(self) -> tuple[Notice, ...]:
        """Say what these counts allow and what they do not."""
        return (self._history(), self._repeats())

    def _history(self) -> Notice:
        if not self.enough_history:
            return Notice(
                "HISTORY_TOO_SHORT",
                "The orders cover {days} days; a forecast needs six calendar months, here {needed} "
                "days. Add older orders, or use --allow-short-history and accept a weaker "
                "forecast.",
                days=self.history_days, needed=self.needed_days,
            )  # fmt: skip
        months = int((self.history_days - self.needed_days) / MEAN_MONTH_DAYS)
        if months == 0:
            return Notice(
                "HISTORY_UNTESTABLE",
                "The orders cover {days} days: enough for a forecast, too little to hold a month "
                "back and test one.",
                days=self.history_days,
            )  # fmt: skip
        return Notice(
            "HISTORY_TESTABLE",
            "The orders cover {days} days: enough for a forecast, and to test one on this past.",
            days=self.history_days,
        )

    def _repeats(self) -> Notice:
        if self.repeat_customers == 0:
            return Notice(
                "NOBODY_CAME_BACK",
                "No customer bought on a second day, so nothing tells how often they return. "
                "Any forecast from these orders is weak; add older orders.",
            )
        return Notice(
            "CAME_BACK",
            "{repeat:,} of {customers:,} customers ({share:.0%}) bought on more than one day.",
            repeat=self.repeat_customers, customers=self.customers,
            share=self.repeat_customers / self.customers,
        )  # fmt: skip


def assess(transactions: Transactions) -> Readiness:
    """Count customers, purchase days and customers who came back."""
    lines = transactions.lines
    kept = lines.filter(lines[KEPT]).select([CUSTOMER, PURCHASE_DATE])
    days = kept.group_by([CUSTOMER, PURCHASE_DATE]).aggregate([])
    per_customer = days.group_by(CUSTOMER).aggregate([(PURCHASE_DATE, "count")])
    counts = per_customer[f"{PURCHASE_DATE}_count"].to_numpy()
    return Readiness(
        customers=len(counts),
        purchase_days=days.num_rows,
        repeat_customers=int((counts > 1).sum()),
        first_day=transactions.first_day,
        last_day=transactions.last_day,
    )


def carried(found: Capacity) -> str:
    """Return in one sentence what the orders can carry."""
    text = "; ".join(found.findings())
    return f"{text[0].upper()}{text[1:]}."


def show_check(orders: Orders) -> None:
    """Print how the file was understood, where its rows went and what it can carry."""
    page, found = Page(), assess(orders.transactions)
    page.sentence(
        f"{found.customers:,} customers, {found.purchase_days:,} purchase days from "
        f"{found.first_day} to {found.last_day}; "
        f"{percent(found.repeat_customers / max(found.customers, 1))} of the customers came back."
    )
    rows = [
        (_ROLES.get(role, role), _said(value))
        for role, value in orders.mapping.to_dict().items()
        if value not in (None, [])
    ]
    page.table("Columns", ("means", "column"), rows, text={"means", "column"})
    show_ledger(page, orders.transactions.quality, orders.transactions.currency)
    carries = carried(capacity(orders.transactions))
    page.list("What these orders can carry", (*found.findings(), carries))
    page.list("Doubts", orders.doubts())


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "counted" if value else "left out"
    return ", ".join(value) if isinstance(value, list) else str(value)


def check_document(orders: Orders) -> dict[str, Any]:
    """Return the same as JSON types."""
    found, carries = assess(orders.transactions), capacity(orders.transactions)
    return {
        "columns": orders.raw.table.column_names,
        **orders.document(),
        "currency": orders.transactions.currency,
        "data_hash": orders.transactions.content_hash,
        "first_day": found.first_day,
        "last_day": found.last_day,
        "history_days": found.history_days,
        "customers": found.customers,
        "purchase_days": found.purchase_days,
        "repeat_customers": found.repeat_customers,
        "enough_history": found.enough_history,
        "quality": orders.transactions.quality.to_dict(),
        "findings": [{"code": f.code, "message": str(f)} for f in found.findings()],
        "carries": {
            "longest_months": carries.longest_months,
            "seasons": carries.learns_seasons,
            "trees": carries.trains_trees,
            "findings": [{"code": f.code, "message": str(f)} for f in carries.findings()],
            "message": carried(carries),
        },
        "notes": [str(note) for note in orders.notes],
    }
