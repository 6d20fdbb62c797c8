"""What the intervals of a run rest on beside the customer they are of: worked out once, and kept.

The bound of one customer who may buy nothing depends on everybody's chances, and the factor of a
group on its share of everybody's money. Somebody who is forgotten takes their row along, and must
not move anybody else by that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd

from clvcore.records.numbers import Floats
from clvcore.records.run import Run
from clvcore.records.trust import Basis
from clvcore.uncertainty.distribution import Shape
from clvcore.uncertainty.totals import Future

# one for each per cent; between them the constant is read off a straight line
LEVELS = tuple(percent / 100.0 for percent in range(50, 100))
SCOPES = ("segment", "cohort")


def basis_of(
    customers: pd.DataFrame, shape: Shape, variance: Floats, future: Future, *, level: float
) -> Basis:
    """Return the basis of a forecast that has just been made.

    Parameters
    ----------
    customers
        Of the run, with ``clv``, ``segment`` and ``cohort``.
    shape, variance
        Of the same customers.
    future
        What lies ahead.
    level
        The run's own.
    """
    return _basis(
        customers, shape, variance, level=level, history_days=future.history_days,
        skipped_days=future.skipped_days, full_window=future.full_window,
    )  # fmt: skip


def basis_of_run(run: Run) -> Basis | None:
    """Return a run's basis; of one from before it was kept, what its customers still tell.

    None for a run without distributions. Whether past windows were full is not known then.
    """
    if run.basis is not None or run.common is None:
        return run.basis
    buys, spread = (run.distribution[c].to_numpy(dtype=np.float64) for c in ("buys", "spread"))
    if len(buys) != len(run.customers):
        return None
    return _basis(
        run.customers, Shape(buys=buys, spread=spread), run.variance,
        level=run.config.confidence_level, history_days=history_days(run), skipped_days=0,
        full_window=None,
    )  # fmt: skip


def history_days(run: Run) -> int:
    """Return the days from the start of the log to the day ``run`` was fitted on."""
    if run.basis is not None:
        return run.basis.history_days
    if run.state is not None and run.state.has_clock:
        return int(run.state.learned["clocks"]["seasonal_mbg"]["edges"][-1])
    first: dt.date = run.customers["first_purchase"].min().date()
    return (run.as_of - first).days


def _basis(
    customers: pd.DataFrame,
    shape: Shape,
    variance: Floats,
    *,
    level: float,
    history_days: int,
    skipped_days: int,
    full_window: bool | None,
) -> Basis:
    levels = tuple(sorted({*LEVELS, level}))
    misses = shape.one_sided_misses(levels)
    # the run's own by the very sum its bounds were made with
    misses[levels.index(level)] = shape.one_sided_miss(level)
    variances = {"all": {"all": _sum(variance)}}
    for scope in SCOPES:
        codes, names = pd.factorize(customers[scope], sort=True)
        own = np.bincount(codes, weights=variance, minlength=len(names))
        variances[scope] = dict(zip(map(str, names), map(float, own), strict=True))
    return Basis(
        customers=len(customers),
        clv=float(customers["clv"].to_numpy(dtype=np.float64).sum()),
        variances=variances,
        levels=levels,
        misses=tuple(misses),
        history_days=history_days,
        skipped_days=skipped_days,
        full_window=full_window,
    )


def _sum(variance: Floats) -> float:
    """Add up as ``totals_of`` does."""
    return float(np.bincount(np.zeros(len(variance), dtype=np.int64), weights=variance)[0])


def misses_of(run: Run, levels: Sequence[float]) -> dict[float, float]:
    """Return the k of everybody (``Shape.one_sided_miss``) at each level."""
    basis = basis_of_run(run)
    return {} if basis is None else {level: basis.miss(level) for level in levels}
