"""The operational clock of a finished fit, running on: how time passes in days it never saw.

A forecast says at which speed the days ahead will run. When some of them have passed and nothing
is fitted again, they are taken to have run at exactly that speed, and what is still ahead goes on
as the same forecast said. So a later day has one clock, whenever it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from clvcore.models.clock import Clock
from clvcore.records.columns import DAYS_PER_WEEK
from clvcore.records.numbers import Floats


@dataclass(frozen=True, eq=False, kw_only=True)
class ContinuedClock(Clock):
    """A fitted clock with ``passed`` days behind it that ran as it had said.

    ``edges`` and ``speeds`` reach to the new ``as_of``; ``fitted`` is the clock as it was learned.
    """

    fitted: Clock
    passed: int

    def ahead(self, horizon_days: int) -> Floats:
        """Return operational weeks from the new ``as_of`` on, as the fitted clock said them."""
        weeks = self.fitted.ahead(self.passed + horizon_days)
        return np.asarray(weeks[self.passed :] - weeks[self.passed - 1])


def continued(clock: Clock, days: int) -> Clock:
    """Return the clock ``days`` later; 0 days change nothing.

    Examples
    --------
    >>> continued(Clock.flat(90), 10).weeks(np.array([100.0]))
    array([14.28571429])
    """
    if days == 0:
        return clock
    fitted, passed = clock, days
    if isinstance(clock, ContinuedClock):
        fitted, passed = clock.fitted, clock.passed + days
    speed = np.diff(fitted.ahead(passed), prepend=0.0) * DAYS_PER_WEEK
    # differences of a running sum move in the last digits, which is no change of speed
    ends = np.append(np.flatnonzero(np.abs(np.diff(speed)) > 1e-9 * speed[1:]) + 1, passed)
    starts = np.append(0, ends[:-1])
    total = np.add.reduceat(speed, starts)
    return ContinuedClock(
        edges=np.append(fitted.edges, fitted.edges[-1] + ends),
        speeds=np.append(fitted.speeds, total / (ends - starts)),
        fitted=fitted,
        passed=passed,
    )


def clock_to_dict(clock: Clock) -> dict[str, list[float]]:
    """Return what a run keeps of a clock."""
    kept = {"edges": clock.edges.tolist(), "speeds": clock.speeds.tolist()}
    if isinstance(clock, ContinuedClock):
        kept["passed"] = [float(clock.passed)]
    return kept


def clock_from_dict(kept: Mapping[str, Sequence[float]]) -> Clock:
    """Return the clock ``clock_to_dict`` was given."""
    edges, speeds = np.array(kept["edges"]), np.array(kept["speeds"])
    if "passed" not in kept:
        return Clock(edges=edges, speeds=speeds)
    passed = int(kept["passed"][0])
    bins = int(np.searchsorted(edges, edges[-1] - passed))
    fitted = Clock(edges=edges[: bins + 1], speeds=speeds[:bins])
    return ContinuedClock(edges=edges, speeds=speeds, fitted=fitted, passed=passed)
