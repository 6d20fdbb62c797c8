"""An operational clock: days on which the whole shop buys more run faster.

Measured in this time, purchase rates have no season and no common level, so a model that assumes
constant rates may be fitted. Ahead, the clock repeats what it did a year before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clvcore.records.columns import DAYS_PER_WEEK
from clvcore.records.numbers import Floats

BIN_DAYS = 30
MIN_BINS = 4
PSEUDO_COUNT = 60.0
YEAR_DAYS = 365
LEVEL_NEEDS_DAYS = YEAR_DAYS + 45
LEVEL_STRENGTH = 0.15
LEVEL_WINDOW = 90


@dataclass(frozen=True, eq=False, kw_only=True)
class Clock:
    """Speeds of the days of a log, constant within bins of about a month.

    Parameters
    ----------
    edges
        Shape (bins + 1,), days since the log began; the first is 0, the last is ``as_of``. Bins
        are 30 days long, counted back from ``as_of``; the oldest takes the remainder.
    speeds
        Shape (bins,), relative rates with a day-weighted mean of 1.
    """

    edges: Floats
    speeds: Floats

    @classmethod
    def flat(cls, history_days: int) -> Clock:
        """Return the ordinary calendar over ``history_days``."""
        bins = max(1, history_days // BIN_DAYS)
        ends = history_days - BIN_DAYS * np.arange(bins)[::-1].astype(np.float64)
        edges = np.concatenate([[0.0], np.maximum(ends, 0.0)])
        return cls(edges=edges, speeds=np.ones(bins))

    @property
    def is_adjustable(self) -> bool:
        """Whether the log is long enough to tell a season from noise."""
        return len(self.speeds) >= MIN_BINS

    def weeks(self, days: Floats) -> Floats:
        """Return operational weeks from the start of the log to each day, none beyond ``as_of``."""
        ticks = np.concatenate([[0.0], np.cumsum(self.speeds * np.diff(self.edges))])
        return np.asarray(np.interp(days, self.edges, ticks) / DAYS_PER_WEEK)

    def adjusted(self, actual: Floats, expected: Floats) -> Clock:
        """Speed up bins with more purchases than ``expected``; 60 pseudo-purchases damp the noise.

        Parameters
        ----------
        actual, expected
            Shape (bins,), repeat purchase days in each bin.
        """
        speeds = self.speeds * (actual + PSEUDO_COUNT) / (expected + PSEUDO_COUNT)
        days = np.diff(self.edges)
        return Clock(edges=self.edges, speeds=speeds * days.sum() / (speeds @ days))

    def ahead(self, horizon_days: int) -> Floats:
        """Return operational weeks from ``as_of`` to each of the next days, shape (horizon,).

        Each day runs at the speed of the same day a year before (or two, ...), at 1 where the log
        does not reach back so far. A year-on-year change of the last quarter shifts the level by
        a small part: its full size would overshoot.
        """
        history = self.edges[-1]
        day = history + np.arange(1, horizon_days + 1)
        years = np.ceil((day - history) / YEAR_DAYS)
        mirror = day - YEAR_DAYS * years
        speed = np.where(mirror >= 0, self._speed_on(mirror), 1.0)
        return np.asarray(np.cumsum(speed) * self._level() / DAYS_PER_WEEK)

    def _level(self) -> float:
        history = self.edges[-1]
        if history < LEVEL_NEEDS_DAYS:
            return 1.0
        window = int(min(LEVEL_WINDOW, history - YEAR_DAYS))
        days = history - np.arange(window)
        now, then = self._speed_on(days).mean(), self._speed_on(days - YEAR_DAYS).mean()
        return float((now / then) ** (LEVEL_STRENGTH * window / LEVEL_WINDOW))

    def _speed_on(self, days: Floats) -> Floats:
        """Look up the bin of each day; a bin begins after its first edge."""
        bins = np.searchsorted(self.edges, days, side="left") - 1
        return np.asarray(self.speeds[np.clip(bins, 0, len(self.speeds) - 1)])
