"""Every forecast a user can name, made on any day of a log in the same way.

The pipeline calls this for today, the backtest for days in the past: what is scored is what ships.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from clvcore.members.chains import create
from clvcore.members.ensemble import FittedEnsemble, fit_ensemble
from clvcore.members.moments import hurdle_of_published
from clvcore.members.past import Workbench
from clvcore.records.config import MODELS
from clvcore.records.errors import Notice
from clvcore.records.horizon import Grid
from clvcore.records.prediction import Prediction
from clvcore.uncertainty import Hurdle

BOOSTED = {"lightgbm": ("lightgbm",), "xgboost": ("xgboost",), "ml": ("lightgbm", "xgboost")}
SEASONAL = ("seasonal_mbg", "probabilistic")
COHORTS_KEPT = "cohorts_fitted"  # among the ensemble's parameters: how many cohorts follow by name


def available() -> tuple[str, ...]:
    """Return the names a user may write, ``auto`` first."""
    return MODELS


def grows_trees(names: Sequence[str]) -> bool:
    """Return whether any of these members needs boosted trees."""
    return any(name == "ensemble" or name in BOOSTED for name in names)


@dataclass(frozen=True, eq=False, kw_only=True)
class Forecast:
    """What a member says on a day.

    Parameters
    ----------
    name
        The member that spoke; for a chain, the model that could be fitted.
    prediction
        Cumulative expected purchases and revenue on the grid.
    hurdle
        Predictive distribution of revenue over the horizon; its mean is the forecast.
    parameters, log_likelihood
        By model name.
    weights
        Share of each ensemble member; empty for a single model.
    notices
        Doubts.
    boosters
        Trained trees by file name.
    clocks
        Operational clocks of the base by model name; empty where time runs evenly.
    """

    name: str
    prediction: Prediction
    hurdle: Hurdle
    parameters: dict[str, dict[str, float]]
    log_likelihood: dict[str, float]
    weights: dict[str, float] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
    boosters: dict[str, bytes] = field(default_factory=dict)
    clocks: dict[str, dict[str, list[float]]] = field(default_factory=dict)


def make(name: str, bench: Workbench, grid: Grid) -> Forecast:
    """Forecast on ``grid.as_of`` with the member called ``name``.

    Raises
    ------
    ModelError
        If the data cannot carry that member.
    """
    if name == "ensemble":
        return _ensemble(bench, grid)
    if name in BOOSTED:
        return _boosted(name, bench, grid)
    if name in SEASONAL:
        return _seasonal(name, bench, grid)
    if name == "cohort":
        return _cohort(name, bench, grid)
    return _published(name, bench, grid)


def distribution(name: str, bench: Workbench, grid: Grid) -> Hurdle:
    """Return the predictive distribution ``make`` gives, without what only a run shows.

    Raises
    ------
    ModelError
        If the data cannot carry that member.
    """
    if name in ("ensemble", "cohort", *BOOSTED, *SEASONAL):
        return make(name, bench, grid).hurdle
    return _published(name, bench, grid, sibling=False).hurdle


def _published(name: str, bench: Workbench, grid: Grid, *, sibling: bool = True) -> Forecast:
    """BG/NBD and its siblings times Gamma-Gamma, by lifetimes, parameters taken as known."""
    snapshot = bench.snapshot(grid.as_of)
    fitted = create(name, sibling=sibling).fit(snapshot)
    prediction = fitted.predict(snapshot, grid)
    return Forecast(
        name=fitted.purchases.name,
        prediction=prediction,
        hurdle=hurdle_of_published(fitted, snapshot, prediction, horizon_days=grid.horizon_days),
        parameters=fitted.parameters,
        log_likelihood=fitted.log_likelihood,
        notices=fitted.notices,
    )


def _seasonal(name: str, bench: Workbench, grid: Grid) -> Forecast:
    """Forecast with the base of the ensemble by itself."""
    bench.require_repeat_buyers(name, grid.as_of)
    base = bench.base(grid.as_of)
    return Forecast(
        name="probabilistic",
        prediction=bench.forecast(grid),
        hurdle=bench.hurdle(grid),
        parameters=base.parameters,
        log_likelihood=base.log_likelihood,
        clocks=base.clocks,
    )


def _ensemble(bench: Workbench, grid: Grid) -> Forecast:
    bench.require_repeat_buyers("ensemble", grid.as_of)
    fitted = fit_ensemble(bench, day=grid.as_of, horizon_days=grid.horizon_days)
    prediction = fitted.predict(bench, grid)
    return Forecast(
        name="ensemble",
        prediction=prediction,
        hurdle=bench.hurdle(grid).around(prediction.revenue[:, -1]),
        parameters=_with_cohorts(fitted, bench, grid),
        log_likelihood=fitted.base.log_likelihood,
        weights=fitted.weights(),
        notices=fitted.notices,
        boosters=fitted.correction.files() if fitted.correction else {},
        clocks=fitted.base.clocks,
    )


def _with_cohorts(
    fitted: FittedEnsemble, bench: Workbench, grid: Grid
) -> dict[str, dict[str, float]]:
    """Return the parameters with those of the cohorts it blends, so that a run can score alone."""
    parameters = fitted.parameters
    if fitted.cohort_weight <= 0:
        return parameters
    cohorts = bench.cohort_fit(grid.as_of, grid.horizon_days)
    blend = parameters["ensemble"] | {COHORTS_KEPT: float(len(cohorts.fits))}
    return cohorts.parameters | parameters | {"ensemble": blend}


def _boosted(name: str, bench: Workbench, grid: Grid) -> Forecast:
    """Apply the full correction of one booster or of both to the base; its total stays."""
    bench.require_repeat_buyers(name, grid.as_of)
    correction = bench.correction(grid.as_of, grid.horizon_days)
    logs = bench.corrections(grid)
    base = bench.forecast(grid)
    factor = np.exp(np.mean([logs[kind] for kind in BOOSTED[name]], axis=0))
    total = float(base.revenue[:, -1].sum())
    if total > 0:
        factor *= total / (factor @ base.revenue[:, -1])
    prediction = replace(base, revenue=base.revenue * factor[:, None])
    fitted = bench.base(grid.as_of)
    return Forecast(
        name=name,
        prediction=prediction,
        hurdle=bench.hurdle(grid).around(prediction.revenue[:, -1]),
        parameters=fitted.parameters,
        log_likelihood=fitted.log_likelihood,
        boosters={
            file: trees
            for file, trees in correction.files().items()
            # without the numbers of its categories no tree can be read again
            if file.split(".")[0] in (*BOOSTED[name], "categories")
        },
        clocks=fitted.clocks,
    )


def _cohort(name: str, bench: Workbench, grid: Grid) -> Forecast:
    """Forecast with the cohorts' own fits, shrunk as much as the past says."""
    bench.require_repeat_buyers(name, grid.as_of)
    fitted = bench.cohort_fit(grid.as_of, grid.horizon_days)
    prediction = bench.cohort_forecast(grid, fitted)
    return Forecast(
        name=name,
        prediction=prediction,
        hurdle=bench.hurdle(grid).around(prediction.revenue[:, -1]),
        parameters=fitted.parameters,
        log_likelihood=fitted.pool.log_likelihood,
        notices=fitted.notices,
        clocks=fitted.pool.clocks,
    )
