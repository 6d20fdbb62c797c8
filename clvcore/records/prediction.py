"""Expected purchases and revenue of each customer, month by month."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from clvcore.records.numbers import Floats


@dataclass(frozen=True, eq=False, kw_only=True)
class Prediction:
    """Expected purchases and revenue per customer, cumulative over the grid.

    Parameters
    ----------
    index
        Customer ids, in the snapshot's order.
    purchases, revenue
        Shape (customers, steps), cumulative, undiscounted, at margin 1.
    p_alive, p_purchase
        Shape (customers,): at ``as_of``; at least one purchase within the horizon.
    purchase_value
        Shape (customers,): expected amount per purchase day.
    """

    index: pd.Index
    purchases: Floats
    revenue: Floats
    p_alive: Floats
    p_purchase: Floats
    purchase_value: Floats
