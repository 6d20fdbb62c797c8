"""What was known of each customer on a day, and what they did afterwards."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, eq=False, kw_only=True)
class Snapshot:
    """What was known of each customer at the end of ``as_of``; nothing later can change it.

    Parameters
    ----------
    as_of, first_day
        Last day known, and day of the first kept purchase: returns before it say nothing.
    customers
        One row per customer with a kept purchase day <= ``as_of``, indexed and sorted by
        ``customer_id``: ``frequency``, ``recency`` and ``T`` (days), ``monetary_value``,
        ``n_orders``, ``days_since_last``, ``revenue_to_date``, ``first_amount``, ``last_amount``,
        ``max_amount``, ``mean_log_amount``, ``recent_mean_amount`` (weights halve every 180 days),
        ``gap_mean`` and ``gap_spread`` (days between purchases, NaN without a repeat),
        ``returned_share``, ``year_end_share`` (purchase days in November and December),
        ``purchases_30`` to ``_365`` and ``spend_30`` to ``_365`` (last days), ``first_purchase``,
        ``last_purchase`` and the attribute columns (value at the first purchase).
    purchases
        One row per kept purchase day: ``customer`` (row number in ``customers``), ``day`` (days
        since ``first_day``), ``amount``; sorted by both.
    """

    as_of: dt.date
    first_day: dt.date
    customers: pd.DataFrame
    purchases: pd.DataFrame

    @property
    def history_days(self) -> int:
        """Days from the first day of the log to ``as_of``."""
        return (self.as_of - self.first_day).days


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcome:
    """What the customers of a snapshot did in (``as_of``, ``end``].

    ``customers`` has one row per customer of the snapshot, in its order: ``revenue`` (sum of kept
    day totals, undiscounted) and ``purchases`` (kept purchase days). ``newcomer_revenue`` is the
    revenue of customers first seen after ``as_of``; they are no part of any forecast.
    """

    as_of: dt.date
    end: dt.date
    customers: pd.DataFrame
    newcomer_revenue: float
