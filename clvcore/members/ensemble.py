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
from clvcore.members.cohort import FittedCohort
from clvcore.members.member import NOTHING_SHARED, Forecast, Shared
from clvcore.members.mixture import Mixture
from clvcore.members.past import Past, label_window, training_days, whole_window
from clvcore.members.seasonal import FittedSeasonal
from clvcore.models.baselines import spent_lately
from clvcore.records.errors import ModelError, Notice
from clvcore.records.horizon import Grid
from clvcore.records.numbers import Floats
from clvcore.records.prediction import Prediction
from clvcore.records.snapshot import Snapshot
from clvcore.records.state import State

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
    cohorts
        The cohort member; ``None`` where it has no share.
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
    cohorts: FittedCohort | None = None
    notices: tuple[Notice, ...] = ()

    @property
    def name(self) -> str:
        """The name a user knows it by."""
        return "ensemble"

    @property
    def parameters(self) -> dict[str, dict[str, float]]:
        """Return the parameters of the base, of blended cohorts and of the blend."""
        base = self.base.parameters if self.cohorts is None else self.cohorts.parameters
        return base | {"ensemble": self.weights() | {"level": self.level}}

    @property
    def log_likelihood(self) -> dict[str, float]:
        """Return those of the base."""
        return self.base.log_likelihood

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

    def expected(self, snapshot: Snapshot, grid: Grid) -> Prediction:
        """Return what the base expects."""
        return self.base.expected(self.base.on_clock(snapshot), grid)

    def predict(self, snapshot: Snapshot, grid: Grid, shared: Shared = NOTHING_SHARED) -> Forecast:
        """Blend; only revenue differs from the base's."""
        known = self.base.on_clock(snapshot)
        base = self.base.prediction(known, grid, shared)
        mixed = Mixture.of(base.revenue)
        total = float(mixed.end.sum())
        if self.correction is not None and total > 0:
            logs = self.correction.logs(known, base) if shared.logs is None else shared.logs
            mean = np.mean(list(logs.values()), axis=0)
            factor = np.exp(self.correction.strength() * mean)
            mixed = mixed.times(factor * (total / (factor @ mixed.end)))
        spent = spent_lately(known, grid.horizon_days) if shared.spent is None else shared.spent
        mixed = mixed.blended(spent, self.window_weight / (1.0 - self.cohort_weight))
        if self.cohorts is not None:
            mixed = mixed.blended(self._cohorts(known, grid, shared), self.cohort_weight)
        mixed = mixed.stretched().times(self.level)
        most = _fuse(known, grid, float(mixed.end.mean()))
        prediction = replace(base, revenue=mixed.capped(most).revenue())
        hurdle = self.base.hurdle(known, base, grid, shared)
        return Forecast(
            prediction=prediction, hurdle=hurdle.around(prediction.revenue[:, -1]), fitted=self
        )

    def _cohorts(self, known: Snapshot, grid: Grid, shared: Shared) -> Floats:
        """Return the cohort member's revenue at the horizon, shape (customers,)."""
        said = shared.cohorts
        if said is None and self.cohorts is not None:
            whole = whole_window(grid.as_of, grid.horizon_days)
            said = self.cohorts.revised(known, whole, self.base.expected(known, whole))
        return said.revenue[:, -1] if said is not None else np.zeros(len(known.customers))

    def state(self) -> State:
        """Return base, trees and cohorts with the shares of the blend."""
        learned = self.base.learned()
        blend = {
            "window_weight": self.window_weight,
            "cohort_weight": self.cohort_weight,
            "level": self.level,
        }
        if self.cohorts is not None:
            learned |= self.cohorts.learned()
        if self.correction is not None:
            learned |= self.correction.learned()
        files = self.correction.files() if self.correction else {}
        return State(member=self.name, learned=learned | {"blend": blend}, files=files)

    @classmethod
    def from_state(cls, state: State, continued_days: int = 0) -> FittedEnsemble:
        """Return the blend that had this state, on a clock run on."""
        cohorts = None
        if "cohorts" in state.learned:
            cohorts = FittedCohort.from_state(state, continued_days)
        return cls(
            base=cohorts.pool if cohorts else FittedSeasonal.from_state(state, continued_days),
            correction=Correction.from_state(state) if state.files else None,
            cohorts=cohorts,
            **state.learned["blend"],
        )


@dataclass(frozen=True)
class Ensemble:
    """The ensemble as a member."""

    name: str

    def fit(
        self,
        past: Past,
        grid: Grid,
        *,
        only_revenue: bool = False,  # noqa: ARG002
    ) -> FittedEnsemble:
        """Fit the parts and learn their shares; raises ModelError with too few repeat buyers."""
        past.require_repeat_buyers(self.name, grid.as_of)
        return fit_ensemble(past, day=grid.as_of, horizon_days=grid.horizon_days)

    def shared(self, past: Past, grid: Grid, fitted: FittedEnsemble) -> Shared:
        """Return the parts' own forecasts; trees grow while the others are made."""
        prediction = past.forecast(grid)
        if fitted.correction is not None:
            past.grow_behind(grid)
        spent, cohorts = past.window_spend(grid.as_of, grid.horizon_days), None
        if fitted.cohorts is not None:
            whole = whole_window(grid.as_of, grid.horizon_days)
            cohorts = past.cohort_forecast(whole, fitted.cohorts)
        trees = fitted.correction is not None and float(prediction.revenue[:, -1].sum()) > 0
        return Shared(
            prediction=prediction,
            spent=spent,
            cohorts=cohorts,
            logs=past.corrections(grid) if trees else None,
            hurdle=past.hurdle(grid),
        )

    def restore(self, state: State, continued_days: int = 0) -> FittedEnsemble:
        """Return what had this state."""
        return FittedEnsemble.from_state(state, continued_days)


def fit_ensemble(bench: Past, *, day: dt.date, horizon_days: int) -> FittedEnsemble:
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
        cohorts=bench.cohort_fit(day, horizon_days) if cohort > 0 else None,
        window_weight=recent * (1.0 - cohort),
        cohort_weight=cohort,
        level=_learn_level(bench, day, horizon_days),
        notices=tuple(notices),
    )


def _learn_blend(bench: Past, days: list[dt.date], window: int) -> tuple[float, float]:
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


def _learn_level(bench: Past, day: dt.date, horizon_days: int) -> float:
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
