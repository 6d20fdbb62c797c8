"""The intervals of a finished run at another level: read off, nothing is fitted again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from clvcore.records.columns import FORECAST
from clvcore.records.errors import ConfigError
from clvcore.records.run import Run
from clvcore.records.trust import CommonFactor
from clvcore.uncertainty.distribution import Hurdle, Shape
from clvcore.uncertainty.totals import build_totals, factor_quantiles, saved_totals

LEAST_LEVEL, MOST_LEVEL = 0.5, 0.99


def hurdle_of_run(run: Run) -> Hurdle:
    """Return the predictive distribution of each customer's value, in the order of the run."""
    buys, spread = (run.distribution[c].to_numpy(dtype=np.float64) for c in ("buys", "spread"))
    mean = run.customers["clv"].to_numpy(dtype=np.float64)
    return Hurdle(mean=mean, shape=Shape(buys=buys, spread=spread), usual=mean / buys)


def customers_at(run: Run, level: float) -> pd.DataFrame:
    """Return ``clv_lower`` and ``clv_upper`` of every customer at ``level``, indexed like the run.

    Raises
    ------
    ConfigError
        If the level is not between .5 and .99, or the run has no distribution.
    """
    _checked(run, level)
    above = None if run.basis is None else run.basis.miss(level)
    lower, upper = hurdle_of_run(run).shipped(level, above)
    return pd.DataFrame({"clv_lower": lower, "clv_upper": upper}, index=run.customers.index)


def totals_at(run: Run, level: float) -> pd.DataFrame:
    """Return ``Run.totals`` with intervals at ``level``; raises as ``customers_at``."""
    common = _checked(run, level)
    t, z = factor_quantiles(level)
    common = replace(common, t=t, z=z)
    if run.basis is not None:
        return saved_totals(run.totals, run.basis, common)
    return build_totals(run.customers, hurdle_of_run(run).variance(), common)


def timeline_at(run: Run, level: float) -> pd.DataFrame:
    """Return ``lower`` and ``upper`` of each forecast month at ``level``, indexed by ``month``.

    A month's own bounds hold a factor common to the shop and its customers' variances, each with a
    quantile of its own. The variances are those of the run's distribution, so what is left of the
    width is the factor's; both are then taken at the other level. Exact without discounting; with
    it, customers' variances are taken to be shared out like their value.

    Raises
    ------
    ConfigError
        If the level is not between .5 and .99, or the run has no distribution.
    """
    _checked(run, level)
    months = run.timeline[run.timeline["kind"] == FORECAST].set_index("month")
    revenue = months["revenue"].to_numpy(dtype=np.float64)
    safe = np.maximum(revenue, 1e-300)
    own = _noise(run, revenue) / safe
    width = np.log(np.maximum(months["upper"].to_numpy(dtype=np.float64), 1e-300) / safe)
    (t, z), (at_t, at_z) = (factor_quantiles(x) for x in (run.config.confidence_level, level))
    noise = np.log1p(own)
    common = np.maximum(width**2 - z**2 * noise, 0.0) / t**2
    other = np.where(revenue > 0, np.sqrt(at_t**2 * common + at_z**2 * noise), 0.0)
    bounds = {"lower": revenue * np.exp(-other), "upper": revenue * np.exp(other)}
    return pd.DataFrame(bounds, index=months.index)


def _noise(run: Run, revenue: npt.NDArray[np.float64]) -> float:
    """Return the customers' variance per unit of the whole's revenue, undiscounted (money)."""
    if run.basis is not None:
        total, variance = run.basis.clv, run.basis.variances["all"]["all"]
    else:
        total = float(run.customers["clv"].sum())
        variance = float(hurdle_of_run(run).variance().sum())
    return variance / total * float(revenue.sum()) / total if total > 0 else 0.0


def _checked(run: Run, level: float) -> CommonFactor:
    if not LEAST_LEVEL <= level <= MOST_LEVEL:
        raise ConfigError(
            "LEVEL_OUT_OF_RANGE",
            "An interval is given at a level from {least} to {most}, not {level}; for 95 % write "
            "0.95.",
            level=level, least=LEAST_LEVEL, most=MOST_LEVEL,
        )  # fmt: skip
    if run.common is None:
        raise ConfigError(
            "NO_DISTRIBUTION",
            "This run was saved without its distributions, so its intervals are known at its own "
            "level only. Run the forecast again.",
        )
    return run.common
