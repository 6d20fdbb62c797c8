"""Transactions + as_of + end -> Outcome: what the customers of a snapshot then did."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.features.days import PurchaseDays, changes
from clvcore.features.netting import Numbers
from clvcore.features.numbered_lines import CodedLines, day_number
from clvcore.features.snapshot import known_lines
from clvcore.records.errors import DataError
from clvcore.records.snapshot import Outcome, Snapshot
from clvcore.records.transactions import Transactions


def take_outcome(
    transactions: Transactions,
    snapshot: Snapshot,
    *,
    end: dt.date,
    known_until: dt.date | None = None,
) -> Outcome:
    """Sum the kept day totals of the snapshot's customers in (``as_of``, ``end``].

    Parameters
    ----------
    transactions
        The log the snapshot was taken from.
    snapshot
        Whose customers are followed; others count as newcomers.
    end
        Last day of the window, inclusive; it must be known, or the sums would be cut short.
    known_until
        Last day known; default the last day of the log. A later one means known silence.

    Raises
    ------
    DataError
        If ``end`` lies after the last day known.
    """
    if end > (known_until or transactions.last_day):
        raise DataError(
            "OUTCOME_INCOMPLETE",
            "The window ends on {end}, but the last day known is {last}: what happened after it "
            "cannot be scored.",
            end=end, last=known_until or transactions.last_day,
        )  # fmt: skip
    lines = known_lines(transactions, end)
    after = lines.select(lines.kept & (lines.purchase_day > day_number(snapshot.as_of)))
    followed = snapshot.customers.index
    revenue, purchases = np.zeros(len(followed)), np.zeros(len(followed), dtype=np.int64)
    newcomer_revenue = 0.0
    if after.customer.size:
        days = PurchaseDays.of(after)
        starts = changes(days.customer)
        units = np.add.reduceat(days.units, starts)
        row = _rows(followed, after, days)
        known = row >= 0
        revenue[row[known]] = units[known] / days.scale
        purchases[row[known]] = np.bincount(days.customer)[known]
        newcomer_revenue = float(units[~known].sum(dtype=np.float64)) / days.scale
    return Outcome(
        as_of=snapshot.as_of,
        end=end,
        customers=pd.DataFrame({"revenue": revenue, "purchases": purchases}, index=followed),
        newcomer_revenue=newcomer_revenue,
    )


def _rows(followed: pd.Index[str], lines: CodedLines, days: PurchaseDays) -> Numbers:
    """Return the row among the followed of each customer who bought, -1 for a newcomer."""
    names = pa.array(followed)
    bought = lines.ids.take(pa.array(days.customers)).cast(names.type)
    rows: Numbers = pc.index_in(bought, value_set=names).fill_null(-1).to_numpy()
    return rows
