"""Revenue per month of today's customers: what happened, and what is expected."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from clvcore.columns import FORECAST, OBSERVED, TIMELINE_FRAME
from clvcore.months import past_month_ends
from clvcore.records import Grid, Prediction, Snapshot


def build_timeline(snapshot: Snapshot, grid: Grid, prediction: Prediction) -> pd.DataFrame:
    """Return one row per month of history and forecast, undiscounted and at margin 1.

    Months are counted back and forth from ``as_of``, so the last observed one is whole; a part of
    a month at the start of the log is left out. ``month`` is the last day of each. The bounds of
    the forecast are empty until totals are measured.
    """
    ends = past_month_ends(snapshot.as_of, snapshot.first_day)
    observed = _observed(snapshot, ends)
    forecast = pd.DataFrame(
        {
            "month": pd.to_datetime(grid.dates()),
            "kind": FORECAST,
            "revenue": np.diff(prediction.revenue.sum(axis=0), prepend=0.0),
            "purchases": np.diff(prediction.purchases.sum(axis=0), prepend=0.0),
        }
    )
    timeline = pd.concat([observed, forecast], ignore_index=True)
    timeline["month"] = timeline["month"].astype("datetime64[s]")
    timeline[["lower", "upper"]] = np.nan
    return timeline[list(TIMELINE_FRAME)]


def _observed(snapshot: Snapshot, ends: list[dt.date]) -> pd.DataFrame:
    """Sum kept purchase days into (end of one month, end of the next]."""
    edges = np.array([(end - snapshot.first_day).days for end in ends])
    month = np.searchsorted(edges, snapshot.purchases["day"].to_numpy(), side="left") - 1
    inside = month >= 0
    size = len(ends) - 1
    amount = snapshot.purchases["amount"].to_numpy()
    return pd.DataFrame(
        {
            "month": pd.to_datetime(ends[1:]),
            "kind": OBSERVED,
            "revenue": np.bincount(month[inside], weights=amount[inside], minlength=size),
            "purchases": np.bincount(month[inside], minlength=size).astype(np.float64),
        }
    )
