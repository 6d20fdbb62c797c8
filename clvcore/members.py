"""Every forecast a user can name, made on any day of a log in the same way.

The pipeline calls this for today, the backtest for days in the past: what is scored is what ships.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from clvcore.config import MODELS
from clvcore.ensemble import fit_ensemble
from clvcore.errors import ModelError, Notice
from clvcore.models import create
from clvcore.models.base import Histories, require_repeat_buyers
from clvcore.models.boosted import Correction, train
from clvcore.origins import MIN_CUSTOMERS, Workbench, label_window
from clvcore.records import Floats, Grid, Prediction
from clvcore.uncertainty import hurdle_of, simulate_bounds

Bounds = Callable[[float], tuple[Floats, Floats]]
BOOSTED = {"lightgbm": ("lightgbm",), "xgboost": ("xgboost",), "ml": ("lightgbm", "xgboost")}
SEASONAL = ("seasonal_mbg", "probabilistic")


def available() -> tuple[str, ...]:
    """Return the names a user may write, ``auto`` first."""
    return MODELS


@dataclass(frozen=True, eq=False, kw_only=True)
class Forecast:
    """What a member says on a day.

    Parameters
    ----------
    name
        The member that spoke; for a chain, the model that could be fitted.
    prediction
        Cumulative expected purchases and revenue on the grid.
    bounds
        Level -> raw quantile bounds of each customer's revenue over the horizon.
    parameters, log_likelihood
        By model name.
    weights
        Share of each ensemble member; empty for a single model.
    notices
        Doubts.
    """

    name: str
    prediction: Prediction
    bounds: Bounds
    parameters: dict[str, dict[str, float]]
    log_likelihood: dict[str, float]
    weights: dict[str, float]
    notices: tuple[Notice, ...] = ()


def make(name: str, bench: Workbench, grid: Grid, *, seed: int) -> Forecast:
    """Forecast on ``grid.as_of`` with the member called ``name``.

    Raises
    ------
    ModelError
        If the data cannot carry that member.
    """
    if name == "ensemble":
        return _ensemble(bench, grid, seed)
    if name in BOOSTED:
        return _boosted(name, bench, grid, seed)
    if name in SEASONAL:
        return _seasonal(name, bench, grid)
    if name == "cohort":
        return _cohort(name, bench, grid)
    return _published(name, bench, grid, seed)


def _published(name: str, bench: Workbench, grid: Grid, seed: int) -> Forecast:
    """BG/NBD and its siblings times Gamma-Gamma, by lifetimes, with simulated intervals."""
    snapshot = bench.snapshot(grid.as_of)
    fitted = create(name).fit(snapshot)
    days = grid.horizon_days
    return Forecast(
        name=fitted.purchases.name,
        prediction=fitted.predict(snapshot, grid),
        bounds=lambda level: simulate_bounds(
            fitted, snapshot, horizon_days=days, level=level, seed=seed
        ),
        parameters=fitted.parameters,
        log_likelihood=fitted.log_likelihood,
        weights={},
        notices=fitted.notices,
    )


def _seasonal(name: str, bench: Workbench, grid: Grid) -> Forecast:
    """Forecast with the base of the ensemble by itself."""
    snapshot = bench.snapshot(grid.as_of)
    require_repeat_buyers(name, Histories.of(snapshot))
    base = bench.base(grid.as_of)
    prediction = base.predict(snapshot, grid)
    return Forecast(
        name="probabilistic",
        prediction=prediction,
        bounds=_hurdle_bounds(bench, grid, prediction),
        parameters=base.parameters,
        log_likelihood=base.log_likelihood,
        weights={},
    )


def _ensemble(bench: Workbench, grid: Grid, seed: int) -> Forecast:
    snapshot, days = bench.snapshot(grid.as_of), grid.horizon_days
    require_repeat_buyers("ensemble", Histories.of(snapshot))
    fitted = fit_ensemble(bench, day=grid.as_of, horizon_days=days, seed=seed)
    prediction = fitted.predict(snapshot, grid, bench.window_spend(grid.as_of, days))
    return Forecast(
        name="ensemble",
        prediction=prediction,
        bounds=_hurdle_bounds(bench, grid, prediction),
        parameters=fitted.parameters,
        log_likelihood=fitted.base.log_likelihood,
        weights=fitted.weights(),
        notices=fitted.notices,
    )


def _boosted(name: str, bench: Workbench, grid: Grid, seed: int) -> Forecast:
    """Apply the full correction of one booster or of both to the base; its total stays."""
    snapshot, day = bench.snapshot(grid.as_of), grid.as_of
    require_repeat_buyers(name, Histories.of(snapshot))
    correction = train_on_past(bench, day, grid.horizon_days, BOOSTED[name], seed)
    base = bench.base(day).predict(snapshot, grid)
    factor = np.exp(np.mean(list(correction.logs(snapshot, base).values()), axis=0))
    factor *= base.revenue[:, -1].sum() / (factor @ base.revenue[:, -1])
    prediction = replace(base, revenue=base.revenue * factor[:, None])
    return Forecast(
        name=name,
        prediction=prediction,
        bounds=_hurdle_bounds(bench, grid, prediction),
        parameters=bench.base(day).parameters,
        log_likelihood=bench.base(day).log_likelihood,
        weights={},
    )


def train_on_past(
    bench: Workbench, day: dt.date, horizon_days: int, names: tuple[str, ...], seed: int
) -> Correction:
    """Train boosters on the origins a forecast on ``day`` may learn from.

    Raises
    ------
    ModelError
        If the log is too short for a past window, or too few bought within them.
    """
    window = label_window(bench.history(day), horizon_days)
    days = bench.training_days(day, window)
    if not days:
        raise ModelError(
            "NO_PAST_WINDOW",
            "Boosted trees learn from past windows, and {days} days of orders hold none with "
            "{customers} customers at its start. Choose auto, which leaves the trees out.",
            days=bench.history(day),
            customers=MIN_CUSTOMERS,
        )
    return train([bench.past(origin, window) for origin in days], names=names, seed=seed)


def _cohort(name: str, bench: Workbench, grid: Grid) -> Forecast:
    """Forecast with the cohorts' own fits, shrunk as much as the past says."""
    snapshot = bench.snapshot(grid.as_of)
    require_repeat_buyers(name, Histories.of(snapshot))
    fitted = bench.cohort_fit(grid.as_of, grid.horizon_days)
    prediction = fitted.predict(snapshot, grid)
    return Forecast(
        name=name,
        prediction=prediction,
        bounds=_hurdle_bounds(bench, grid, prediction),
        parameters=fitted.parameters,
        log_likelihood=fitted.pool.log_likelihood,
        weights={},
        notices=fitted.notices,
    )


def _hurdle_bounds(bench: Workbench, grid: Grid, prediction: Prediction) -> Bounds:
    """Return the base's distribution around the member's own mean, computed at most once."""
    hurdle = hurdle_of(
        bench.base(grid.as_of), bench.snapshot(grid.as_of), horizon_days=grid.horizon_days
    )
    return lambda level: hurdle.bounds(prediction.revenue[:, -1], level)
