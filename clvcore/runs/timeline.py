"""Revenue per month of today's customers: what happened, and what is expected."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from clvcore.records.columns import FORECAST, OBSERVED, TIMELINE_FRAME
from clvcore.records.horizon import past_month_ends
from clvcore.records.numbers import Floats
from clvcore.records.prediction import Prediction
from clvcore.records.snapshot import Snapshot
from clvcore.uncertainty import Future


def build_timeline(
    snapshot: Snapshot, future: Future, prediction: Prediction, relative: Floats
) -> pd.DataFrame:
    """Return one row per month of history and forecast, undiscounted and at margin 1.

    Months are counted back and forth from ``as_of``, so the last observed one is whole; a part of
    a month at the start of the log is left out. ``month`` is the last day of each. Each forecast
    month has its own interval; the customers' variances are shared out like their revenue.

    Parameters
    ----------
    snapshot, prediction
        Of the same customers.
    future
        Steps and common factors.
    relative
        Variance over squared mean of each customer's revenue over the horizon, (customers,).
    """
    ends = past_month_ends(snapshot.as_of, snapshot.first_day)
    known = _observed(snapshot, ends)
    revenue = np.diff(prediction.revenue.sum(axis=0), prepend=0.0)
    width = _half_widths(future, prediction, revenue, relative)
    purchases = np.diff(prediction.purchases.sum(axis=0), prepend=0.0)
    past, months = len(ends) - 1, [*ends[1:], *future.grid.dates()]
    nothing = np.full(past, np.nan)
    columns = {
        "month": np.array(months, dtype="datetime64[s]"),
        "kind": pd.array([OBSERVED] * past + [FORECAST] * len(revenue), dtype="str"),
        "revenue": np.concatenate([known[0], revenue]),
        "lower": np.concatenate([nothing, revenue * np.exp(-width)]),
        "upper": np.concatenate([nothing, revenue * np.exp(width)]),
        "purchases": np.concatenate([known[1], purchases]),
    }
    return pd.DataFrame({name: columns[name] for name in TIMELINE_FRAME})


def _half_widths(
    future: Future, prediction: Prediction, revenue: Floats, relative: Floats
) -> Floats:
    """Return the half-width of each month on the log scale; a sum of few purchases is noisier."""
    end = prediction.revenue[:, -1]
    own = float((end**2 * relative).sum())
    if own <= 0:
        return np.zeros(len(revenue))
    total = max(float(end.sum()), 1e-300)
    each = own / total / np.maximum(revenue, 1e-300)
    factors = zip(future.steps, each, strict=True)
    return np.array([float(factor.half_width(noise, 1.0)) for factor, noise in factors])


def _observed(snapshot: Snapshot, ends: list[dt.date]) -> tuple[Floats, Floats]:
    """Return revenue and kept purchase days in (end of one month, end of the next]."""
    edges = np.array([(end - snapshot.first_day).days for end in ends])
    month = np.searchsorted(edges, snapshot.purchases["day"].to_numpy(), side="left") - 1
    inside = month >= 0
    size = len(ends) - 1
    amount = snapshot.purchases["amount"].to_numpy()
    return (
        np.bincount(month[inside], amount[inside], minlength=size).astype(np.float64),
        np.bincount(month[inside], minlength=size).astype(np.float64),
    )
