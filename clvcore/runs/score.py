"""Newer orders of the same shop, forecast by a finished run: nothing is fitted.

The forecaster is read back from the run's state and predicts. The clock runs on as the run said it
would, so its forecast goes on too; only what is known of each customer is new. How far the shop
has moved meanwhile is measured and told.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial

import pandas as pd

from clvcore.members.member import Forecast
from clvcore.members.past import Past
from clvcore.members.registry import restore
from clvcore.records.backtest import Backtest
from clvcore.records.columns import SCORED
from clvcore.records.config import ForecastConfig
from clvcore.records.errors import Notice
from clvcore.records.horizon import Grid, forecast_grid
from clvcore.records.run import Run
from clvcore.records.transactions import Transactions
from clvcore.records.trust import Trust
from clvcore.runs.drift import measure_drift
from clvcore.runs.forecast import OnStep, assemble, check_history, first_cohort_notice
from clvcore.runs.same_shop import orders_notices, refuse_other_orders
from clvcore.runs.scorable import basis_of_scorable, state_of
from clvcore.uncertainty import Future, level_uncertainty

# told anew of the newer orders
_TOLD_ANEW = ("KNOWN_SILENCE", "SHORT_LOG", "SHORT_HISTORY", "FIRST_COHORT_CENSORED")


def score(
    run: Run,
    transactions: Transactions,
    *,
    as_of: dt.date | str | None = None,
    on_step: OnStep | None = None,
) -> Run:
    """Forecast newer orders of the same shop with what ``run`` has learned; nothing is fitted.

    Parameters
    ----------
    run
        A finished forecast, from ``forecast`` or ``load_run``.
    transactions
        All orders of the shop so far, from ``read_transactions``: old ones and newer ones.
    as_of
        Last day known; default the last day of ``transactions``.
    on_step
        As in ``forecast``; the steps are snapshot, fit (read back here), segments and done.

    Returns
    -------
    Run
        As from ``forecast``, with the settings of ``run`` and the new ``as_of``. Leaderboard and
        trust are those of ``run``, and ``warnings`` say so; ``drift`` holds how far the shop has
        moved, and what moved too far is warned of.

    Raises
    ------
    StoreError
        ``RUN_CANNOT_SCORE`` if the run was saved without what scoring needs, ``RUN_IS_SCORED`` if
        it was itself scored.
    ConfigError
        If ``as_of`` is no day.
    DataError
        ``CURRENCIES_DIFFER``, ``ENDS_BEFORE_FORECAST``, ``OTHER_SHOP``, ``HISTORIES_CUT``,
        ``BEGINS_EARLIER`` if these are no newer orders of the same shop; ``MISSING_ATTRIBUTES``
        or ``UNKNOWN_COHORT`` if they lack a column.
    HistoryError
        If they cover less than six calendar months and the run does not allow that.
    """
    tell = on_step or (lambda _step, _share: None)
    tell("snapshot", 0.0)
    config = replace(run.config, as_of=as_of)  # type: ignore[arg-type]
    day = config.as_of or transactions.last_day
    refuse_other_orders(run, transactions, day)
    # snapshots and cohorts only: whatever is forecast, the run's own forecaster says
    with Past(transactions, as_of=day, cohort_by=config.cohort_by) as past:
        snapshot = past.snapshot(day)
        notices = orders_notices(run, snapshot, transactions)
        notices += check_history(snapshot, transactions.last_day, config)
        notices += first_cohort_notice(snapshot, past.cohorts(day))
        grid = forecast_grid(config, day)
        tell("fit", 0.4)
        fitted = restore(state_of(run), (day - run.as_of).days)
        chosen = fitted.predict(snapshot, grid)
        tell("segments", 0.7)
        scored = _assembled(run, past, chosen, config, grid, notices)
        tell("done", 1.0)
        return scored


def _assembled(
    run: Run,
    past: Past,
    chosen: Forecast,
    config: ForecastConfig,
    grid: Grid,
    notices: list[Notice],
) -> Run:
    snapshot, basis = past.snapshot(past.as_of), basis_of_scorable(run)
    future = Future(
        grid=grid,
        history_days=basis.history_days,
        full_window=bool(basis.full_window),
        level=config.confidence_level,
        skipped_days=(grid.as_of - run.as_of).days,
    )
    then = Backtest(
        window_days=run.trust.window_days,
        is_full_length=future.full_window,
        leaderboard=run.leaderboard,
        totals=pd.DataFrame(),
    )
    drift, moved = measure_drift(run, snapshot, full_window=future.full_window)
    kept = [notice for notice in run.warnings if notice.code not in _TOLD_ANEW]
    warnings = (_scored(run, grid.as_of), *moved, *notices, *kept)
    trust = _measured_then(run, future)
    goes_on = partial(chosen.fitted.expected, snapshot)
    scored = assemble(past, config, chosen, future, then, lambda: trust, warnings, goes_on)
    return replace(
        scored,
        weights=run.weights,
        parameters=run.parameters,
        log_likelihood=run.log_likelihood,
        currency=scored.currency or run.currency,
        drift=drift,
    )


def _scored(run: Run, day: dt.date) -> Notice:
    return Notice(
        SCORED,
        "Scored with the forecast fitted as of {fitted}: nothing was learned from the {days} days "
        "since, and its leaderboard and past ranges were measured then.",
        fitted=run.as_of,
        days=(day - run.as_of).days,
    )


def _measured_then(run: Run, future: Future) -> Trust:
    then = Notice(
        "MEASURED_THEN",
        "This was measured for the forecast fitted as of {fitted}, not for the newer orders.",
        fitted=run.as_of,
    )
    return replace(
        run.trust,
        reasons=(*run.trust.reasons, then),
        season_seen=future.seen,
        level_uncertainty=level_uncertainty(future.whole),
    )
