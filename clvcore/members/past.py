"""Days in the past from which a log is looked at again, each snapshot and fit made once.

A training origin for a forecast made on day D has a label window that ends on or before D, so a
forecast in a backtest never learns from the window it is scored on, nor from any later day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, Self, TypeVar

import pandas as pd

from clvcore.arrays.tasks import Memo, OtherCore, Task
from clvcore.features import cohort_labels, take_outcome, take_snapshot
from clvcore.members.boosted import Correction, PastOrigin, train
from clvcore.members.cohort import DEFAULT_SHRINKAGE, CohortModel, FittedCohort, Groups, groups_of
from clvcore.members.moments import hurdle_of
from clvcore.members.seasonal import FittedSeasonal, Seasonal
from clvcore.models.base import Histories, require_repeat_buyers
from clvcore.models.baselines import last_window
from clvcore.records.errors import ModelError
from clvcore.records.horizon import MEAN_MONTH_DAYS, Grid
from clvcore.records.numbers import Floats
from clvcore.records.prediction import Prediction
from clvcore.records.snapshot import Outcome, Snapshot
from clvcore.records.transactions import Transactions
from clvcore.uncertainty import Hurdle

MOST_ORIGINS = 1
MIN_CUSTOMERS = 50
SHORT_WINDOW = 60
LONG_ENOUGH = 150
LONG_COLUMNS = 50_000  # customers; at 10,000 a second thread makes forecasts a third slower
SHRINKAGES = (0.1, DEFAULT_SHRINKAGE)
Made = TypeVar("Made")


class Past:
    """What is known and forecast on any day of one log; every answer is computed once.

    Parameters
    ----------
    transactions
        The log.
    as_of
        Today: no day after it is ever looked at.
    cohort_by
        Cohort rule, for members and baselines that need cohorts.
    seed
        Of the boosters.
    """

    def __init__(
        self,
        transactions: Transactions,
        *,
        as_of: dt.date,
        cohort_by: str | None = None,
        seed: int = 0,
    ) -> None:
        self.transactions = transactions
        self.as_of = as_of
        self.cohort_by = cohort_by
        self.seed = seed
        self._memo = Memo()
        self._once = self._memo.once
        # boosters let go of the interpreter, and so do long columns
        self._behind = OtherCore()
        self.first_day = self.snapshot(as_of).first_day

    def __enter__(self) -> Self:
        """Return itself; on leaving, what nobody will ask for any more is not begun."""
        return self

    def __exit__(self, *_: Any) -> None:
        self._behind.close()

    def history(self, day: dt.date) -> int:
        """Return the days from the start of the log to ``day``."""
        return (day - self.first_day).days

    def snapshot(self, day: dt.date) -> Snapshot:
        """Return what was known at the end of ``day``."""
        return self._once(("snapshot", day), lambda: take_snapshot(self.transactions, as_of=day))

    def cohorts(self, day: dt.date) -> pd.Series[str]:
        """Return the cohort label of each customer known on ``day``."""
        return self._once(
            ("cohorts", day), lambda: cohort_labels(self.snapshot(day), self.cohort_by)
        )

    def require_repeat_buyers(self, name: str, day: dt.date) -> None:
        """Refuse a day on which too few have bought twice; raises ModelError."""
        require_repeat_buyers(name, Histories.of(self.snapshot(day)))

    def base(self, day: dt.date) -> FittedSeasonal:
        """Return the base model fitted on what was known on ``day``."""
        return self._once(("base", day), lambda: Seasonal().fit(self.snapshot(day)))

    def forecast(self, grid: Grid) -> Prediction:
        """Return the base forecast made on ``grid.as_of``."""
        return self._once(
            ("forecast", grid.as_of, grid.days),
            lambda: self.base(grid.as_of).expected(self.snapshot(grid.as_of), grid),
        )

    def base_goes_on(self, grid: Grid) -> Prediction:
        """Return ``forecast``; raises ModelError where too few have bought twice to trust it."""
        self.require_repeat_buyers("seasonal_mbg", grid.as_of)
        return self.forecast(grid)

    def hurdle(self, grid: Grid) -> Hurdle:
        """Return the base's predictive distribution over the horizon of ``grid``."""
        return self._once(
            ("hurdle", grid.as_of, grid.horizon_days),
            lambda: hurdle_of(
                self.base(grid.as_of),
                self.snapshot(grid.as_of),
                self.forecast(grid),
                horizon_days=grid.horizon_days,
            ),
        )

    def correction(self, day: dt.date, horizon_days: int) -> Correction:
        """Return boosters trained on the origins a forecast made on ``day`` may learn from.

        Raises
        ------
        ModelError
            If the log is too short for a past window, or too few bought within them.
        """
        return self._training(day, horizon_days).result()

    def corrections(self, grid: Grid) -> dict[str, Floats]:
        """Return each booster's log correction of the base forecast on ``grid``."""
        return self._correcting(grid).result()

    def behind(self, work: Callable[[], Made]) -> Task[Made]:
        """Do work on columns on the other core, behind what is queued there already.

        Short columns wait until somebody asks: threads that work on them spend more time handing
        the interpreter to and fro than they save. What the work asks this for must not
        wait for anything queued behind it.
        """
        is_long = len(self.snapshot(self.as_of).customers) >= LONG_COLUMNS
        return Task(work, self._behind if is_long else None)

    def forget(self, *, base: bool) -> None:
        """Let go of what was made for days before today: a large log needs the room.

        Without ``base`` also of what was forecast today, which would have to be made anew.
        """
        known = ("snapshot", "cohorts")
        self._memo.keep(lambda key: key[1] == self.as_of and (base or key[0] in known))

    def grow_behind(self, grid: Grid) -> None:
        """Begin to train and apply the trees a forecast on ``grid`` needs, and do not wait.

        What cannot be trained is refused by whoever asks for it.
        """
        try:
            self.require_repeat_buyers("trees", grid.as_of)
            self._correcting(grid)
        except ModelError:
            return

    def _correcting(self, grid: Grid) -> Future[dict[str, Floats]]:
        training = self._training(grid.as_of, grid.horizon_days)
        snapshot, base = self.snapshot(grid.as_of), self.forecast(grid)
        return self._once(
            ("corrections", grid.as_of, grid.horizon_days),
            lambda: self._behind.submit(lambda: training.result().logs(snapshot, base)),
        )

    def _training(self, day: dt.date, horizon_days: int) -> Future[Correction]:
        return self._once(("correction", day, horizon_days), lambda: self._train(day, horizon_days))

    def cohort_fit(self, day: dt.date, horizon_days: int) -> FittedCohort:
        """Return the cohort model fitted on ``day``, its shrinkage chosen on the origin before."""
        return self._once(
            ("cohort fit", day, horizon_days),
            lambda: self._fit_cohorts(day, self._shrinkage(day, horizon_days)),
        )

    def cohort_forecast(self, grid: Grid, fitted: FittedCohort | None = None) -> Prediction:
        """Return the cohort member's forecast; default with the usual shrinkage."""
        member = fitted or self._fit_cohorts(grid.as_of, DEFAULT_SHRINKAGE)
        return self._once(
            ("cohort forecast", grid.as_of, grid.days, member),
            lambda: member.revised(
                self.snapshot(grid.as_of), grid, self.forecast(grid), self.groups(grid.as_of)
            ),
        )

    def training_days(self, day: dt.date, window: int) -> list[dt.date]:
        """Return the origins a forecast on ``day`` may learn from, with enough customers each."""
        days = training_days(day, self.first_day, window)
        return [d for d in days if len(self.snapshot(d).customers) >= MIN_CUSTOMERS]

    def outcome(self, day: dt.date, days: int) -> Outcome:
        """Return what the customers of ``day`` did in the ``days`` after it, up to today at most.

        Raises
        ------
        DataError
            If the window reaches beyond today.
        """
        end = day + dt.timedelta(days=days)
        return self._once(
            ("outcome", day, days),
            lambda: take_outcome(
                self.transactions, self.snapshot(day), end=end, known_until=self.as_of
            ),
        )

    def past(self, day: dt.date, days: int) -> PastOrigin:
        """Return a day with its base forecast and what followed."""
        return PastOrigin(
            snapshot=self.snapshot(day),
            base=self.forecast(whole_window(day, days)),
            revenue=self.outcome(day, days).customers["revenue"].to_numpy(),
        )

    def window_spend(self, day: dt.date, days: int) -> Floats:
        """Return each customer's spend in the ``days`` up to and including ``day``."""
        return self._once(
            ("window spend", day, days),
            lambda: last_window(self.snapshot(day), days, self.cohorts(day)),
        )

    def _train(self, day: dt.date, horizon_days: int) -> Future[Correction]:
        window = label_window(self.history(day), horizon_days)
        days = self.training_days(day, window)
        if not days:
            raise ModelError(
                "NO_PAST_WINDOW",
                "Boosted trees learn from past windows, and {days} days of orders hold none with "
                "{customers} customers at its start. Choose auto, which leaves the trees out.",
                days=self.history(day),
                customers=MIN_CUSTOMERS,
            )
        pasts = [self.past(origin, window) for origin in days]
        return self._behind.submit(partial(train, pasts, seed=self.seed))

    def _fit_cohorts(self, day: dt.date, shrinkage: float) -> FittedCohort:
        return self._once(
            ("cohorts", day, shrinkage),
            lambda: CohortModel(self.cohort_by, shrinkage).fit(
                self.snapshot(day), self.base(day), self.groups(day)
            ),
        )

    def groups(self, day: dt.date) -> Groups:
        """Return the customers of each cohort on ``day``, with their histories."""
        return self._once(("groups", day), lambda: groups_of(self.snapshot(day), self.cohorts(day)))

    def _shrinkage(self, day: dt.date, horizon_days: int) -> float:
        window = label_window(self.history(day), horizon_days)
        for origin in self.training_days(day, window):
            return min(SHRINKAGES, key=lambda sd: self._cohort_error(origin, window, sd))
        return DEFAULT_SHRINKAGE

    def _cohort_error(self, origin: dt.date, window: int, shrinkage: float) -> float:
        """Return the squared error of the cohorts' share of what followed, over one window."""
        actual = self.past(origin, window).revenue
        fitted = self._fit_cohorts(origin, shrinkage)
        revenue = self.cohort_forecast(whole_window(origin, window), fitted).revenue[:, -1]
        scale = actual.sum() / max(float(revenue.sum()), 1e-300)
        return float(((actual - revenue * scale) ** 2).sum())


def whole_window(day: dt.date, days: int) -> Grid:
    """Return a grid of a single step."""
    return Grid(as_of=day, days=(days,), months=(days / MEAN_MONTH_DAYS,))


def label_window(history_days: int, horizon_days: int) -> int:
    """Return the length of past windows: the horizon where the log carries it, else less.

    Examples
    --------
    >>> label_window(730, 365), label_window(373, 365), label_window(272, 273)
    (365, 149, 108)
    """
    if history_days - horizon_days >= max(0.6 * horizon_days, LONG_ENOUGH):
        return horizon_days
    return min(horizon_days, max(SHORT_WINDOW, int(0.4 * history_days)))


def training_days(
    day: dt.date, first_day: dt.date, window: int, *, most: int = MOST_ORIGINS
) -> list[dt.date]:
    """Return the origins a forecast made on ``day`` may learn from, the latest first."""
    step = max(window // 2, 45)
    origins: list[dt.date] = []
    origin = day - dt.timedelta(days=window)
    while len(origins) < most and (origin - first_day).days >= max(90, window // 2):
        origins.append(origin)
        origin -= dt.timedelta(days=step)
    return origins
