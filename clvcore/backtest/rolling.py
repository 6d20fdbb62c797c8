"""Rolling origins: forecast on days in the past with what was known then, and score it.

A reported origin is scored with members fitted and weights learned before it, so no figure here
has seen the window it is about. The forecast that ships has also learned from the last window.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
import pandas as pd

from clvcore.arrays.tasks import Task
from clvcore.backtest.metrics import Scorer, coverage, winkler
from clvcore.members.past import MIN_CUSTOMERS, Past, label_window, whole_window
from clvcore.members.registry import distribution, grows_trees
from clvcore.models.baselines import BASELINES
from clvcore.records.backtest import Backtest
from clvcore.records.columns import FREQUENCY, LEADERBOARD_FRAME
from clvcore.records.errors import ModelError
from clvcore.records.horizon import Grid
from clvcore.records.numbers import Floats
from clvcore.records.registry import scored
from clvcore.uncertainty import Hurdle

Scores = dict[str, float]


@dataclass(frozen=True, eq=False, kw_only=True)
class ScoredOrigin:
    """Forecasts made on a day in the past beside what happened.

    Parameters
    ----------
    day, history_days
        Last day known to the forecasts, and the length of the log up to it.
    customers
        Everyone known then, indexed by id: ``actual`` revenue in the window, ``frequency`` and
        ``cohort`` at that day.
    baselines
        Forecasts of the naive rules, which know no interval.
    members
        Predictive distributions by model.
    """

    day: dt.date
    history_days: int
    customers: pd.DataFrame
    baselines: dict[str, Floats]
    members: dict[str, Hurdle]

    @cached_property
    def actual(self) -> Floats:
        """What each customer spent, shape (customers,)."""
        return self.customers["actual"].to_numpy(dtype=np.float64)

    @property
    def means(self) -> dict[str, Floats]:
        """Every forecast by name, baselines first."""
        return self.baselines | {name: hurdle.mean for name, hurdle in self.members.items()}


@dataclass(frozen=True, eq=False, kw_only=True)
class ScoredBacktest(Backtest):
    """A backtest that still holds its forecasts; ``origins`` are the latest first."""

    origins: tuple[ScoredOrigin, ...] = ()

    def keeping(self, *models: str) -> ScoredBacktest:
        """Return the backtest with the forecasts of these members; all scores stay."""
        return replace(
            self,
            origins=tuple(
                replace(
                    origin,
                    baselines={},
                    members={n: hurdle for n, hurdle in origin.members.items() if n in models},
                )
                for origin in self.origins
            ),
        )


SCORED = scored()
MOST_REPORTED = 2
LEAST_HISTORY = 90


def reported_days(bench: Past, window: int) -> list[dt.date]:
    """Return the days to score, the latest first; their windows do not overlap."""
    days: list[dt.date] = []
    day = bench.as_of - dt.timedelta(days=window)
    while len(days) < MOST_REPORTED and bench.history(day) >= max(LEAST_HISTORY, window // 2):
        if len(bench.snapshot(day).customers) >= MIN_CUSTOMERS:
            days.append(day)
        day -= dt.timedelta(days=window)
    return days


def run_backtest(
    bench: Past,
    *,
    horizon_days: int,
    members: Sequence[str] = SCORED,
    ahead: Grid | None = None,
) -> ScoredBacktest:
    """Score the baselines and the members on up to two past origins.

    Parameters
    ----------
    bench
        The log and today.
    horizon_days
        The horizon of the forecast; where the log does not carry a past window of that length,
        shorter ones are scored and ``Backtest.is_full_length`` is False.
    members
        Names for ``members.distribution``; one that cannot be fitted at an origin is left out
        there.
    ahead
        What is to be forecast afterwards: its trees begin to grow behind those of the past.

    Returns
    -------
    ScoredBacktest
        Without origins where the log is too short for any.
    """
    window = label_window(bench.history(bench.as_of), horizon_days)
    days = reported_days(bench, window)
    if grows_trees(members):
        for grid in (*(whole_window(day, window) for day in days), *([ahead] if ahead else [])):
            bench.grow_behind(grid)
    # what needs no trees first, on every day: meanwhile they grow
    plain = [name for name in members if not grows_trees([name])]
    hurdles = {day: _hurdles(bench, whole_window(day, window), plain) for day in days}
    origins, scoring = [], []
    for day in days:
        origins.append(_score_origin(bench, day, window, members, hurdles[day]))
        scoring.append(_begin_to_score(bench, origins[-1]))  # while the next one is forecast
    # from the end, as the other core comes from the beginning
    scores = [_leaderboard(rows) for rows in reversed(scoring)][::-1]
    totals = [
        {
            "origin": origin.day,
            "model": name,
            "actual": origin.actual.sum(),
            "forecast": mean.sum(),
        }
        for origin in origins
        for name, mean in origin.means.items()
    ]
    return ScoredBacktest(
        window_days=window,
        is_full_length=window == horizon_days,
        leaderboard=_average(scores),
        left_out=tuple(name for name in members if scores and name not in scores[0].index),
        totals=pd.DataFrame(totals, columns=["origin", "model", "actual", "forecast"]),
        origins=tuple(origins),
    )


def _score_origin(
    bench: Past, day: dt.date, window: int, members: Sequence[str], plain: dict[str, Hurdle]
) -> ScoredOrigin:
    """Forecast with what is not in ``plain`` yet, and put it beside what happened."""
    snapshot, labels = bench.snapshot(day), bench.cohorts(day)
    grown = [name for name in members if grows_trees([name])]
    hurdles = plain | _hurdles(bench, whole_window(day, window), grown)
    customers = pd.DataFrame(
        {
            "actual": bench.outcome(day, window).customers["revenue"].to_numpy(),
            FREQUENCY: snapshot.customers[FREQUENCY].to_numpy(),
            "cohort": labels.array,
        },
        index=snapshot.customers.index,
    )
    return ScoredOrigin(
        day=day,
        history_days=bench.history(day),
        customers=customers,
        baselines={name: f(snapshot, window, labels) for name, f in BASELINES.items()},
        members={name: hurdles[name] for name in members if name in hurdles},
    )


def _hurdles(bench: Past, grid: Grid, members: Sequence[str]) -> dict[str, Hurdle]:
    """Return the distribution of each member that can be fitted on ``grid.as_of``."""
    hurdles: dict[str, Hurdle] = {}
    for name in members:
        try:
            hurdles[name] = distribution(name, bench, grid)
        except ModelError:
            continue  # the leaderboard has no row for what could not be fitted then
    return hurdles


def _begin_to_score(bench: Past, origin: ScoredOrigin) -> dict[str, Task[Scores]]:
    """Begin the leaderboard of one origin, members with their intervals, behind other work."""
    scorer, means = Scorer(origin.actual), origin.means

    def score(name: str) -> Scores:
        row = scorer.score(means[name])
        if name in origin.members:
            row |= _interval_scores(origin.actual, origin.members[name])
        return row

    return {name: bench.behind(partial(score, name)) for name in means}


def _leaderboard(rows: dict[str, Task[Scores]]) -> pd.DataFrame:
    made = {name: row.result() for name, row in reversed(rows.items())}
    return pd.DataFrame({name: made[name] for name in rows}).T


def _interval_scores(actual: Floats, hurdle: Hurdle) -> Scores:
    narrow, wide = hurdle.shipped(0.8), hurdle.shipped(0.95)
    return {
        "coverage_80": coverage(actual, *narrow),
        "coverage_95": coverage(actual, *wide),
        "winkler_95": winkler(actual, *wide, 0.95),
    }


def _average(scores: list[pd.DataFrame]) -> pd.DataFrame:
    """Average over the origins at which everything scored at the latest one could be scored."""
    if not scores:
        empty = pd.DataFrame(columns=list(LEADERBOARD_FRAME), dtype=np.float64)
        return empty.rename_axis("model")
    names = scores[0].index
    common = [score.loc[names] for score in scores if names.isin(score.index).all()]
    mean = pd.concat(common).groupby(level=0).mean()
    board = mean.reindex(columns=list(LEADERBOARD_FRAME)).astype(np.float64)
    return board.sort_values("rmse").rename_axis("model")
