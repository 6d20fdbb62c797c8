"""Which forecast a run ships: the one asked for, or the one the past and the data favor."""

from __future__ import annotations

import pandas as pd

from clvcore.members.member import Forecast
from clvcore.members.past import Past
from clvcore.members.registry import make
from clvcore.records.backtest import Backtest
from clvcore.records.columns import WEIGHTS_FRAME
from clvcore.records.errors import ModelError, Notice
from clvcore.records.horizon import Grid
from clvcore.records.registry import AUTO, automatic, row_of, scored
from clvcore.uncertainty import common_factor, level_uncertainty, season_seen

WORTH_A_CHANGE = 0.97
SEASON_KNOWN = 0.5
SAID_LEVEL = 0.95
TWO_YEARS = 715  # give or take two weeks


def members_to_score(model: str) -> tuple[str, ...]:
    """Return the members a backtest should score for a model asked for by name."""
    if model in (AUTO, automatic()[0]):
        return scored()
    return tuple(dict.fromkeys((*reversed(automatic()[1:]), row_of(model))))


def choose(
    model: str, bench: Past, grid: Grid, backtest: Backtest
) -> tuple[Forecast, list[Notice]]:
    """Make the forecast that was asked for; ``auto`` decides by the backtest and says why.

    Raises
    ------
    ModelError
        If a model asked for by name cannot be fitted.
    """
    if model != AUTO:
        return make(model, bench, grid), []
    name, why = favored(backtest)
    forecast, notices = _with_fallback(name, bench, grid)
    if not notices:
        notices.append(why)
    return forecast, notices


def intended(model: str, backtest: Backtest) -> str:
    """Return the name under which a backtest scores what ``choose`` makes, if it can be made."""
    return row_of(favored(backtest)[0] if model == AUTO else model)


def _with_fallback(name: str, bench: Past, grid: Grid) -> tuple[Forecast, list[Notice]]:
    """Make ``name``, or the first of the published models that the data can carry."""
    try:
        return make(name, bench, grid), []
    except ModelError as error:
        fallback = make(AUTO, bench, grid)
        notice = Notice(
            "MODEL_FELL_BACK",
            "{model} was set aside for {following}: {reason}",
            model=name,
            following=fallback.name,
            reason=str(error),
        )
        return fallback, [notice]


def favored(backtest: Backtest) -> tuple[str, Notice]:
    """Return the ensemble, unless a simpler member did clearly better over whole horizons."""
    board = backtest.leaderboard
    best, *_ = automatic()
    known = [name for name in automatic() if name in board.index and board["rmse"][name] > 0]
    if best not in known:
        return best, Notice(
            "CHOSEN_UNMEASURED",
            "auto chose the ensemble. No past window of these orders could score it.",
        )
    name = best
    for simpler in known[1:] if backtest.is_full_length else ():
        if board["rmse"][simpler] < WORTH_A_CHANGE * board["rmse"][name]:
            name = simpler
    others = [other for other in known if other != name]
    against = others[-1] if others else name
    change = board["rmse"][name] / board["rmse"][against] - 1.0
    return name, Notice(
        "CHOSEN_BY_BACKTEST",
        "auto chose {model}: its typical error on past windows was {change:+.1%} against "
        "{against}.",
        model=name,
        change=change,
        against=against,
    )


def scored_name(forecast: Forecast) -> str:
    """Return the name under which a backtest scores a forecast."""
    return row_of(forecast.name)


def weights_frame(forecast: Forecast) -> pd.DataFrame:
    """Return ``Run.weights``: the share of each member, largest first; a single model has all."""
    rows = sorted(forecast.fitted.weights().items(), key=lambda item: -item[1])
    frame = pd.DataFrame({"model": [m for m, _ in rows], "weight": [w for _, w in rows]})
    return frame.assign(**{"class": "all"})[list(WEIGHTS_FRAME)]


def horizon_notices(bench: Past, grid: Grid, backtest: Backtest) -> list[Notice]:
    """Doubt a horizon whose season or length the past has not shown."""
    notices = []
    history = bench.history(grid.as_of)
    if season_seen(history, grid.horizon_days) < SEASON_KNOWN:
        notices.append(
            Notice(
                "SEASON_NOT_SEEN",
                "Most of the season ahead has not been seen in these {days} days of orders: the "
                "level of the forecast is uncertain by up to {level:.0%}, 19 times out of 20.",
                days=history,
                level=_level_uncertainty(history, grid, backtest),
            )
        )
    elif history < TWO_YEARS:
        notices.append(
            Notice(
                "SEASON_SEEN_ONCE",
                "These {days} days of orders show each season once at most, so a season cannot be "
                "told from growth: the level of the forecast is uncertain by up to {level:.0%}, 19 "
                "times out of 20.",
                days=history,
                level=_level_uncertainty(history, grid, backtest),
            )
        )
    if backtest.left_out:
        notices.append(
            Notice(
                "MEMBERS_NOT_SCORED",
                "Too little was known on the past dates to fit {members} then, so the leaderboard "
                "leaves them out.",
                members=", ".join(backtest.left_out),
            )
        )
    if backtest.totals.empty:
        notices.append(
            Notice(
                "NOT_MEASURED",
                "The orders are too few or too short to check a forecast on their own past.",
            )
        )
    elif not backtest.is_full_length:
        notices.append(
            Notice(
                "NOT_MEASURED_AT_HORIZON",
                "The past was checked over windows of {window} days only, because the orders do "
                "not reach back far enough for one of {horizon}: quality at this horizon is not "
                "measured.",
                window=backtest.window_days,
                horizon=grid.horizon_days,
            )
        )
    return notices


def _level_uncertainty(history_days: int, grid: Grid, backtest: Backtest) -> float:
    """Return how far everybody's spend together may lie off, as a share, at 95 %."""
    common = common_factor(
        level=SAID_LEVEL,
        seen=season_seen(history_days, grid.horizon_days),
        horizon_days=grid.horizon_days,
        full_window=backtest.is_full_length,
    )
    return level_uncertainty(common)
