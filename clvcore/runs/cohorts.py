"""Retention and value of each cohort: what happened, and what its customers should still do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from clvcore.arrays.frames import text_columns
from clvcore.features.cohorts import cohort_labels
from clvcore.features.retention import CohortMonths, Ints, month_of, month_starts
from clvcore.records.columns import AGE, COHORTS_FRAME, FORECAST, OBSERVED, RECENCY
from clvcore.records.errors import DataError
from clvcore.records.horizon import Grid, forecast_grid
from clvcore.records.numbers import Floats
from clvcore.records.prediction import Prediction
from clvcore.records.run import Run
from clvcore.records.snapshot import Snapshot
from clvcore.records.trust import CommonFactor
from clvcore.uncertainty import Future

TINY = 1e-12


def build_cohorts(
    snapshot: Snapshot,
    labels: pd.Series[str],
    future: Future,
    prediction: Prediction,
    relative: Floats,
    *,
    everybody: tuple[int, float] | None = None,
) -> pd.DataFrame:
    """Return one row per cohort and month of life, from the first purchase to the horizon.

    A month is *observed* once every customer of the cohort has lived through it. In a *forecast*
    month each customer contributes what they are known to have done up to ``as_of`` and what is
    expected of them from there to the end of that month; both are exact, customer by customer, so
    the curve leaves the observed one without a step. A cohort's last month is the last one that
    ends within the horizon for its youngest customer.

    Parameters
    ----------
    snapshot
        Customers and purchase days as of a day.
    labels
        Each customer's cohort, in the snapshot's order.
    future, prediction
        Steps, common factors and the forecast of the same customers.
    relative
        Variance over squared mean of each customer's revenue over the horizon, (customers,).
    everybody
        How many customers the whole has and what is expected of them (money), where that is not
        told by who is here.

    Returns
    -------
    DataFrame
        Columns of ``columns.COHORTS_FRAME``, by cohort and ``month_index``. Values are
        undiscounted, at margin 1, over all customers of the cohort. ``retention`` is the share
        of them with a purchase day in the month; ahead it takes a customer's purchases as Poisson
        given that they are still one at ``as_of``: p_alive (1 - exp(-expected / p_alive)). Unequal
        rates between customers of one history make that a little too high. ``lower`` and
        ``upper`` bound the cumulative value: what is known is certain, what is ahead has the
        interval of the cohort's own total; observed months have none.
    """
    grid = future.grid
    months = CohortMonths.of(snapshot, labels)
    given = month_of(months.youngest + grid.horizon_days + 1)
    shape = (len(months.names), max(int(given.max()), months.buyers.shape[1]))
    buyers, revenue = _widened(months.buyers, shape), _widened(months.revenue, shape)
    known, ahead = revenue.cumsum(axis=1), np.zeros(shape)
    _add_expected(snapshot, months, grid, prediction, given, buyers=buyers, ahead=ahead)
    row, month = np.nonzero(np.arange(shape[1]) < given[:, None])
    retention = buyers / months.sizes[:, None]
    end = prediction.revenue[:, -1]
    whole = everybody or (len(end), float(end.sum()))
    width = _half_widths(months, future.whole, (end, end**2 * relative), ahead, whole)
    value, lower, upper = (
        np.maximum.accumulate(known + ahead * factor, axis=1) / months.sizes[:, None]
        for factor in (1.0, np.exp(-width), np.exp(width))
    )
    observed = month < months.lived[row]
    frame = pd.DataFrame(
        {
            "cohort": months.names[row],
            "customers": months.sizes[row],
            "month_index": month,
            "kind": np.where(observed, OBSERVED, FORECAST),
            "retention": np.clip(retention[row, month], 0.0, 1.0),
            "cumulative_value_per_customer": value[row, month],
            "lower": np.where(observed, np.nan, lower[row, month]),
            "upper": np.where(observed, np.nan, upper[row, month]),
        }
    )
    return text_columns(frame, COHORTS_FRAME)


def regroup(run: Run, prediction: Prediction, snapshot: Snapshot, by: str) -> pd.DataFrame:
    """Return what ``run.cohorts`` would be had customers been grouped by something else.

    Parameters
    ----------
    run
        A finished forecast, with its distribution.
    prediction
        The same forecast month by month.
    snapshot
        The run's own orders as of the run's own day.
    by
        ``month``, ``quarter``, ``year`` or an attribute.

    Raises
    ------
    DataError
        If ``by`` names no column of the orders, or the orders are not those of the run.
    """
    if not snapshot.customers.index.equals(run.customers.index):
        raise DataError(
            "OTHER_ORDERS",
            "The forecast was made from other orders than these: {mine} customers there, {theirs} "
            "here. Choose the orders it was made from, or forecast again.",
            mine=len(run.customers),
            theirs=len(snapshot.customers),
        )
    kept = None if run.basis is None else run.basis.full_window
    future = Future(
        grid=forecast_grid(run.config, run.as_of),
        history_days=snapshot.history_days if run.basis is None else run.basis.history_days,
        full_window=run.trust.is_full_length if kept is None else kept,
        skipped_days=0 if run.basis is None else run.basis.skipped_days,
        level=run.config.confidence_level,
    )
    relative = run.variance / np.maximum(run.customers["clv"].to_numpy(), TINY) ** 2
    ahead = run.timeline.loc[run.timeline["kind"] == FORECAST, "revenue"]
    everybody = None if run.basis is None else (run.basis.customers, float(ahead.sum()))
    return build_cohorts(
        snapshot, cohort_labels(snapshot, by), future, prediction, relative, everybody=everybody
    )


def _add_expected(
    snapshot: Snapshot,
    months: CohortMonths,
    grid: Grid,
    prediction: Prediction,
    given: Ints,
    *,
    buyers: Floats,
    ahead: Floats,
) -> None:
    """Add what is expected after ``as_of`` to both tables, month by month of the customers' lives.

    Customers are taken from the month they are in now; those whose cohort's row ends drop out.
    """
    age = snapshot.customers[AGE].to_numpy(dtype=np.int64)
    starts = month_starts(ahead.shape[1])
    now = month_of(age)
    bought_now = snapshot.customers[RECENCY].to_numpy(dtype=np.int64) >= starts[now]
    days = _DaysAhead.of(grid)
    before = np.zeros(len(age))
    who = np.arange(len(age))
    for step in range(int((given[months.member] - now).max())):
        who = who[now[who] + step < given[months.member[who]]]
        month = now[who] + step
        purchases, revenue = days.read(
            (prediction.purchases, prediction.revenue), who, starts[month + 1] - 1 - age[who]
        )
        buys = _p_buys(purchases - before[who], prediction.p_alive[who])
        if step == 0:
            buys[bought_now[who]] = 0.0
        cell = months.member[who] * ahead.shape[1] + month
        _add(buyers, cell, buys)
        _add(ahead, cell, revenue)
        before[who] = purchases


def _half_widths(
    months: CohortMonths,
    common: CommonFactor,
    moments: tuple[Floats, Floats],
    ahead: Floats,
    whole: tuple[int, float],
) -> Floats:
    """Return the half-width of what lies ahead on the log scale, shape of ``ahead``.

    ``moments`` are mean and variance of each customer's revenue over the horizon.
    """
    customers, money = whole
    total, own = (
        np.bincount(months.member, weights=of_each, minlength=len(months.names))
        for of_each in moments
    )
    each = own / np.maximum(total, TINY)
    share = np.where(months.sizes == customers, 1.0, total / max(money, TINY))
    average = share * customers / np.maximum(months.sizes, 1)
    own_ahead = each[:, None] / np.maximum(ahead, TINY)
    return common.half_width(own_ahead, share[:, None], average[:, None])


def _p_buys(expected: Floats, alive: Floats) -> Floats:
    """Return P(at least one purchase), Poisson given alive."""
    return np.asarray(-alive * np.expm1(-np.maximum(expected, 0.0) / np.maximum(alive, TINY)))


@dataclass(frozen=True, eq=False, kw_only=True)
class _DaysAhead:
    """Where each day from ``as_of`` to the horizon lies on the grid: its step, how far into it."""

    step: Ints
    share: Floats

    @classmethod
    def of(cls, grid: Grid) -> _DaysAhead:
        ends = np.array([0, *grid.days])
        day = np.arange(grid.horizon_days + 1)
        step = np.maximum(np.searchsorted(ends, day, side="left"), 1)
        share = (day - ends[step - 1]) / (ends[step] - ends[step - 1])
        return cls(step=step.astype(np.int64), share=share)

    def read(self, tables: tuple[Floats, ...], who: Ints, day: Ints) -> list[Floats]:
        """Return each cumulative table up to a day per customer, straight within a step."""
        step, share = self.step[day], self.share[day]
        first = step == 1
        end = who * tables[0].shape[1] + step - 1
        read = []
        for table in tables:
            high = table.take(end)
            low = table.take(end - 1, mode="clip")
            low[first] = 0.0
            read.append(low + share * (high - low))
        return read


def _widened(table: Floats, shape: tuple[int, int]) -> Floats:
    wide = np.zeros(shape)
    wide[:, : table.shape[1]] = table
    return wide


def _add(table: Floats, cell: Ints, amount: Floats) -> None:
    table += np.bincount(cell, weights=amount, minlength=table.size).reshape(table.shape)
