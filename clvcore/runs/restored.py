"""The members of a finished run as they were fitted, read back from what the run keeps.

Whatever would have to be fitted is refused: a run lacks it because an earlier version saved it, or
because it was itself scored.
"""

from __future__ import annotations

import datetime as dt
from concurrent.futures import Future
from dataclasses import replace
from functools import cached_property

from clvcore.members.boosted import FULL_BUYERS, Correction, categories_of
from clvcore.members.cohort import FittedCohort, Groups, groups_of
from clvcore.members.ensemble import FittedEnsemble
from clvcore.members.moments import hurdle_of, hurdle_of_published
from clvcore.members.past import Workbench
from clvcore.members.published import FittedProbabilistic
from clvcore.members.published import restore as restore_published
from clvcore.members.registry import BOOSTED, COHORTS_KEPT, SEASONAL, Forecast, make
from clvcore.members.seasonal import FittedSeasonal
from clvcore.models.clock import Clock
from clvcore.models.continued import clock_from_dict, clock_to_dict, continued
from clvcore.models.seasonal_mbg import SeasonalFit
from clvcore.records.columns import SCORED
from clvcore.records.errors import StoreError
from clvcore.records.horizon import Grid
from clvcore.records.prediction import Prediction
from clvcore.records.run import Run
from clvcore.records.snapshot import Snapshot
from clvcore.records.transactions import Transactions
from clvcore.uncertainty import Hurdle, history_days

ON_A_CLOCK = ("ensemble", "cohort", *BOOSTED, *SEASONAL)
PUBLISHED = ("bg_nbd", "mbg_nbd", "pareto_nbd", "naive")
_COHORT = "cohort "


def forecast_again(run: Run, missing: str) -> StoreError:
    """Return the refusal of a run that was saved without something scoring needs."""
    return StoreError(
        "RUN_CANNOT_SCORE",
        "The forecast as of {as_of} (model {model}) was saved without {missing}, so it cannot "
        "score newer orders. Forecast again; forecasts of this version can.",
        as_of=run.as_of, model=run.model, missing=missing,
    )  # fmt: skip


def refuse_unless_scorable(run: Run) -> None:
    """Refuse a run that cannot score; none of its orders is looked at.

    Raises
    ------
    StoreError
        ``RUN_IS_SCORED`` or ``RUN_CANNOT_SCORE``.
    """
    if any(notice.code == SCORED for notice in run.warnings):
        raise StoreError(
            "RUN_IS_SCORED",
            "This forecast was itself scored with an earlier one and has learned nothing of its "
            "own. Score with the one it was fitted by, or forecast again.",
        )
    if run.common is None or len(run.distribution) != len(run.customers):
        raise forecast_again(run, "its distributions")
    needed = ("seasonal_mbg", "seasonal_bg", "order_value")
    if run.model not in (*ON_A_CLOCK, *PUBLISHED):
        raise forecast_again(run, "a model this version knows")
    if run.model in PUBLISHED:
        spend = {"gamma_gamma", "mean_spend"} & set(run.parameters)
        needed = (run.model, *(spend or ("gamma_gamma",)))
    if missing := [name for name in needed if name not in run.parameters]:
        raise forecast_again(run, f"the parameters of {', '.join(missing)}")
    if run.model in ON_A_CLOCK and not {"seasonal_mbg", "seasonal_bg"} <= set(run.clocks):
        raise forecast_again(run, "its clocks")
    if lost := [file for file in _trees(run) if file not in run.boosters]:
        raise forecast_again(run, ", ".join(lost))
    if run.model == "ensemble":
        _refuse_lost_cohorts(run)


class RestoredBench(Workbench):
    """What is known of newer orders, and the members of a run in the place of fits.

    Parameters
    ----------
    run
        The fitted run; its parameters, clocks and trees are all that is ever used.
    transactions, as_of
        The newer orders, and their last day known.
    """

    def __init__(self, run: Run, transactions: Transactions, as_of: dt.date) -> None:
        super().__init__(
            transactions, as_of=as_of, cohort_by=run.config.cohort_by, seed=run.config.seed
        )
        self.run = run
        self.learned_days = history_days(run)

    def require_repeat_buyers(self, name: str, day: dt.date) -> None:
        """Whether there are enough was asked when the run was fitted."""

    def base(self, day: dt.date) -> FittedSeasonal:
        """Return the run's base, its clocks continued to ``day``."""
        return self._once(("base", day), lambda: self._restored_base(day))

    def cohort_fit(self, day: dt.date, horizon_days: int) -> FittedCohort:  # noqa: ARG002
        """Return the run's cohorts on the clock continued to ``day``; new ones use the pool."""
        return self._once(("cohort fit", day), lambda: self._restored_cohorts(day))

    def forecast(self, grid: Grid) -> Prediction:
        """Return the forecast of the base; a published model is its own."""
        return self._once(
            ("forecast", grid.as_of, grid.days),
            lambda: (
                self.published.predict(self.snapshot(grid.as_of), grid)
                if self.run.model in PUBLISHED
                else self.base(grid.as_of).predict(self.on_clock(grid.as_of), grid)
            ),
        )

    def hurdle(self, grid: Grid) -> Hurdle:
        """Return the base's predictive distribution over the horizon of ``grid``."""
        return self._once(
            ("hurdle", grid.as_of, grid.horizon_days),
            lambda: hurdle_of(
                self.base(grid.as_of),
                self.on_clock(grid.as_of),
                self.forecast(grid),
                horizon_days=grid.horizon_days,
            ),
        )

    def cohort_forecast(self, grid: Grid, fitted: FittedCohort | None = None) -> Prediction:
        """Return the cohort member's forecast."""
        member = fitted or self.cohort_fit(grid.as_of, grid.horizon_days)
        return member.predict(
            self.on_clock(grid.as_of),
            grid,
            whole=self.forecast(grid),
            groups=self._groups(grid.as_of),
        )

    def _groups(self, day: dt.date) -> Groups:
        return self._once(("groups", day), lambda: groups_of(self.on_clock(day), self.cohorts(day)))

    def _train(self, day: dt.date, horizon_days: int) -> Future[Correction]:  # noqa: ARG002
        known: Future[Correction] = Future()
        known.set_result(self._correction)
        return known

    def on_clock(self, day: dt.date) -> Snapshot:
        """Return the snapshot with days counted from where the run's clock began."""
        return self._once(("on clock", day), lambda: self._shifted(self.snapshot(day)))

    @cached_property
    def published(self) -> FittedProbabilistic:
        """The run's published model."""
        return restore_published(self.run.model, self.run.parameters)

    @cached_property
    def _correction(self) -> Correction:
        files = self.run.boosters
        light = files.get("lightgbm.txt")
        return Correction(
            lightgbm=None if light is None else light.decode(),
            xgboost=files.get("xgboost.json"),
            buyers=round(2.0 * FULL_BUYERS * tree_share(self.run)),
            attributes=categories_of(files),
        )

    def _restored_base(self, day: dt.date) -> FittedSeasonal:
        passed = (day - self.run.as_of).days
        clocks = {
            name: clock_to_dict(continued(clock_from_dict(self.run.clocks[name]), passed))
            for name in ("seasonal_mbg", "seasonal_bg")
        }
        return FittedSeasonal.restore(self.run.parameters, clocks)

    def _restored_cohorts(self, day: dt.date) -> FittedCohort:
        pool = self.base(day)
        clock: Clock = pool.counts.mbg.clock
        fits = {
            name.removeprefix(_COHORT): SeasonalFit.restore(known, clock, drops_at_first=True)
            for name, known in self.run.parameters.items()
            if name.startswith(_COHORT)
        }
        return FittedCohort(cohort_by=self.cohort_by, pool=pool, fits=fits, notices=())

    def _shifted(self, snapshot: Snapshot) -> Snapshot:
        began = self.run.as_of - dt.timedelta(days=self.learned_days)
        shift = (snapshot.first_day - began).days
        if shift == 0:
            return snapshot
        purchases = snapshot.purchases.assign(day=snapshot.purchases["day"] + shift)
        return replace(snapshot, first_day=began, purchases=purchases)


def restored_forecast(run: Run, bench: RestoredBench, grid: Grid) -> Forecast:
    """Return what the model of ``run`` says of the orders of ``bench``."""
    if run.model == "ensemble":
        made = _ensemble(run, bench, grid)
    elif run.model in PUBLISHED:
        made = _published(run, bench, grid)
    else:
        made = make(run.model, bench, grid)
    return replace(
        made,
        parameters=run.parameters,
        log_likelihood=run.log_likelihood,
        notices=(),
        boosters=run.boosters,
    )


def tree_share(run: Run) -> float:
    """Return the share of the trees in the ensemble's blend before other members are mixed in."""
    shares = run.parameters.get("ensemble", {})
    trees = shares.get("lightgbm", 0.0) + shares.get("xgboost", 0.0)
    return trees / (trees + shares["seasonal_mbg"]) if trees > 0 else 0.0


def _ensemble(run: Run, bench: RestoredBench, grid: Grid) -> Forecast:
    shares = run.parameters["ensemble"]
    fitted = FittedEnsemble(
        base=bench.base(grid.as_of),
        correction=bench.correction(grid.as_of, grid.horizon_days) if tree_share(run) else None,
        window_weight=shares["last_window"],
        cohort_weight=shares["cohort"],
        level=shares["level"],
    )
    prediction = fitted.predict(bench, grid)
    return Forecast(
        name=run.model,
        prediction=prediction,
        hurdle=bench.hurdle(grid).around(prediction.revenue[:, -1]),
        parameters=run.parameters,
        log_likelihood=run.log_likelihood,
        clocks=fitted.base.clocks,
    )


def _published(run: Run, bench: RestoredBench, grid: Grid) -> Forecast:
    snapshot, prediction = bench.snapshot(grid.as_of), bench.forecast(grid)
    hurdle = hurdle_of_published(
        bench.published, snapshot, prediction, horizon_days=grid.horizon_days
    )
    return Forecast(
        name=run.model,
        prediction=prediction,
        hurdle=hurdle,
        parameters=run.parameters,
        log_likelihood=run.log_likelihood,
    )


def _trees(run: Run) -> tuple[str, ...]:
    """Return the files of trees that the run's model looks at."""
    kinds = BOOSTED.get(run.model, ())
    if run.model == "ensemble" and tree_share(run) > 0:
        kinds = BOOSTED["ml"]
    names = {"lightgbm": "lightgbm.txt", "xgboost": "xgboost.json"}
    return tuple(names[kind] for kind in kinds)


def _refuse_lost_cohorts(run: Run) -> None:
    shares = run.parameters.get("ensemble")
    if shares is None or "level" not in shares:
        raise forecast_again(run, "its blend")
    if shares["cohort"] > 0:
        kept = sum(name.startswith(_COHORT) for name in run.parameters)
        if kept != shares.get(COHORTS_KEPT, -1):
            raise forecast_again(run, "the fits of its cohorts")
