"""What any group of customers adds up to, and how sure that is.

Customers share parameters, seasons and shocks. The sum of independent customers is wrong by miles,
so a common factor widens every total, more where the season ahead has not been seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtri, stdtrit

from clvcore.arrays.frames import text_columns
from clvcore.records.columns import TOTALS_FRAME
from clvcore.records.horizon import Grid
from clvcore.records.numbers import Floats
from clvcore.records.run import Run
from clvcore.records.trust import Basis, CommonFactor

Ints = npt.NDArray[np.int64]

SHOP_SD, SEASON_SD, SHORT_WINDOW_SD, GROUP_SD = 0.11, 0.18, 0.05, 0.15
DEGREES = 8
RIPE_DAYS = 180.0
HALF_YEAR = 182.0


def season_seen(history_days: int, horizon_days: int, *, skipped_days: int = 0) -> float:
    """Return how much of the season ahead the log has shown when it was no longer new.

    A day counts in full if the same day of an earlier year lies at least 180 days into the log.

    Parameters
    ----------
    history_days, horizon_days
        Lengths of the log and of the stretch ahead.
    skipped_days
        Days between the end of the log and the stretch.

    Examples
    --------
    >>> season_seen(100, 60), season_seen(1095, 365)
    (0.0, 1.0)
    """
    ahead = skipped_days + np.arange(1, horizon_days + 1)
    mirror = history_days + ahead - 365 * np.ceil(ahead / 365)
    return float(np.clip(mirror / RIPE_DAYS, 0.0, 1.0).mean())


def common_factor(
    *, level: float, seen: float, horizon_days: int, full_window: bool
) -> CommonFactor:
    """Return the factor for totals over a stretch ahead.

    Parameters
    ----------
    level
        Nominal share of totals their intervals hold.
    seen
        From ``season_seen``.
    horizon_days
        Length of the stretch: a short one can lie wholly in an odd season, a year averages them.
    full_window
        Whether past windows of this length could be learned from.
    """
    season = (1.0 - seen) * SEASON_SD**2 * min(1.0, HALF_YEAR / horizon_days)
    window = 0.0 if full_window else SHORT_WINDOW_SD**2
    at_t, at_z = factor_quantiles(level)
    shop = float(np.sqrt(SHOP_SD**2 + season + window))
    return CommonFactor(shop=shop, group=GROUP_SD, t=at_t, z=at_z)


def factor_quantiles(level: float) -> tuple[float, float]:
    """Return the quantiles of Student's t and of the normal that bound the middle ``level``."""
    at = 0.5 + level / 2.0
    return float(stdtrit(DEGREES, at)), float(ndtri(at))


@dataclass(frozen=True, eq=False, kw_only=True)
class Future:
    """What lies ahead of a forecast, for the common factors of its totals.

    Parameters
    ----------
    grid
        Steps of the forecast.
    history_days
        Length of the log.
    full_window
        Whether past windows as long as the horizon could be learned from.
    level
        Nominal share of totals their intervals hold.
    skipped_days
        Days between the end of what was learned from and ``grid.as_of``.
    """

    grid: Grid
    history_days: int
    full_window: bool
    level: float
    skipped_days: int = 0

    @cached_property
    def seen(self) -> float:
        """How much of the season ahead the log has shown."""
        return season_seen(
            self.history_days, self.grid.horizon_days, skipped_days=self.skipped_days
        )

    @cached_property
    def whole(self) -> CommonFactor:
        """The factor over the whole horizon."""
        return self._factor(0, self.grid.horizon_days)

    @cached_property
    def steps(self) -> tuple[CommonFactor, ...]:
        """The factor of each step of the grid by itself."""
        starts = (0, *self.grid.days[:-1])
        return tuple(self._factor(*ends) for ends in zip(starts, self.grid.days, strict=True))

    def _factor(self, start: int, end: int) -> CommonFactor:
        return common_factor(
            level=self.level,
            seen=season_seen(
                self.history_days, end - start, skipped_days=self.skipped_days + start
            ),
            horizon_days=end - start,
            full_window=self.full_window,
        )


def level_uncertainty(common: CommonFactor) -> float:
    """Return the half-width of the whole's interval from the common factor alone, as a share."""
    return float(np.expm1(common.t * common.shop))


def group_totals(
    mean: Floats,
    variance: Floats,
    keys: pd.Series[str],
    common: CommonFactor,
    basis: Basis | None = None,
) -> pd.DataFrame:
    """Return one row per key: ``key``, ``customers``, ``total``, ``lower``, ``upper``."""
    codes, names = pd.factorize(keys, sort=True)
    return pd.DataFrame(totals_of(mean, variance, codes, list(names), common, basis))


def totals_of(
    mean: Floats,
    variance: Floats,
    codes: Ints,
    names: Sequence[str] | pd.Index[str],
    common: CommonFactor,
    basis: Basis | None = None,
) -> dict[str, npt.NDArray[Any]]:
    """Return the columns of ``group_totals`` for customers numbered by group.

    Where ``basis`` is given, shares are of what it says everybody has and not of who is here.
    """
    total = np.bincount(codes, weights=mean, minlength=len(names))
    own = np.bincount(codes, weights=variance, minlength=len(names))
    sizes = np.bincount(codes, minlength=len(names))
    everybody, money = len(mean), float(mean.sum())
    if basis is not None:
        everybody, money = basis.customers, basis.clv
    lower, upper = _bounds(
        np.asarray(total, dtype=np.float64),
        np.asarray(own, dtype=np.float64),
        sizes,
        common,
        everybody=everybody,
        money=money,
    )
    return {
        "key": np.asarray(names, dtype=object),
        "customers": sizes,
        "total": total,
        "lower": lower,
        "upper": upper,
    }


def _bounds(
    total: Floats, own: Floats, sizes: Ints, common: CommonFactor, *, everybody: int, money: float
) -> tuple[Floats, Floats]:
    """Return the bounds of totals of so many customers each, with variances ``own``."""
    share = np.where(sizes == everybody, 1.0, total / max(money, 1e-300))
    square = total**2  # of the tiniest totals it is 0
    relative = np.divide(own, square, out=np.zeros(len(total)), where=square > 0)
    average = share * everybody / np.maximum(sizes, 1)
    width = np.where(total > 0, common.half_width(relative, share, average), 0.0)
    return total * np.exp(-width), total * np.exp(width)


def build_totals(customers: pd.DataFrame, variance: Floats, common: CommonFactor) -> pd.DataFrame:
    """Return ``Run.totals``: ``clv`` of everyone, of each segment and of each cohort.

    Parameters
    ----------
    customers
        Of the run, with ``clv``, ``segment`` and ``cohort``.
    variance
        Of each customer's value, shape (customers,).
    common
        Over the horizon.
    """
    groups: dict[str, tuple[Ints, Sequence[str] | pd.Index[str]]] = {
        "all": (np.zeros(len(customers), dtype=np.int64), ["all"]),
        "segment": pd.factorize(customers["segment"], sort=True),
        "cohort": pd.factorize(customers["cohort"], sort=True),
    }
    clv = customers["clv"].to_numpy(dtype=np.float64)
    parts = [
        totals_of(clv, variance, codes, names, common)
        | {"scope": np.full(len(names), scope, dtype=object)}
        for scope, (codes, names) in groups.items()
    ]
    totals = pd.DataFrame(
        {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    ).rename(columns={"total": "clv", "lower": "clv_lower", "upper": "clv_upper"})
    return text_columns(totals, TOTALS_FRAME)


def saved_totals(totals: pd.DataFrame, basis: Basis, common: CommonFactor) -> pd.DataFrame:
    """Return ``Run.totals`` with the bounds of another factor; no customer is looked at."""
    own = [
        basis.variances[scope][key]
        for scope, key in zip(totals["scope"], totals["key"], strict=True)
    ]
    lower, upper = _bounds(
        totals["clv"].to_numpy(dtype=np.float64),
        np.array(own, dtype=np.float64),
        totals["customers"].to_numpy(),
        common,
        everybody=basis.customers,
        money=basis.clv,
    )
    return totals.assign(clv_lower=lower, clv_upper=upper)


def totals_by(run: Run, keys: pd.Series[str]) -> pd.DataFrame:
    """Return ``key``, ``customers``, ``total``, ``lower``, ``upper`` of any grouping of a run.

    Parameters
    ----------
    keys
        Each customer's group, in the order of ``run.customers``. In a run from before totals had
        intervals the bounds are NaN.
    """
    clv = run.customers["clv"].to_numpy(dtype=np.float64)
    if run.common is not None:
        return group_totals(clv, run.variance, keys, run.common, run.basis)
    sums = run.customers.groupby(keys.to_numpy())["clv"].agg(["size", "sum"])
    return pd.DataFrame(
        {
            "key": sums.index.to_numpy(dtype=object),
            "customers": sums["size"].to_numpy(),
            "total": sums["sum"].to_numpy(),
            "lower": np.nan,
            "upper": np.nan,
        }
    )
