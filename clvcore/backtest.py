"""Rolling origins: forecast on days in the past with what was known then, and score it.

A reported origin is scored with members fitted and weights learned before it, so no figure here
has seen the window it is about. The forecast that ships has also learned from the last window.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd

from clvcore.columns import LEADERBOARD_FRAME
from clvcore.errors import ModelError
from clvcore.members import make
from clvcore.metrics import score
from clvcore.models.baselines import BASELINES
from clvcore.origins import MIN_CUSTOMERS, Workbench, label_window, whole_window
from clvcore.records import Backtest, Floats

MEMBERS = ("bg_nbd", "seasonal_mbg", "cohort", "lightgbm", "xgboost", "ensemble")
MOST_REPORTED = 2
LEAST_HISTORY = 90


def reported_days(bench: Workbench, window: int) -> list[dt.date]:
    """Return the days to score, the latest first; their windows do not overlap."""
    days: list[dt.date] = []
    day = bench.as_of - dt.timedelta(days=window)
    while len(days) < MOST_REPORTED and bench.history(day) >= max(LEAST_HISTORY, window // 2):
        if len(bench.snapshot(day).customers) >= MIN_CUSTOMERS:
            days.append(day)
        day -= dt.timedelta(days=window)
    return days


def run_backtest(
    bench: Workbench,
    *,
    horizon_days: int,
    seed: int,
    members: Sequence[str] = MEMBERS,
) -> Backtest:
    """Score the baselines and the members on up to two past origins.

    Parameters
    ----------
    bench
        The log and today.
    horizon_days
        The horizon of the forecast; where the log does not carry a past window of that length,
        shorter ones are scored and ``Backtest.is_full_length`` is False.
    seed
        Of the boosters.
    members
        Names for ``members.make``; one that cannot be fitted at an origin is left out there.

    Returns
    -------
    Backtest
        Without origins where the log is too short for any.
    """
    window = label_window(bench.history(bench.as_of), horizon_days)
    scores: list[pd.DataFrame] = []
    totals: list[dict[str, object]] = []
    for day in reported_days(bench, window):
        actual = bench.outcome(day, window).customers["revenue"].to_numpy()
        forecasts = _forecasts(bench, day, window, members, seed)
        scores.append(pd.DataFrame({name: score(actual, f) for name, f in forecasts.items()}).T)
        totals += [
            {"origin": day, "model": name, "actual": actual.sum(), "forecast": f.sum()}
            for name, f in forecasts.items()
        ]
    return Backtest(
        window_days=window,
        is_full_length=window == horizon_days,
        leaderboard=_average(scores),
        left_out=tuple(name for name in members if scores and name not in scores[0].index),
        totals=pd.DataFrame(totals, columns=["origin", "model", "actual", "forecast"]),
    )


def _forecasts(
    bench: Workbench, day: dt.date, window: int, members: Sequence[str], seed: int
) -> dict[str, Floats]:
    snapshot, labels = bench.snapshot(day), bench.cohorts(day)
    forecasts = {name: f(snapshot, window, labels) for name, f in BASELINES.items()}
    grid = whole_window(day, window)
    for name in members:
        try:
            forecasts[name] = make(name, bench, grid, seed=seed).prediction.revenue[:, -1]
        except ModelError:
            continue  # the leaderboard has no row for what could not be fitted then
    return forecasts


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
