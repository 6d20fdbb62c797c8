"""What a forecast promises of its totals, and what forecasts of the past prove about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from clvcore.records.columns import (
    CALIBRATION_FRAME,
    COVERAGE_FRAME,
    NOT_MEASURED,
    PAST_TOTALS_FRAME,
    PIT_FRAME,
)
from clvcore.records.errors import Notice

LOWEST_AVERAGE = float(np.exp(-3.0))


@dataclass(frozen=True, kw_only=True)
class CommonFactor:
    """What moves the spend of many customers together; with it any total has an interval.

    Shared parameters, seasons and shocks do not average out over customers, so the log of a total
    is taken as spread by a factor common to the shop (Student's t), a further one for a group
    that is not the whole, and the customers' own variances (normal). The factor of a group falls
    with its share of the money, and grows with how far its customers lie below the average: what
    is expected of many small ones is known least.

    Parameters
    ----------
    shop, group
        Standard deviations of both factors, on the log scale.
    t, z
        Quantiles at the upper bound of the interval: of Student's t, and of the normal.
    """

    shop: float
    group: float
    t: float
    z: float

    def half_width(
        self, own: npt.ArrayLike, share: npt.ArrayLike, average: npt.ArrayLike = 1.0
    ) -> npt.NDArray[np.float64]:
        """Return the half-width on the log scale.

        Parameters
        ----------
        own
            Sum of the customers' variances over the square of their total.
        share
            Share of the whole's forecast; the whole itself (1) has no factor of a group.
        average
            Forecast per customer of the group over that of the whole.
        """
        rest = 1.0 - np.clip(np.asarray(share, dtype=np.float64), 0.0, 1.0)
        below = -np.log(np.clip(np.asarray(average, dtype=np.float64), LOWEST_AVERAGE, 1.0))
        group = self.group * rest * (1.0 + below / 2.0)
        common = self.t**2 * (self.shop**2 + group**2)
        return np.sqrt(common + self.z**2 * np.log1p(np.asarray(own, dtype=np.float64)))


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What the intervals of a run rest on, of everybody it was made for, whoever is left in it.

    Parameters
    ----------
    customers, clv
        How many there were, and the sum of their values (money).
    variances
        Sum of the customers' variances (squared money) of each row of ``Run.totals``, by scope and
        key.
    levels, misses
        At some levels, rising, the share that one-sided intervals may miss
        (``uncertainty.Shape.one_sided_miss``).
    history_days, skipped_days
        Length of the log that was learned from, and days between its end and the forecast's start.
    full_window
        Whether past windows as long as the horizon could be learned from; None if that was not
        kept.
    """

    customers: int
    clv: float
    variances: dict[str, dict[str, float]]
    levels: tuple[float, ...]
    misses: tuple[float, ...]
    history_days: int
    skipped_days: int = 0
    full_window: bool | None = None

    def miss(self, level: float) -> float:
        """Return the share that one-sided intervals at ``level`` may miss."""
        return float(np.interp(level, self.levels, self.misses))


def _empty(columns: tuple[str, ...]) -> Callable[[], pd.DataFrame]:
    return lambda: pd.DataFrame(columns=list(columns))


@dataclass(frozen=True, eq=False, kw_only=True)
class Trust:
    """What forecasts made on past days prove about the intervals of this one.

    Parameters
    ----------
    verdict
        ``good``, ``fair``, ``weak`` or ``not_measured``, by the rule of ``backtest.coverage``.
    reasons
        What the verdict rests on, in plain words, the weightiest first.
    window_days, is_full_length
        Length of the past windows, and whether that is the horizon of the forecast.
    coverage
        Columns of ``columns.COVERAGE_FRAME``: at each ``level`` the share of past outcomes that
        the shipped bounds held (``coverage``, with its 95 % Wilson interval) and that the raw
        quantiles held, mean ``width`` and ``winkler`` score in money, the share of ``zeros`` among
        the outcomes, and the ``least`` share that intervals starting at nothing can hold.
        ``scope`` is ``all``, ``frequency`` (``one_time`` no repeat, ``few`` 1 to 3, ``many`` 4 and
        more), ``segment`` (as forecast then) or ``origin`` (ISO date); dates are added up.
    totals
        Columns of ``columns.PAST_TOTALS_FRAME``: past totals and their intervals; ``scope`` as in
        ``Run.totals``.
    pit
        Columns of ``columns.PIT_FRAME``: share of outcomes by probability integral transform
        (ten bins, zeros spread evenly over their probability); even shares are perfect.
    calibration
        Columns of ``columns.CALIBRATION_FRAME``: mean forecast and mean outcome per customer by
        tenth of the forecast, lowest first.
    season_seen
        Share of the horizon's days whose season the log has shown, 0 to 1.
    level_uncertainty
        Half-width of the interval of the whole's total, at the run's level, that comes from the
        common factor alone, as a share of the forecast (.25 is 25 %).
    r2
        Share of the variance between customers' past outcomes that forecasts explained, mean over
        the past dates; NaN where none was scored.
    """

    verdict: str = NOT_MEASURED
    reasons: tuple[Notice, ...] = ()
    window_days: int = 0
    is_full_length: bool = False
    coverage: pd.DataFrame = field(default_factory=_empty(COVERAGE_FRAME))
    totals: pd.DataFrame = field(default_factory=_empty(PAST_TOTALS_FRAME))
    pit: pd.DataFrame = field(default_factory=_empty(PIT_FRAME))
    calibration: pd.DataFrame = field(default_factory=_empty(CALIBRATION_FRAME))
    season_seen: float = 0.0
    level_uncertainty: float = 0.0
    r2: float = float("nan")
