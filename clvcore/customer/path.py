"""What one customer may spend from ``as_of`` to each month of the horizon, with its bands.

The run keeps the distribution at the horizon; on the way there the probabilistic member gives the
shape (expected purchases, P(buy) and spread, in closed form), scaled to end at what the run says.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from clvcore.customer.life import Life, values_of
from clvcore.members.moments import hurdle_of, hurdle_of_published
from clvcore.members.published import FittedPublished
from clvcore.models.base import Histories
from clvcore.models.seasonal_mbg import Counts
from clvcore.records.columns import DAYS_PER_WEEK
from clvcore.records.horizon import Grid, forecast_grid
from clvcore.records.numbers import Floats
from clvcore.records.prediction import Prediction
from clvcore.records.run import Run
from clvcore.uncertainty import Shape, misses_of
from clvcore.uncertainty.distribution import BUYS_RANGE, SPREAD_RANGE
from clvcore.value.valuation import value

LEVELS = (0.5, 0.8, 0.95)


def value_path(
    run: Run, life: Life, *, misses: dict[float, float], levels: Sequence[float] = LEVELS
) -> pd.DataFrame:
    """Return the expected value from ``as_of`` on, cumulative, and its bounds at each level.

    Parameters
    ----------
    run, life
        A run with distributions, and one of its customers.
    misses
        Of each level, from ``one_sided_misses``: the same for every customer of a run.

    Returns
    -------
    DataFrame
        ``date`` (``as_of`` first, then each month's end), ``expected`` and per level ``lower_95``,
        ``upper_95``, ...; the last row is the run's own value and bounds.
    """
    grid = forecast_grid(run.config, run.as_of)
    mean = values_of(run, life.customer)["clv"] * _shares(run, life, grid)
    shape = _shapes(run, life, grid)
    columns = {"expected": np.append(0.0, mean)}
    for level in levels:
        lower, upper = shape.bounds_given(level, misses[level])
        for side, each in (("lower", np.minimum(lower, 1.0)), ("upper", np.maximum(upper, 1.0))):
            # what is spent stays spent
            reached = np.maximum.accumulate(each * mean)
            columns[f"{side}_{round(level * 100)}"] = np.append(0.0, reached)
    dates = pd.to_datetime([run.as_of, *grid.dates()])
    return pd.DataFrame({"date": dates, **columns})


def one_sided_misses(run: Run, levels: Sequence[float] = LEVELS) -> dict[float, float]:
    """Return what ``value_path`` needs to know of all customers of a run."""
    return misses_of(run, levels)


def _shares(run: Run, life: Life, grid: Grid) -> Floats:
    """Return the share of the value that is expected by each step, shape (steps,)."""
    expected = _expected_purchases(life, grid)
    steps = np.diff(expected, prepend=0.0)
    worth = np.array([value(row[None, :], grid, run.config)[0] for row in _upto(steps)])
    return np.asarray(worth / worth[-1]) if worth[-1] > 0 else np.linspace(0, 1, len(worth) + 1)[1:]


def _upto(steps: Floats) -> Floats:
    """Return cumulative paths that stop after 1, 2, ... steps, shape (steps, steps)."""
    return np.cumsum(np.tril(np.broadcast_to(steps, (len(steps), len(steps)))), axis=1)


def _expected_purchases(life: Life, grid: Grid) -> Floats:
    if isinstance(life.model, FittedPublished):
        weeks = [day / DAYS_PER_WEEK for day in grid.days]
        expected = life.model.purchases.expected_purchases(Histories.of(life.snapshot), weeks)
    else:
        counts = Counts.of(life.snapshot)
        expected = life.model.counts.mbg.expected_purchases(counts, grid.days)
    return np.asarray(expected[0])


def _shapes(run: Run, life: Life, grid: Grid) -> Shape:
    """Return the distribution at each step as one shape with a row per step."""
    prediction = _prediction(run, life)
    each = [_shape(life, prediction, day) for day in grid.days]
    buys, spread = (np.array([getattr(s, part)[0] for s in each]) for part in ("buys", "spread"))
    kept = run.distribution.loc[life.customer]
    return Shape(
        buys=np.clip(buys * (kept["buys"] / buys[-1]), *BUYS_RANGE),
        spread=np.clip(spread * (kept["spread"] / spread[-1]), *SPREAD_RANGE),
    )


def _shape(life: Life, prediction: Prediction, days: int) -> Shape:
    """Return the distribution the probabilistic member implies after ``days``."""
    snapshot = life.snapshot
    if isinstance(life.model, FittedPublished):
        return hurdle_of_published(life.model, snapshot, prediction, horizon_days=days).shape
    return hurdle_of(life.model, snapshot, prediction, horizon_days=days).shape


def _prediction(run: Run, life: Life) -> Prediction:
    """Return what shapes need to know of a forecast; they do not look at its size."""
    row, one = values_of(run, life.customer), np.ones((1, 1))
    return Prediction(
        index=life.snapshot.customers.index,
        purchases=one,
        revenue=one,
        p_alive=np.array([row["p_alive"]]),
        p_purchase=np.array([row["p_purchase"]]),
        purchase_value=np.array([row["expected_purchase_value"]]),
    )
