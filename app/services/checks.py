"""What accepted orders look like: the ledger and the few figures that tell whether it is right."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.columns import CUSTOMER, KEPT, LINE, PURCHASE_DATE
from clvcore.records import QualityReport, Transactions

_PREVIEW_ROWS = 5


@dataclass(frozen=True, eq=False, kw_only=True)
class CheckResult:
    """Figures of accepted orders.

    Parameters
    ----------
    quality
        The ledger, its warnings and the rejected rows.
    customers, purchase_days
        Customers with a kept purchase day, and kept pairs of customer and day.
    repeat_share
        Share of customers with two purchase days or more, 0 to 1.
    longest_gap
        Last day before and first day after the longest time in which nobody bought; None when
        there is no day without a purchase.
    preview
        The first accepted rows.
    """

    quality: QualityReport
    customers: int
    purchase_days: int
    first_day: dt.date
    last_day: dt.date
    repeat_share: float
    longest_gap: tuple[dt.date, dt.date] | None
    preview: pd.DataFrame


def figures(transactions: Transactions) -> CheckResult:
    """Compute the figures of a check."""
    kept = transactions.lines.filter(transactions.lines[KEPT])
    days = kept.group_by([CUSTOMER, PURCHASE_DATE]).aggregate([])
    per_customer = days.group_by(CUSTOMER).aggregate([(PURCHASE_DATE, "count")])
    repeats = pc.greater(per_customer[f"{PURCHASE_DATE}_count"], 1)
    customers = per_customer.num_rows
    return CheckResult(
        quality=transactions.quality,
        customers=customers,
        purchase_days=days.num_rows,
        first_day=transactions.first_day,
        last_day=transactions.last_day,
        repeat_share=(pc.sum(repeats).as_py() or 0) / customers if customers else 0.0,
        longest_gap=_longest_gap(days[PURCHASE_DATE]),
        preview=_preview(kept),
    )


def _longest_gap(days: pa.ChunkedArray) -> tuple[dt.date, dt.date] | None:
    seen = sorted(pc.unique(days).to_pylist())
    gaps = [(after - before, before, after) for before, after in pairwise(seen)]
    if not gaps:
        return None
    length, before, after = max(gaps, key=lambda gap: (gap[0], gap[1]))
    return (before, after) if length > dt.timedelta(days=1) else None


def _preview(kept: pa.Table) -> pd.DataFrame:
    shown = kept.slice(0, _PREVIEW_ROWS).drop_columns([LINE, PURCHASE_DATE, KEPT])
    return shown.to_pandas(date_as_object=False)
