"""Forecasts from one row per customer, where the orders themselves are not at hand.

How often, how recently and for how long say enough for the published purchase models; the mean
amount says enough for Gamma-Gamma. What needs the orders is missing: season, cohorts, trees, and
any proof on the past.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clvcore.members.published import available, create
from clvcore.records.config import ForecastConfig
from clvcore.records.errors import DataError, ModelError, Notice
from clvcore.records.horizon import forecast_grid
from clvcore.records.snapshot import Snapshot
from clvcore.records.trust import CommonFactor
from clvcore.runs.forecast import check_length, customers_frame
from clvcore.runs.milestones import cumulative_value, milestone_frame, year_ahead
from clvcore.uncertainty import Future, build_totals

SUMMARY_COLUMNS = ("purchases", "tenure_days", "recency_days", "revenue")
_WHOLE = "all"


@dataclass(frozen=True, eq=False, kw_only=True)
class SummaryRun:
    """A forecast from summaries; the frames are those of ``Run`` of the same names."""

    customers: pd.DataFrame
    totals: pd.DataFrame
    milestones: pd.DataFrame
    distribution: pd.DataFrame
    common: CommonFactor
    config: ForecastConfig
    as_of: dt.date
    horizon_end: dt.date
    model: str
    parameters: dict[str, dict[str, float]]
    cutoffs: dict[str, float]
    warnings: tuple[Notice, ...]


def forecast_summaries(
    summaries: pd.DataFrame, config: ForecastConfig | None = None, *, as_of: dt.date
) -> SummaryRun:
    """Forecast from summaries of customers.

    Parameters
    ----------
    summaries
        Indexed by customer id (str, unique): ``purchases`` (purchase days, 1 or more),
        ``tenure_days`` (from the first purchase to ``as_of``), ``recency_days`` (from the last
        purchase to ``as_of``), ``revenue`` (money to date).
    config
        Settings; ``model`` is ``auto``, ``probabilistic`` or one of the published models.
    as_of
        Last day known, to which both counts of days refer.

    Returns
    -------
    SummaryRun
        Customers, totals, milestones and warnings, the first of which says what this rests on.

    Raises
    ------
    ModelError
        If the model asked for needs orders, or cannot be fitted.
    HistoryError
        If nobody's tenure reaches six calendar months and ``allow_short_history`` is off.
    DataError
        If a summary contradicts itself.
    """
    config = config or ForecastConfig()
    if config.model not in available():
        raise ModelError(
            "MODEL_NEEDS_ORDERS",
            "{model} needs orders, and summaries of customers hold none. Choose one of: {known}.",
            model=config.model, known=", ".join(available()),
        )  # fmt: skip
    snapshot = snapshot_of(summaries, as_of)
    notices = _doubts(snapshot, config)
    grid = forecast_grid(config, as_of)
    future = Future(
        grid=grid, history_days=0, full_window=False, level=config.confidence_level
    )  # fmt: skip
    fitted = create(config.model).fit(snapshot)
    chosen = fitted.predict(snapshot, grid)
    cohorts = pd.Series(_WHOLE, index=snapshot.customers.index)
    customers, begins = customers_frame(snapshot, chosen, grid, config, cohorts)
    shape, year = chosen.hurdle.shape, year_ahead(grid)
    variance = customers["clv"].to_numpy() ** 2 * shape.relative_variance()
    beyond = cumulative_value(fitted.expected(snapshot, year).revenue, year, config)
    path = cumulative_value(chosen.prediction.revenue, grid, config)
    return SummaryRun(
        customers=customers,
        totals=build_totals(customers, variance, future.whole),
        milestones=milestone_frame(path, grid, beyond, customers.index),
        distribution=pd.DataFrame(
            {"buys": shape.buys, "spread": shape.spread}, index=customers.index
        ),
        common=future.whole,
        config=config,
        as_of=as_of,
        horizon_end=grid.dates()[-1],
        model=chosen.name,
        parameters=fitted.parameters,
        cutoffs=begins,
        warnings=(*notices, *fitted.notices),
    )


def snapshot_of(summaries: pd.DataFrame, as_of: dt.date) -> Snapshot:
    """Return the snapshot that summaries stand for; amounts count as their customer's mean.

    Raises
    ------
    DataError
        If a last purchase lies before the first, or repeat purchases have no days to lie in.
    """
    known = summaries.sort_index()
    purchases, tenure, silent = (
        known[name].to_numpy(dtype=np.int64) for name in SUMMARY_COLUMNS[:3]
    )
    revenue = known["revenue"].to_numpy(dtype=np.float64)
    # a single purchase is the first and the last: its recency is 0 whatever was written
    recency = np.where(purchases > 1, tenure - silent, 0)
    wrong = (recency < 0) | (silent > tenure) | (recency < purchases - 1)
    if wrong.any():
        raise DataError(
            "SUMMARIES_CONTRADICT",
            "{count} summaries contradict themselves: recency_days may not exceed tenure_days, "
            "and each purchase needs a day of its own between the first and the last.",
            count=int(wrong.sum()),
        )
    mean = revenue / purchases
    today = np.datetime64(as_of, "D")
    customers = pd.DataFrame(
        {
            "frequency": purchases - 1,
            "recency": recency,
            "T": tenure,
            "monetary_value": np.where(purchases > 1, mean, 0.0),
            "revenue_to_date": revenue,
            "first_purchase": (today - tenure).astype("datetime64[s]"),
            "last_purchase": (today - tenure + recency).astype("datetime64[s]"),
        },
        index=known.index,
    )
    each = pd.DataFrame(
        {
            "customer": np.repeat(np.arange(len(known)), purchases),
            "day": 0,
            "amount": np.repeat(mean, purchases),
        }
    )
    first = as_of - dt.timedelta(days=int(tenure.max()))
    return Snapshot(as_of=as_of, first_day=first, customers=customers, purchases=each)


def _doubts(snapshot: Snapshot, config: ForecastConfig) -> list[Notice]:
    """Refuse what is too short; say what summaries cannot tell."""
    check_length(snapshot, config)
    return [
        Notice(
            "FROM_SUMMARIES",
            "Only summaries of customers were given, so a probabilistic model serves: seasons, "
            "cohorts and boosted trees need orders, and nothing could be checked on the past.",
        )
    ]
