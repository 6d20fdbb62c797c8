"""Transactions + as_of -> Snapshot: the only place that cuts time.

Every feature, fit and backtest starts here, so nothing dated after ``as_of`` can reach a model.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas.api.extensions import ExtensionArray

from clvcore.features.days import PurchaseDays, changes, places
from clvcore.features.numbered_lines import CodedLines, coded, day_number, day_of
from clvcore.features.table import feature_table
from clvcore.records.columns import CUSTOMER
from clvcore.records.errors import DataError
from clvcore.records.snapshot import Snapshot
from clvcore.records.transactions import Transactions

UNKNOWN = "unknown"


def known_lines(transactions: Transactions, as_of: dt.date) -> CodedLines:
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
    lines = coded(transactions)
    if as_of >= transactions.last_day:
        return lines
    return lines.select(lines.date <= day_number(as_of)).netted()


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
    as_of = as_of or transactions.last_day
    lines = known_lines(transactions, as_of)
    if not lines.kept.any():
        raise DataError(
            "NO_PURCHASES",
            "Up to {as_of} the orders hold returns only: no purchase is left to forecast from. "
            "Choose a later day, or check the sign of the amounts.",
            as_of=as_of,
        )  # fmt: skip
    kept = lines.select(lines.kept)
    days = PurchaseDays.of(kept)
    customers = _customers(days, as_of)
    customers.index = _names(kept, days)
    for name in kept.attributes:
        customers[name] = _first_attribute(kept, name)
    first_day = int(days.day.min())
    return Snapshot(
        as_of=as_of,
        first_day=day_of(first_day),
        customers=customers,
        purchases=pd.DataFrame(
            {
                "customer": days.customer,
                "day": days.day - first_day,
                "amount": days.units / days.scale,
            },
            copy=False,
        ),
    )


def _customers(days: PurchaseDays, as_of: dt.date) -> pd.DataFrame:
    """Return the feature table, one row per customer in the order of their numbers."""
    today = day_number(as_of)
    features = feature_table(days, today)
    for name, column in (("first_purchase", "T"), ("last_purchase", "days_since_last")):
        dates = (today - features[column]).astype("datetime64[D]")
        features[name] = dates.astype("datetime64[s]")
    return pd.DataFrame(features, copy=False)  # nobody else has these arrays


def _names(lines: CodedLines, days: PurchaseDays) -> pd.Index[str]:
    ids: pd.Series[str] = lines.ids.take(pa.array(days.customers)).to_pandas().astype("str")
    return pd.Index(ids, name=CUSTOMER)


def _first_attribute(lines: CodedLines, name: str) -> ExtensionArray:
    """Return the value at each first purchase; the smallest where that day has several."""
    attribute = lines.attributes[name]
    starts = changes(lines.customer)
    first = np.minimum.reduceat(lines.purchase_day, starts)
    at_first = lines.purchase_day == first[places(starts, lines.customer.size)]
    number = np.where(at_first, attribute.number, len(attribute.levels))
    spellings = pa.concat_arrays([attribute.levels, pa.array([UNKNOWN])])
    spelled = spellings.take(pa.array(np.minimum.reduceat(number, starts)))
    values: pd.Series[str] = spelled.to_pandas().astype("str")
    return values.array
