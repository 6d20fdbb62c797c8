"""What any group of customers adds up to."""

from __future__ import annotations

import numpy as np
import pandas as pd

from clvcore.columns import TOTALS_FRAME
from clvcore.errors import Notice


def build_totals(customers: pd.DataFrame) -> pd.DataFrame:
    """Return ``clv`` of everyone, of each segment and of each cohort; the bounds are empty.

    Customers share parameters, seasons and shocks, so the sum of their own intervals would be far
    too narrow. Empty bounds are better than wrong ones.
    """
    parts = [_sums(customers, "all", pd.Series("all", index=customers.index))]
    parts += [_sums(customers, scope, customers[scope]) for scope in ("segment", "cohort")]
    totals = pd.concat(parts, ignore_index=True)
    totals[["clv_lower", "clv_upper"]] = np.nan
    return totals[list(TOTALS_FRAME)].astype({"scope": "str", "key": "str"})


def unmeasured_notice() -> Notice:
    """Say why totals carry no bounds."""
    return Notice(
        "TOTALS_NOT_MEASURED",
        "Totals carry no interval yet: adding up the customers' own bounds would promise far too "
        "much precision.",
    )


def _sums(customers: pd.DataFrame, scope: str, key: pd.Series[str]) -> pd.DataFrame:
    sums = customers["clv"].groupby(key.to_numpy()).agg(["size", "sum"])
    return pd.DataFrame(
        {
            "scope": scope,
            "key": sums.index,
            "customers": sums["size"].to_numpy(),
            "clv": sums["sum"].to_numpy(),
        }
    )
