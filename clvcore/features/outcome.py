"""Transactions + as_of + end -> Outcome: what the customers of a snapshot then did."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.columns import AMOUNT, CUSTOMER, KEPT, PURCHASE_DATE
from clvcore.errors import DataError
from clvcore.features.snapshot import known_lines, money_scale
from clvcore.records import Outcome, Snapshot, Transactions


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
    after = pc.greater(lines[PURCHASE_DATE], pa.scalar(snapshot.as_of, pa.date32()))
    lines = lines.filter(pc.and_(lines[KEPT], after))
    amounts = lines[AMOUNT].to_numpy()
    scale = money_scale(amounts)  # whole units: no order of rows may move the last digit
    units = pa.array(np.rint(amounts * scale).astype(np.int64))
    lines = lines.select([CUSTOMER, PURCHASE_DATE]).append_column("units", units)
    days = lines.group_by([CUSTOMER, PURCHASE_DATE]).aggregate([("units", "sum")])
    sums = days.group_by([CUSTOMER]).aggregate([("units_sum", "sum"), ("units_sum", "count")])
    row = snapshot.customers.index.get_indexer(pd.Index(sums[CUSTOMER].to_pylist(), dtype="str"))
    known = row >= 0
    money = sums["units_sum_sum"].to_numpy() / scale
    revenue = np.zeros(len(snapshot.customers))
    purchases = np.zeros(len(snapshot.customers), dtype=np.int64)
    revenue[row[known]] = money[known]
    purchases[row[known]] = sums["units_sum_count"].to_numpy()[known]
    return Outcome(
        as_of=snapshot.as_of,
        end=end,
        customers=pd.DataFrame(
            {"revenue": revenue, "purchases": purchases}, index=snapshot.customers.index
        ),
        newcomer_revenue=float(money[~known].sum()),
    )
