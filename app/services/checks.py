"""What accepted orders look like: the ledger and the few figures that tell whether it is right."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.records.columns import AMOUNT, CUSTOMER, KEPT, LINE, PURCHASE_DATE
from clvcore.records.transactions import QualityReport, Transactions

if TYPE_CHECKING:
    from clvcore.backtest.capacity import Capacity

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
    months
        Every calendar month from the first to the last kept purchase: ``month`` (first day),
        ``revenue``, ``orders`` (purchase days), ``new`` and ``returning`` customers.
    capacity
        What the orders can carry.
    currency
        The one stated, else the one the file states; None where neither says.
    """

    quality: QualityReport
    customers: int
    purchase_days: int
    first_day: dt.date
    last_day: dt.date
    repeat_share: float
    longest_gap: tuple[dt.date, dt.date] | None
    preview: pd.DataFrame
    months: pd.DataFrame
    capacity: Capacity
    currency: str | None


def figures(transactions: Transactions) -> CheckResult:
    """Compute the figures of a check."""
    from clvcore.backtest.capacity import capacity  # by way of the models

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
        months=monthly(kept),
        capacity=capacity(transactions),
        currency=transactions.currency,
    )


def monthly(kept: pa.Table) -> pd.DataFrame:
    """Return revenue, orders, new and returning customers of every calendar month."""
    month = pc.floor_temporal(kept[PURCHASE_DATE], unit="month")
    lines = kept.select([CUSTOMER, PURCHASE_DATE, AMOUNT]).append_column("month", month)
    days = lines.group_by([CUSTOMER, PURCHASE_DATE, "month"]).aggregate([])
    buyers = days.group_by([CUSTOMER, "month"]).aggregate([]).to_pandas(date_as_object=False)
    first = buyers.groupby(CUSTOMER)["month"].transform("min")
    parts = {
        "revenue": lines.group_by("month").aggregate([(AMOUNT, "sum")])
        .to_pandas(date_as_object=False).set_index("month")[f"{AMOUNT}_sum"],
        "orders": days.to_pandas(date_as_object=False).groupby("month").size(),
        "new": buyers[buyers["month"] == first].groupby("month").size(),
        "returning": buyers[buyers["month"] > first].groupby("month").size(),
    }  # fmt: skip
    frame = pd.DataFrame(parts)
    every = pd.date_range(frame.index.min(), frame.index.max(), freq="MS", name="month")
    frame = frame.reindex(every).fillna(0.0).reset_index()
    return frame.astype({"orders": "int64", "new": "int64", "returning": "int64"})


def _longest_gap(days: pa.ChunkedArray) -> tuple[dt.date, dt.date] | None:
    seen = sorted(pc.unique(days).to_pylist())
    gaps = [(after - before, before, after) for before, after in pairwise(seen)]
    if not gaps:
        return None
    length, before, after = max(gaps, key=lambda gap: (gap[0], gap[1]))
    return (before, after) if length > dt.timedelta(days=1) else None


def _preview(kept: pa.Table) -> pd.DataFrame:
    shown = kept.slice(0, _PREVIEW_ROWS).drop_columns([LINE, PURCHASE_DATE, KEPT])
    frame: pd.DataFrame = shown.to_pandas(date_as_object=False)
    return frame
