"""Expected revenue -> value: discounting and margin, applied once, here."""

from __future__ import annotations

import numpy as np

from clvcore.records.config import ForecastConfig
from clvcore.records.horizon import Grid
from clvcore.records.numbers import Floats

MONTHS_PER_YEAR = 12.0  # the discount rate is a year's, the grid counts months


def monthly_factors(grid: Grid, config: ForecastConfig) -> Floats:
    """Return what one unit of revenue in each step is worth at ``as_of``, shape (steps,).

    ``gross_margin / (1 + annual_discount_rate) ** (middle of the step in years)``.

    Examples
    --------
    >>> import datetime as dt
    >>> grid = Grid(as_of=dt.date(2024, 6, 30), days=(30, 61), months=(1.0, 2.0))
    >>> monthly_factors(grid, ForecastConfig(annual_discount_rate=0.21, gross_margin=0.5)).round(4)
    array([0.496 , 0.4882])
    """
    ends = np.asarray(grid.months)
    years = (ends + np.concatenate([[0.0], ends[:-1]])) / 2.0 / MONTHS_PER_YEAR
    return np.asarray(config.gross_margin * (1.0 + config.annual_discount_rate) ** -years)


def value(revenue: Floats, grid: Grid, config: ForecastConfig) -> Floats:
    """Return the value over the horizon of cumulative ``revenue`` (customers, steps)."""
    factors = monthly_factors(grid, config)
    if np.ptp(factors) == 0:
        return np.asarray(revenue[:, -1] * factors[-1])
    # a sum by parts: each cumulative amount times what its step's factor exceeds the next one's
    return np.asarray(np.einsum("ij,j->i", revenue, factors - np.append(factors[1:], 0.0)))
