"""Transactions + as_of -> Snapshot: the only place that cuts time.

Every feature, fit and backtest starts here, so nothing dated after ``as_of`` can reach a model.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.columns import AMOUNT, CUSTOMER, DATE, KEPT, LINE, ORDER, PURCHASE_DATE
from clvcore.engines import engine, statement
from clvcore.errors import DataError
from clvcore.netting import net
from clvcore.records import Floats, Snapshot, Transactions

_FLOATS = (
    "monetary_value", "revenue_to_date", "first_amount", "last_amount", "max_amount",
    "mean_log_amount", "recent_mean_amount", "gap_mean", "gap_spread", "returned_share",
    "year_end_share", "spend_30", "spend_90", "spend_180", "spend_365",
)  # fmt: skip
DECIMALS = 1e4
_DATES = ("first_purchase", "last_purchase")


def known_lines(transactions: Transactions, as_of: dt.date) -> pa.Table:
    """Return the lines dated on or before ``as_of``, netted by what was known on that day.

    A refund dated later leaves its purchase untouched, as it stood at the time.

    Raises
    ------
    DataError
        If ``as_of`` lies before the first line.
    """
    if as_of < transactions.first_day:
        raise DataError(
            "AS_OF_TOO_EARLY",
            "as_of is {as_of}, but the first order is dated {first}. Choose a later day.",
            as_of=as_of, first=transactions.first_day,
        )  # fmt: skip
    if as_of >= transactions.last_day:
        return transactions.lines
    lines = transactions.lines.drop_columns([PURCHASE_DATE, KEPT])
    return net(lines.filter(pc.less_equal(lines[DATE], pa.scalar(as_of, pa.date32()))))


def take_snapshot(transactions: Transactions, *, as_of: dt.date | None = None) -> Snapshot:
    """Reduce the orders up to and including ``as_of`` to one row per customer.

    Purchases on one calendar day count once; the first purchase day starts the clock and is no
    part of ``frequency`` and ``monetary_value`` (Fader, Hardie & Lee 2005).

    Parameters
    ----------
    transactions
        Orders that passed the intake.
    as_of
        Last day known, inclusive; default the last day of the log. It may lie later: the days
        between are then known to be silent.

    Returns
    -------
    Snapshot
        Customers with at least one kept purchase day, sorted by id.

    Raises
    ------
    DataError
        If ``as_of`` lies before the first order, or no purchase is left up to that day.
    """
    day = as_of or transactions.last_day
    lines = known_lines(transactions, day)
    kept = lines.filter(lines[KEPT])
    if kept.num_rows == 0:
        raise DataError(
            "NO_PURCHASES",
            "Up to {as_of} the orders hold returns only: no purchase is left to forecast from. "
            "Choose a later day, or check the sign of the amounts.",
            as_of=day,
        )  # fmt: skip
    order = kept[ORDER] if ORDER in kept.column_names else pa.nulls(kept.num_rows, pa.string())
    scale = money_scale(kept[AMOUNT].to_numpy())
    needed = pa.table(
        {
            CUSTOMER: kept[CUSTOMER],
            PURCHASE_DATE: kept[PURCHASE_DATE],
            "units": np.rint(kept[AMOUNT].to_numpy() * scale).astype(np.int64),
            "order_id": order,
        }
    )
    customers = _customers(needed, day, scale)
    first_day: dt.date = pc.min(needed[PURCHASE_DATE]).as_py()
    for name in transactions.attributes:
        customers[name] = _first_attribute(kept, name)
    return Snapshot(
        as_of=day,
        first_day=first_day,
        customers=customers,
        purchases=_purchase_days(needed, first_day, scale),
    )


def money_scale(amounts: Floats) -> float:
    """Return the whole units of one unit of money: ten-thousandths if they are exact.

    Otherwise a power of two that uses the 52 bits of a float for the largest amount.
    """
    largest = float(np.abs(amounts).max(initial=0.0))
    cents = np.rint(amounts * DECIMALS)
    if largest * DECIMALS < 2.0**52 and np.array_equal(cents / DECIMALS, amounts):
        return DECIMALS
    return float(2.0 ** (51 - np.ceil(np.log2(largest)))) if largest > 0 else 1.0


def _customers(lines: pa.Table, as_of: dt.date, scale: float) -> pd.DataFrame:
    table = engine().run(
        statement("clvcore.features", "customers.sql"),
        {"as_of": as_of, "scale": scale},
        lines=lines,
    )
    frame: pd.DataFrame = table.to_pandas(date_as_object=False)
    frame[CUSTOMER] = frame[CUSTOMER].astype("str")
    frame = frame.set_index(CUSTOMER)
    variance = frame.pop("gap_square_mean") - frame["gap_mean"] ** 2
    frame["gap_spread"] = np.sqrt(np.maximum(variance, 0.0))
    whole = [c for c in frame.columns if c not in (*_FLOATS, *_DATES)]
    frame[whole] = frame[whole].astype(np.int64)
    frame[list(_FLOATS)] = frame[list(_FLOATS)].astype(np.float64)
    for name in _DATES:
        frame[name] = frame[name].astype("datetime64[s]")
    return frame


def _purchase_days(lines: pa.Table, first_day: dt.date, scale: float) -> pd.DataFrame:
    sql = statement("clvcore.features", "purchase_days.sql")
    table = engine().run(sql, {"first_day": first_day, "scale": scale}, lines=lines)
    frame: pd.DataFrame = table.to_pandas()
    return frame.astype({"customer": np.int64, "day": np.int64, "amount": np.float64})


def _first_attribute(lines: pa.Table, name: str) -> pd.Series[str]:
    needed = pa.table(
        {
            CUSTOMER: lines[CUSTOMER],
            PURCHASE_DATE: lines[PURCHASE_DATE],
            "attribute": lines[name].cast(pa.string()),
            LINE: lines[LINE],
        }
    )
    sql = statement("clvcore.features", "first_attribute.sql")
    frame: pd.DataFrame = engine().run(sql, {}, lines=needed).to_pandas()
    values: pd.Series[str] = frame.set_index(CUSTOMER)["attribute"].fillna("unknown")
    return values.astype("str")
