"""Intervals by simulation: what a customer's spend over the horizon may turn out to be.

Each draw is a customer who might exist given the history: a purchase rate, a dropout, a number of
purchases, an amount for each. Parameters are held at their fitted values.
"""

from __future__ import annotations

import numpy as np

from clvcore.columns import DAYS_PER_WEEK
from clvcore.models.base import Histories
from clvcore.models.probabilistic import FittedProbabilistic
from clvcore.models.spend import Spending
from clvcore.records import Floats, Snapshot

DRAWS = 600
ROWS_AT_ONCE = 20_000


def simulate_bounds(
    fitted: FittedProbabilistic,
    snapshot: Snapshot,
    *,
    horizon_days: int,
    level: float,
    seed: int,
    draws: int = DRAWS,
) -> tuple[Floats, Floats]:
    """Return the zero-aware interval of each customer's revenue over the horizon.

    Where buying nothing is likelier than half the allowed miss, the interval is
    [0, Q(level)]: nobody can fall below nothing, so the whole miss is spent above. Otherwise it is
    equal-tailed. Customers who share a history share the draws, which are scaled to their own
    spend; so an interval depends on the content of the log, not on ids or the order of rows.

    Parameters
    ----------
    fitted, snapshot
        A fitted model and the customers to look at.
    horizon_days
        Length of the horizon.
    level
        Nominal share of outcomes the interval holds.
    seed, draws
        Start and number of the random draws.

    Returns
    -------
    tuple of arrays, each of shape (customers,)
        Lower and upper bound, undiscounted revenue.
    """
    histories, spending = Histories.of(snapshot), Spending.of(snapshot)
    weeks, miss = horizon_days / DAYS_PER_WEEK, 1.0 - level
    alive = fitted.purchases.p_alive(histories)
    nothing = 1.0 - fitted.purchases.p_purchase(histories, weeks)
    one_sided = nothing >= miss / 2
    at_lower = np.where(one_sided, 0.0, miss / 2)
    at_upper = np.where(one_sided, level, 1.0 - miss / 2)
    lower = np.zeros(len(alive))
    upper = np.zeros(len(alive))
    for start in range(0, len(alive), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        totals = _sorted_totals(fitted, _part(histories, rows), weeks, (seed, start), draws)
        lower[rows] = _mixture_quantile(totals, alive[rows], at_lower[rows])
        upper[rows] = _mixture_quantile(totals, alive[rows], at_upper[rows])
    lower[one_sided] = 0.0
    scale = fitted.spend.scale(spending)
    return lower[histories.inverse] * scale, upper[histories.inverse] * scale


def _sorted_totals(
    fitted: FittedProbabilistic,
    histories: Histories,
    weeks: float,
    seed: tuple[int, int],
    draws: int,
) -> Floats:
    """Draw spend given alive, in units of the spend scale, each row sorted."""
    rng = np.random.default_rng(seed)
    counts = fitted.purchases.draw(histories, weeks, draws=draws, rng=rng)
    return np.sort(fitted.spend.draw_totals(histories.frequency, counts, rng), axis=1)


def _mixture_quantile(totals: Floats, alive: Floats, u: Floats) -> Floats:
    """Return quantile ``u`` of a spend that is 0 unless alive, else drawn from ``totals``."""
    within = np.clip((u - (1.0 - alive)) / np.maximum(alive, 1e-300), 0.0, 1.0)
    position = within * (totals.shape[1] - 1)
    below = np.floor(position).astype(np.int64)
    above = np.minimum(below + 1, totals.shape[1] - 1)
    rows = np.arange(len(totals))
    left, right = totals[rows, below], totals[rows, above]
    return np.asarray(np.where(within > 0, left + (right - left) * (position - below), 0.0))


def _part(histories: Histories, rows: slice) -> Histories:
    frequency = histories.frequency[rows]
    return Histories(
        frequency=frequency,
        recency=histories.recency[rows],
        age=histories.age[rows],
        weights=histories.weights[rows],
        inverse=np.arange(len(frequency)),
    )
