"""Numbers and the ledger in words, for the terminal."""

from __future__ import annotations

import math

from clvcore.cli.page import Page
from clvcore.ingest.ledger import WINSORISED
from clvcore.records.transactions import QualityReport

# the other reasons are words already, such as missing_date
_REASONS = {
    "ragged_row": "too many or too few cells",
    "returned": "days with only returns",
    "forgotten": "customers forgotten on request",
    "after_as_of": "after the last day used",
    "duplicate_dropped": "repeats an earlier row",
    "outside_dates": "outside the days chosen",
    "other_currency": "in another currency",
    "zero_dropped": "amount of zero",
    "cancelled": "cancelled orders",
    "repeated_total": "order total said before",
    "not_a_sale": "not a sale",
    "subtotal": "totals among the rows",
    "far_off_date": "date far from all others",
    WINSORISED: "largest amounts",
}


def money(amount: float, currency: str | None, *, decimals: int = 2) -> str:
    """Return an amount with its currency; an amount nobody knows is ``not known``.

    Examples
    --------
    >>> money(1234.5, "EUR"), money(float("nan"), None)
    ('1,234.50 EUR', 'not known')
    """
    if not math.isfinite(amount):
        return "not known"
    number = f"{amount:,.{decimals}f}"
    return f"{number} {currency}" if currency else number


def percent(share: float) -> str:
    """Return a share in percent.

    Examples
    --------
    >>> percent(0.614)
    '61 %'
    """
    return f"{100 * share:.0f} %"


def reason_words(reason: str) -> str:
    """Return why rows were dropped.

    Examples
    --------
    >>> reason_words("zero_dropped"), reason_words("missing_date")
    ('amount of zero', 'missing date')
    """
    return _REASONS.get(reason, reason.replace("_", " "))


def show_ledger(page: Page, quality: QualityReport, currency: str | None) -> None:
    """Print where every row and every cent went."""
    reasons = sorted(quality.rows_dropped, key=lambda reason: -quality.rows_dropped[reason])
    rows = [("read", quality.rows_in, quality.amount_in)]
    rows += [
        (
            f"{'cut' if reason == WINSORISED else 'dropped'}: {reason_words(reason)}",
            quality.rows_dropped[reason],
            quality.amount_dropped.get(reason, 0.0),
        )
        for reason in reasons
        if quality.rows_dropped[reason] or reason == WINSORISED
    ]
    rows.append(("used", quality.rows_used, quality.amount_used))
    page.table(
        "Ledger",
        ("rows", "count", "amount"),
        [(name, f"{count:,}", money(amount, currency)) for name, count, amount in rows],
        text={"rows"},
    )
