"""The straight line from orders to a run; the only way in for the page, the API and the CLI."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from clvcore.backtest.coverage import measure_trust
from clvcore.backtest.rolling import run_backtest
from clvcore.backtest.selection import (
    choose,
    horizon_notices,
    intended,
    members_to_score,
    scored_name,
    weights_frame,
)
from clvcore.features import ledger, left_censored
from clvcore.members.member import Forecast
from clvcore.members.past import Past
from clvcore.records.backtest import Backtest
from clvcore.records.columns import CUSTOMERS_FRAME, RISKS, SEGMENTS
from clvcore.records.config import ForecastConfig
from clvcore.records.errors import HistoryError, Notice
from clvcore.records.horizon import Grid, days_to_cover, forecast_grid, latest_beginning
from clvcore.records.registry import published
from clvcore.records.run import Run
from clvcore.records.snapshot import Snapshot
from clvcore.records.transactions import Transactions
from clvcore.records.trust import Trust
from clvcore.runs.cohorts import build_cohorts
from clvcore.runs.milestones import MILESTONES, GoesOn, milestones
from clvcore.runs.timeline import build_timeline
from clvcore.uncertainty import Future, basis_of, build_totals
from clvcore.value.actions import action_codes
from clvcore.value.segments import Groups, cutoffs, risk_groups, value_groups
from clvcore.value.valuation import value

OnStep = Callable[[str, float], None]
_KNOWN = ("frequency", "recency", "T", "monetary_value", "first_purchase", "last_purchase")


def forecast(
    transactions: Transactions,
    config: ForecastConfig | None = None,
    on_step: OnStep | None = None,
) -> Run:
    """Forecast what each customer will spend over the horizon, and how sure that is.

    Parameters
    ----------
    transactions
        Orders, from ``read_transactions``.
    config
        Settings; default 12 months, ``auto``, 95 %.
    on_step
        Called with a step's code (snapshot, backtest, fit, intervals, segments, done) and the
        share of the work done before it, 0 to 1.

    Returns
    -------
    Run
        Customers, totals, cohorts, timeline, quality, parameters and warnings.

    Raises
    ------
    HistoryError
        If the log covers less than six calendar months and ``allow_short_history`` is off.
    DataError
        If no purchase is left at ``as_of``, or ``cohort_by`` names no column.
    ModelError
        If a model asked for by name cannot be fitted.
    """
    config = config or ForecastConfig()
    tell = on_step or (lambda _step, _share: None)
    tell("snapshot", 0.0)
    day = config.as_of or transactions.last_day
    with Past(transactions, as_of=day, cohort_by=config.cohort_by, seed=config.seed) as bench:
        return _forecast(bench, config, tell)


def _forecast(bench: Past, config: ForecastConfig, tell: OnStep) -> Run:
    """Look at the past, choose, and put the run together."""
    transactions, day = bench.transactions, bench.as_of
    snapshot = bench.snapshot(day)
    notices = check_history(snapshot, transactions.last_day, config)
    grid = forecast_grid(config, day)
    tell("backtest", 0.1)
    members = members_to_score(config.model)
    if config.model not in published():
        bench.behind(lambda: bench.forecast(grid))  # while the past is prepared here
    backtest = run_backtest(bench, horizon_days=grid.horizon_days, members=members, ahead=grid)
    notices += horizon_notices(bench, grid, backtest)
    notices += first_cohort_notice(snapshot, bench.cohorts(day))
    tell("fit", 0.6)
    future = Future(
        grid=grid,
        history_days=snapshot.history_days,
        full_window=backtest.is_full_length,
        level=config.confidence_level,
    )
    prove = partial(measure_trust, future=future, segmentation=config.segmentation)
    expected = intended(config.model, backtest)
    backtest = backtest.keeping(expected, *published())  # or what it may fall back on
    trust = bench.behind(partial(prove, backtest.keeping(expected), expected))
    chosen, reasons = choose(config.model, bench, grid, backtest)
    if scored_name(chosen) != expected:  # it fell back
        trust = bench.behind(partial(prove, backtest, scored_name(chosen)))
    backtest = backtest.keeping(scored_name(chosen))
    bench.forget(base=grid.months[-1] < MILESTONES[-1])  # which shorter horizons go on by
    tell("intervals", 0.8)
    tell("segments", 0.9)
    warnings = (*reasons, *notices, *chosen.fitted.notices)
    run = assemble(
        bench, config, chosen, future, backtest, trust.result, warnings, bench.base_goes_on
    )
    tell("done", 1.0)
    return run


def assemble(
    bench: Past,
    config: ForecastConfig,
    chosen: Forecast,
    future: Future,
    backtest: Backtest,
    trust: Callable[[], Trust],
    warnings: tuple[Notice, ...],
    goes_on: GoesOn,
) -> Run:
    """Value the forecast, sort customers, add up groups; ``goes_on`` as in ``milestones``."""
    day = bench.as_of
    snapshot, cohorts, shape = bench.snapshot(day), bench.cohorts(day), chosen.hurdle.shape
    relative = shape.relative_variance()
    tables = bench.behind(
        partial(build_cohorts, snapshot, cohorts, future, chosen.prediction, relative)
    )
    customers, begins = customers_frame(snapshot, chosen, future.grid, config, cohorts)
    variance = customers["clv"].to_numpy() ** 2 * relative
    return Run(
        customers=customers,
        totals=build_totals(customers, variance, future.whole),
        timeline=build_timeline(snapshot, future, chosen.prediction, relative),
        leaderboard=backtest.leaderboard,
        weights=weights_frame(chosen),
        quality=ledger(bench.transactions, as_of=day),
        config=config,
        as_of=day,
        horizon_end=future.grid.dates()[-1],
        data_hash=bench.transactions.content_hash,
        model=chosen.name,
        parameters=chosen.fitted.parameters,
        log_likelihood=chosen.fitted.log_likelihood,
        warnings=warnings,
        currency=bench.transactions.currency,
        cutoffs=begins,
        state=chosen.fitted.state(),
        distribution=pd.DataFrame(
            {"buys": shape.buys, "spread": shape.spread}, index=customers.index
        ),
        common=future.whole,
        basis=basis_of(customers, shape, variance, future, level=config.confidence_level),
        prediction=chosen.prediction,
        milestones=milestones(chosen, future.grid, config, goes_on),
        # last, since they are made behind all of the above; first what has begun later
        cohorts=tables.result(),
        trust=trust(),
    )


def check_history(snapshot: Snapshot, last_day: dt.date, config: ForecastConfig) -> list[Notice]:
    """Refuse or doubt a log that is too short, and say what is known to be silent."""
    check_length(snapshot, config)
    notices = []
    begins = latest_beginning(snapshot.as_of)
    if snapshot.first_day > begins:
        notices.append(
            Notice(
                "SHORT_LOG",
                "The orders cover only {days} days, less than the six calendar months (here "
                "{needed} days) a forecast should rest on: rates and seasons are hardly known.",
                days=snapshot.history_days,
                needed=days_to_cover(snapshot.first_day),
            )
        )
    silent = (snapshot.as_of - last_day).days
    if silent > 0:
        notices.append(
            Notice(
                "KNOWN_SILENCE",
                "The last order is dated {last}; the {days} days up to {as_of} count as days on "
                "which nobody bought.",
                last=last_day,
                days=silent,
                as_of=snapshot.as_of,
            )
        )
    young = int((snapshot.customers["first_purchase"] > pd.Timestamp(begins)).sum())
    if young:
        notices.append(
            Notice(
                "SHORT_HISTORY",
                "{customers} customers joined less than six months before {as_of}. Their "
                "forecasts lean on similar customers and are marked short_history.",
                customers=young,
                as_of=snapshot.as_of,
            )
        )
    return notices


def check_length(snapshot: Snapshot, config: ForecastConfig) -> None:
    """Refuse a log of less than six calendar months, unless the settings allow it.

    Raises
    ------
    HistoryError
        ``INSUFFICIENT_HISTORY``, with the days there are and the days six months take from the
        first one.
    """
    short = snapshot.first_day > latest_beginning(snapshot.as_of)
    if short and not config.allow_short_history:
        raise HistoryError(
            "INSUFFICIENT_HISTORY",
            "Your orders cover {days} days; a forecast needs six calendar months, here {needed} "
            "days. Add older orders, or allow a short history (allow_short_history) and accept a "
            "weaker forecast.",
            days=snapshot.history_days,
            needed=days_to_cover(snapshot.first_day),
        )


def first_cohort_notice(snapshot: Snapshot, cohorts: pd.Series[str]) -> list[Notice]:
    """Flag the first cohort of the log, whose customers were mostly customers before it."""
    first = left_censored(snapshot, cohorts)
    if first is None:
        return []
    return [
        Notice(
            "FIRST_COHORT_CENSORED",
            "The cohort {cohort} is where the orders begin: most of its customers were customers "
            "before, so it cannot be compared with later ones.",
            cohort=first,
        )
    ]


def customers_frame(
    snapshot: Snapshot,
    chosen: Forecast,
    grid: Grid,
    config: ForecastConfig,
    cohorts: pd.Series[str],
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Put one row per customer together; bounds are valued like the forecast they belong to."""
    known, prediction = snapshot.customers, chosen.prediction
    clv = value(prediction.revenue, grid, config)
    worth = clv / np.maximum(chosen.hurdle.mean, 1e-300)
    low, high = chosen.hurdle.shipped(config.confidence_level)
    lower, upper = low * worth, high * worth
    segments = value_groups(clv, config.segmentation)
    risk = risk_groups(prediction.p_alive, config.segmentation)
    columns = {
        "clv": clv,
        "clv_lower": lower,
        "clv_upper": upper,
        "expected_purchases": prediction.purchases[:, -1],
        "expected_purchase_value": prediction.purchase_value,
        "p_alive": prediction.p_alive,
        "p_purchase": prediction.p_purchase,
        "revenue_to_date": known["revenue_to_date"].to_numpy(),
        "predicted_total_value": known["revenue_to_date"].to_numpy() * config.gross_margin + clv,
        "segment": _spelled(SEGMENTS, segments),
        "risk": _spelled(RISKS, risk),
        "action": action_codes(segments, risk),
        "cohort": cohorts.array,
        "short_history": (
            known["first_purchase"] > pd.Timestamp(latest_beginning(grid.as_of))
        ).to_numpy(),
        **{name: known[name].array for name in _KNOWN},
    }
    frame = pd.DataFrame({name: columns[name] for name in CUSTOMERS_FRAME}, index=known.index)
    return frame, cutoffs(clv, segments, config.segmentation)


def _spelled(names: tuple[str, ...], places: Groups) -> pd.api.extensions.ExtensionArray:
    """Return few different names as text, each spelled once."""
    return pd.array(names, dtype="str").take(places)
