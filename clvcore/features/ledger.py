"""The ledger of a forecast: the intake's, with what lies after ``as_of`` set apart."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math

import numpy as np

from clvcore.features.snapshot import known_lines
from clvcore.records.columns import AMOUNT
from clvcore.records.transactions import QualityReport, Transactions

RETURNED, AFTER = "returned", "after_as_of"
# doubts that count rows of the whole file, later ones included
ABOUT_ALL_ROWS = {
    "CUSTOMERS_WITHOUT_PURCHASE", "DUPLICATE_ROWS", "ONE_LARGE_CUSTOMER", "RETURNS", "ZERO_AMOUNTS",
}  # fmt: skip


def ledger(transactions: Transactions, *, as_of: dt.date) -> QualityReport:
    """Return the quality report as of ``as_of``: both identities hold with the same totals.

    Lines dated later are dropped under ``after_as_of``; which days count as returned is judged by
    what was known on that day.
    """
    intake = transactions.quality
    if as_of >= transactions.last_day:
        return intake
    lines = known_lines(transactions, as_of)
    kept, returned = lines.select(lines.kept), lines.select(~lines.kept)
    all_money = math.fsum(transactions.lines[AMOUNT].to_numpy())
    known_money = math.fsum(lines.amount)
    rows = {reason: n for reason, n in intake.rows_dropped.items() if reason != RETURNED}
    money = {reason: m for reason, m in intake.amount_dropped.items() if reason != RETURNED}
    if returned.amount.size:
        rows[RETURNED] = returned.amount.size
        money[RETURNED] = math.fsum(returned.amount)
    rows[AFTER] = transactions.lines.num_rows - lines.amount.size
    money[AFTER] = all_money - known_money
    return dataclasses.replace(
        intake,
        rows_used=kept.amount.size,
        rows_dropped=rows,
        amount_used=math.fsum(kept.amount),
        amount_dropped=money,
        customers_used=np.unique(kept.customer).size,
        warnings=tuple(notice for notice in intake.warnings if notice.code not in ABOUT_ALL_ROWS),
    )
