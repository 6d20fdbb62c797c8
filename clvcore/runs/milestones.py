"""What a customer should be worth after 3, 6 and 12 months, whatever the horizon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from clvcore.members.member import Forecast
from clvcore.records.config import ForecastConfig
from clvcore.records.errors import ModelError
from clvcore.records.horizon import Grid, forecast_grid
from clvcore.records.numbers import Floats
from clvcore.records.prediction import Prediction
from clvcore.value.valuation import monthly_factors

MILESTONES = (3, 6, 12)
GoesOn = Callable[[Grid], Prediction]


def milestones(
    chosen: Forecast, grid: Grid, config: ForecastConfig, goes_on: GoesOn
) -> pd.DataFrame:
    """Return the cumulative value of each customer at each milestone.

    Months within the horizon are read off the forecast itself. Those beyond it continue its path
    the way ``goes_on`` forecasts any grid from the same day, or evenly where it raises ModelError.

    Returns
    -------
    DataFrame
        Columns ``value_3m``, ``value_6m`` and ``value_12m``, money, indexed by customer.
    """
    path = cumulative_value(chosen.prediction.revenue, grid, config)
    beyond = None
    if grid.months[-1] < MILESTONES[-1]:
        beyond = _going_on(goes_on, path, grid, config)
    return milestone_frame(path, grid, beyond, chosen.prediction.index)


def cumulative_value(revenue: Floats, grid: Grid, config: ForecastConfig) -> Floats:
    """Return the value up to each step of cumulative ``revenue``, shape (customers, steps)."""
    factors = monthly_factors(grid, config)
    if np.ptp(factors) == 0:
        return np.asarray(revenue * factors[0]) if factors[0] != 1.0 else revenue
    steps = np.diff(revenue, axis=1, prepend=0.0)
    steps *= factors  # in place: with millions of customers this is the peak
    return np.cumsum(steps, axis=1, out=steps)


def year_ahead(grid: Grid) -> Grid:
    """Return the twelve months after ``grid.as_of``."""
    return forecast_grid(ForecastConfig(horizon_months=MILESTONES[-1]), grid.as_of)


def milestone_frame(
    path: Floats, grid: Grid, beyond: Floats | None, index: pd.Index
) -> pd.DataFrame:
    """Pick the milestones off ``path``, and off ``beyond`` (customers, 12 months) past its end."""
    columns = {}
    for month in MILESTONES:
        if beyond is not None and month > grid.months[-1]:
            columns[f"value_{month}m"] = beyond[:, month - 1]
        else:
            columns[f"value_{month}m"] = path[:, grid.months.index(float(month))]
    return pd.DataFrame(columns, index=index)


def _going_on(goes_on: GoesOn, path: Floats, grid: Grid, config: ForecastConfig) -> Floats:
    """Return the path stretched over a year: what is known times how a forecast goes on."""
    year = year_ahead(grid)
    even = np.asarray(year.days, dtype=np.float64) / grid.horizon_days
    growth = np.broadcast_to(even, (len(path), len(even)))
    try:
        there, revenue = goes_on(year).revenue, goes_on(grid).revenue
    except ModelError:
        return path[:, -1:] * growth
    plain = replace(config, horizon_months=MILESTONES[-1], horizon_days=None)
    value = cumulative_value(there, year, plain)
    base = cumulative_value(revenue, grid, config)[:, -1:]
    known = (revenue[:, -1:] > 0) & (base > 0)
    return path[:, -1:] * np.where(known, value / np.where(known, base, 1.0), growth)
