"""The cohort member: each cohort's own MBG/NBD, drawn to the parameters of the whole shop.

Cohorts differ, but most are too small to say how. A normal prior on the log-parameters, centred
at the pooled fit, lets a cohort speak as loudly as its customers are many; thin ones use the pool.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from clvcore.features.cohorts import cohort_labels
from clvcore.members.member import NOTHING_SHARED, Forecast, Shared
from clvcore.members.seasonal import FittedSeasonal, Seasonal
from clvcore.models.base import Ints
from clvcore.models.seasonal_likelihood import fit_near
from clvcore.models.seasonal_mbg import Counts, SeasonalFit
from clvcore.records.errors import Notice
from clvcore.records.horizon import Grid
from clvcore.records.prediction import Prediction
from clvcore.records.snapshot import Snapshot
from clvcore.records.state import State

if TYPE_CHECKING:
    from clvcore.members.past import Past

MIN_CUSTOMERS, MIN_REPEATS = 300, 100
DEFAULT_SHRINKAGE = 0.3
Groups = dict[str, tuple[Ints, Counts]]


@dataclass(frozen=True)
class CohortModel:
    """Spec of the cohort member.

    Parameters
    ----------
    cohort_by
        Cohort rule, as in ``ForecastConfig``.
    shrinkage
        Standard deviation of a cohort's log-parameters around the pool's: towards 0 it is the
        pool, a large one leaves each cohort to itself. The caller chooses it out of time.
    """

    cohort_by: str | None
    shrinkage: float = DEFAULT_SHRINKAGE

    def fit(
        self,
        snapshot: Snapshot,
        pool: FittedSeasonal | None = None,
        groups: Groups | None = None,
    ) -> FittedCohort:
        """Fit each cohort on the pooled clock; pool and groups are made here unless given."""
        pooled = pool or Seasonal().fit(snapshot)
        groups = groups or groups_of(snapshot, cohort_labels(snapshot, self.cohort_by))
        fits = {
            name: _fit_cohort(own, pooled.counts.mbg, self.shrinkage)
            for name, (rows, own) in groups.items()
            if len(rows) >= MIN_CUSTOMERS and own.x.sum() >= MIN_REPEATS
        }
        thin = len(groups) - len(fits)
        notice = Notice(
            "COHORT_USES_POOL",
            "{cohorts} of {all} cohorts are too small to be told apart (under {customers} "
            "customers or {repeats} repeat purchases) and use the parameters of the whole shop.",
            cohorts=thin,
            all=len(groups),
            customers=MIN_CUSTOMERS,
            repeats=MIN_REPEATS,
        )
        return FittedCohort(
            cohort_by=self.cohort_by, pool=pooled, fits=fits, notices=(notice,) if thin else ()
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class FittedCohort:
    """Fitted cohorts by label; a label without a fit is forecast by the pool."""

    cohort_by: str | None
    pool: FittedSeasonal
    fits: dict[str, SeasonalFit]
    notices: tuple[Notice, ...] = ()

    @property
    def name(self) -> str:
        """The name a user knows it by."""
        return "cohort"

    @property
    def parameters(self) -> dict[str, dict[str, float]]:
        """Return the parameters of each cohort, and of the pool under its own names."""
        own = {f"cohort {name}": fitted.parameters for name, fitted in self.fits.items()}
        return own | self.pool.parameters

    @property
    def log_likelihood(self) -> dict[str, float]:
        """Return those of the pool."""
        return self.pool.log_likelihood

    def weights(self) -> dict[str, float]:
        """Return the model by itself."""
        return {self.name: 1.0}

    def expected(self, snapshot: Snapshot, grid: Grid) -> Prediction:
        """Return the pool's forecast: chances and purchases are always its own."""
        return self.pool.expected(self.pool.on_clock(snapshot), grid)

    def predict(self, snapshot: Snapshot, grid: Grid, shared: Shared = NOTHING_SHARED) -> Forecast:
        """Forecast with the cohorts' own fits; a cohort that is new uses the pool."""
        known = self.pool.on_clock(snapshot)
        whole = self.pool.prediction(known, grid, shared)
        hurdle = self.pool.hurdle(known, whole, grid, shared)
        prediction = shared.cohorts or self.revised(known, grid, whole)
        return Forecast(
            prediction=prediction, hurdle=hurdle.around(prediction.revenue[:, -1]), fitted=self
        )

    def revised(
        self, snapshot: Snapshot, grid: Grid, whole: Prediction, groups: Groups | None = None
    ) -> Prediction:
        """Return ``whole``, the pool's forecast of the same grid, with the cohorts' own revenue.

        ``groups`` are the customers' cohorts, told apart here unless given.
        """
        groups = groups or groups_of(snapshot, cohort_labels(snapshot, self.cohort_by))
        level = self.pool.counts.level(Counts.of(snapshot), grid.horizon_days)
        purchases = whole.purchases.copy()
        for name, (rows, own) in groups.items():
            if name in self.fits:
                purchases[rows] = level * self.fits[name].expected_purchases(own, grid.days)
        return replace(whole, revenue=purchases * whole.purchase_value[:, None])

    def state(self) -> State:
        """Return the pool's state with the fits of the cohorts by name."""
        return State(member=self.name, learned=self.pool.learned() | self.learned())

    def learned(self) -> dict[str, Any]:
        """Return what the cohorts have beside the pool."""
        fits = {name: fitted.parameters for name, fitted in self.fits.items()}
        return {"cohort_by": self.cohort_by, "cohorts": fits}

    @classmethod
    def from_state(cls, state: State, continued_days: int = 0) -> FittedCohort:
        """Return the cohorts that had this state, on the pool's clock run on."""
        pool = FittedSeasonal.from_state(state, continued_days)
        fits = {
            name: SeasonalFit.restore(known, pool.counts.mbg.clock, drops_at_first=True)
            for name, known in state.learned["cohorts"].items()
        }
        return cls(cohort_by=state.learned["cohort_by"], pool=pool, fits=fits)


@dataclass(frozen=True)
class Cohort:
    """The cohort member, shrunk as much as the past says."""

    name: str

    def fit(
        self,
        past: Past,
        grid: Grid,
        *,
        only_revenue: bool = False,  # noqa: ARG002
    ) -> FittedCohort:
        """Fit each cohort; raises ModelError where too few have bought twice."""
        past.require_repeat_buyers(self.name, grid.as_of)
        return past.cohort_fit(grid.as_of, grid.horizon_days)

    def shared(self, past: Past, grid: Grid, fitted: FittedCohort) -> Shared:
        """Return what the ensemble blends in as well, and the pool's distribution."""
        return Shared(
            prediction=past.forecast(grid),
            hurdle=past.hurdle(grid),
            cohorts=past.cohort_forecast(grid, fitted),
        )

    def restore(self, state: State, continued_days: int = 0) -> FittedCohort:
        """Return what had this state."""
        return FittedCohort.from_state(state, continued_days)


def groups_of(snapshot: Snapshot, labels: pd.Series[str]) -> Groups:
    """Return row numbers and histories of each cohort, by label."""
    counts = Counts.of(snapshot)
    codes, names = pd.factorize(labels, sort=True)
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(names)))[:-1]
    return {
        str(name): (rows, counts.part(rows))
        for name, rows in zip(names, np.split(order, ends), strict=True)
    }


def _fit_cohort(counts: Counts, pool: SeasonalFit, shrinkage: float) -> SeasonalFit:
    """Find the posterior mode under a prior centred at the pool; ``beta`` stays the pool's."""
    rows = counts.rows(pool.clock, drops_at_first=pool.drops_at_first)
    theta = fit_near(rows, pool=pool.theta, shrinkage=shrinkage)
    return SeasonalFit(theta=theta, clock=pool.clock, drops_at_first=pool.drops_at_first)
