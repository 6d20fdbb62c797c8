"""The ensemble: seasonal MBG/NBD, corrected by trees, blended with what was spent lately.

The trees enter as a geometric average (half of a log correction), which leaves the total alone;
last-window spend and the cohort member as arithmetic ones, their weights learned on a past origin
and shrunk. A level correction needs two seasons behind two origins, and is shrunk towards 1.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np

from clvcore.members.boosted import Correction
from clvcore.members.mixture import Mixture
from clvcore.members.past import Workbench, label_window, training_days, whole_window
from clvcore.members.seasonal import FittedSeasonal
from clvcore.records.errors import ModelError, Notice
from clvcore.records.horizon import Grid
from clvcore.records.numbers import Floats
from clvcore.records.prediction import Prediction
from clvcore.records.snapshot import Snapshot

MOST_BLENDED, WINDOW_SHRINKAGE, COHORT_SHRINKAGE = 0.4, 0.5, 0.25
MIN_BUYERS = 100
LEVEL_HISTORY, LEVEL_ORIGINS = 700, 3
FUSE = 4.0


@dataclass(frozen=True, eq=False, kw_only=True)
class FittedEnsemble:
    """A fitted ensemble.

    Parameters
    ----------
    base
        The seasonal MBG/NBD.
    correction
        Trained trees; ``None`` where the past holds too few buyers.
    window_weight, cohort_weight
        Shares of the blend that come from last-window spend and from the cohort member.
    level
        Factor on every forecast.
    notices
        What was left out, and why.
    """

    base: FittedSeasonal
    correction: Correction | None
    window_weight: float
    cohort_weight: float
    level: float
    notices: tuple[Notice, ...] = ()

    @property
    def parameters(self) -> dict[str, dict[str, float]]:
        """Return the parameters of the base and of the blend."""
        return self.base.parameters | {"ensemble": self.weights() | {"level": self.level}}

    def weights(self) -> dict[str, float]:
        """Return the share of each member in the forecast; they sum to 1."""
        tree = self.correction.strength() if self.correction else 0.0
        rest = 1.0 - self.window_weight - self.cohort_weight
        return {
            "seasonal_mbg": rest * (1.0 - tree),
            "lightgbm": rest * tree / 2.0,
            "xgboost": rest * tree / 2.0,
            "last_window": self.window_weight,
            "cohort": self.cohort_weight,
        }

    def predict(self, bench: Workbench, grid: Grid) -> Prediction:
        """Return the blended forecast; only revenue differs from the base's."""
        base = bench.forecast(grid)
        if self.correction is not None:
            bench.grow_behind(grid)  # they are applied while other members are forecast
        spent = bench.window_spend(grid.as_of, grid.horizon_days)
        whole = whole_window(grid.as_of, grid.horizon_days)
        other = None
        if self.cohort_weight > 0:
            fitted = bench.cohort_fit(grid.as_of, grid.horizon_days)
            other = bench.cohort_forecast(whole, fitted).revenue[:, -1]
        mixed = Mixture.of(base.revenue)
        total = float(mixed.end.sum())
        if self.correction is not None and total > 0:
            logs = list(bench.corrections(grid).values())
            factor = np.exp(self.correction.strength() * np.mean(logs, axis=0))
            mixed = mixed.times(factor * (total / (factor @ mixed.end)))
        mixed = mixed.blended(spent, self.window_weight / (1.0 - self.cohort_weight))
        if other is not None:
            mixed = mixed.blended(other, self.cohort_weight)
        mixed = mixed.stretched().times(self.level)
        most = _fuse(bench.snapshot(grid.as_of), grid, float(mixed.end.mean()))
        return replace(base, revenue=mixed.capped(most).revenue())


def fit_ensemble(bench: Workbench, *, day: dt.date, horizon_days: int) -> FittedEnsemble:
    """Fit on what was known on ``day``; past origins teach the trees, the blend and the level."""
    window = label_window(bench.history(day), horizon_days)
    notices = []
    correction = None
    try:
        correction = bench.correction(day, horizon_days)
    except ModelError as error:
        notices.append(
            Notice("TREES_LEFT_OUT", "The boosted trees were left out: {reason}", reason=str(error))
        )
    recent, cohort = 0.0, 0.0
    if bench.history(day) >= 0.6 * horizon_days:
        recent, cohort = _learn_blend(bench, bench.training_days(day, window), window)
    if bench.window_spend(day, horizon_days).sum() <= 0:
        recent = 0.0  # nobody spent lately: there is nothing to blend with
    return FittedEnsemble(
        base=bench.base(day),
        correction=correction,
        window_weight=recent * (1.0 - cohort),
        cohort_weight=cohort,
        level=_learn_level(bench, day, horizon_days),
        notices=tuple(notices),
    )


def _learn_blend(bench: Workbench, days: list[dt.date], window: int) -> tuple[float, float]:
    """Return the weights of last-window spend and of the cohort member, learned on past origins.

    What happened is regressed first on last-window spend beside the base, then on the cohort
    member beside their blend, all scaled to the same total. The first slope is halved, and the
    second quartered, since cohorts seldom tell more than the base already knows.
    """
    cases, buyers = [], 0
    for origin in days:
        past = bench.past(origin, window)
        y, b, spent = past.revenue, past.base.revenue[:, -1], bench.window_spend(origin, window)
        if bench.history(origin) < 0.6 * window or min(y.sum(), spent.sum(), b.sum()) <= 0:
            continue
        buyers += int((y > 0).sum())
        # with the usual shrinkage: to choose it there would take one more window further back
        cohort = bench.cohort_forecast(whole_window(origin, window)).revenue[:, -1]
        cases.append((y, *(each * y.sum() / each.sum() for each in (b, spent, cohort))))
    if buyers < MIN_BUYERS:
        return 0.0, 0.0
    recent = WINDOW_SHRINKAGE * _slope([(y, b, spent) for y, b, spent, _ in cases])
    mixed = [(y, b + recent * (spent - b), cohort) for y, b, spent, cohort in cases]
    return recent, COHORT_SHRINKAGE * _slope(mixed)


def _slope(cases: list[tuple[Floats, Floats, Floats]]) -> float:
    """Regress (happened - forecast) on (other - forecast), once capped and once not; 0 to .4."""
    products = np.zeros((2, 2))
    for y, forecast, other in cases:
        for row, top in enumerate((np.quantile(y, 0.99), np.inf)):
            happened, said, gap = (np.minimum(each, top) for each in (y, forecast, other))
            gap = gap - said
            scale = max(float(happened.var()), 1e-300)
            products[row] += np.array([gap @ (happened - said), gap @ gap]) / scale
    slopes = products[:, 0] / np.maximum(products[:, 1], 1e-12)
    return float(np.clip(slopes.mean(), 0.0, MOST_BLENDED))


def _learn_level(bench: Workbench, day: dt.date, horizon_days: int) -> float:
    """Average past ratios of actual to forecast where two seasons lay behind them, shrunk to 1."""
    days = [
        origin
        for origin in training_days(day, bench.first_day, horizon_days, most=LEVEL_ORIGINS)
        if bench.history(origin) >= LEVEL_HISTORY
    ]
    if len(days) < 2:
        return 1.0
    pasts = [bench.past(origin, horizon_days) for origin in days]
    ratios = [past.revenue.sum() / max(past.base.revenue[:, -1].sum(), 1e-300) for past in pasts]
    logs = np.clip(np.log(np.maximum(ratios, 1e-9)), -0.5, 0.5)
    weights = 0.6 ** np.arange(len(logs))
    mean = float(weights @ logs / weights.sum())
    spread = (((logs - mean) ** 2).sum() + 2 * 0.05**2) / (len(logs) + 1)
    return float(
        np.exp(np.clip(mean * 0.01 / (0.01 + spread / max(1.0, weights.sum())), -0.2, 0.2))
    )


def _fuse(snapshot: Snapshot, grid: Grid, mean: float) -> Floats:
    """Return the most a customer can be forecast: four times the own past, and four averages."""
    customers = snapshot.customers
    past = np.maximum(customers["revenue_to_date"].to_numpy(), 0.0)
    age = np.maximum(customers["T"].to_numpy(), 90)
    return np.asarray(FUSE * past * np.maximum(1.0, grid.horizon_days / age) + FUSE * mean)
