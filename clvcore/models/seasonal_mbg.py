"""MBG/NBD on an operational clock, its level drawn halfway to BG/NBD's: the base of the ensemble.

Customers seen right at the start of a log were mostly customers before it: a covariate lets them
buy at another rate than those who are really new. MBG/NBD ranks better, because one-time buyers
may be gone; BG/NBD has the smaller bias in total. So the ranks are the one's, the level is the
midpoint of both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np

from clvcore.models.base import Ints
from clvcore.models.clock import Clock
from clvcore.models.given_alive import dropout_nodes, expected_given_alive
from clvcore.models.sampling import every_kth
from clvcore.models.seasonal_likelihood import Rows, fit_mode, log_likelihood
from clvcore.records.numbers import Floats
from clvcore.records.snapshot import Snapshot

CENSORING_DAYS = 45.0
CLOCK_ROUNDS = 2
MIDPOINT_RANGE = (0.6, 1.6)
WEEK = 7
MOST_KEYS = 8  # a customer
Histories = tuple[Ints, Ints, Ints, Floats]
_COUNTS: WeakKeyDictionary[Snapshot, Counts] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False, kw_only=True)
class Counts:
    """Purchase days of each customer in calendar days since the log began, from a snapshot.

    ``x`` repeat purchase days; ``first``, ``last`` day of a purchase; ``end`` is ``as_of``;
    ``repeats`` the day of every repeat purchase; ``share`` is their part of the log's customers.
    """

    x: Ints
    first: Floats
    last: Floats
    end: int
    repeats: Floats
    share: float = 1.0

    @classmethod
    def of(cls, snapshot: Snapshot) -> Counts:
        """Read a snapshot, each one once."""
        if snapshot not in _COUNTS:
            _COUNTS[snapshot] = cls._read(snapshot)
        return _COUNTS[snapshot]

    @classmethod
    def _read(cls, snapshot: Snapshot) -> Counts:
        customers, days = snapshot.customers, snapshot.purchases["day"].to_numpy(dtype=np.float64)
        end = snapshot.history_days
        first = end - customers["T"].to_numpy(dtype=np.float64)
        owner = snapshot.purchases["customer"].to_numpy()
        return cls(
            x=customers["frequency"].to_numpy(dtype=np.int64),
            first=first,
            last=first + customers["recency"].to_numpy(dtype=np.float64),
            end=end,
            repeats=days[days > first[owner]],
        )

    @cached_property
    def pairs(self) -> tuple[Ints, Ints]:
        """A customer of each distinct (x, first day), and the pair of each customer.

        Whoever shares both shares every expectation given alive.
        """
        keys = self.x * (self.end + 1) + self.first.astype(np.int64)
        if keys.max() > MOST_KEYS * len(keys):
            _, first, at = np.unique(keys, return_index=True, return_inverse=True)
            return first, at
        one = np.full(int(keys.max()) + 1, -1)  # few keys are found sooner than sorted
        one[keys] = np.arange(len(keys))
        found = np.flatnonzero(one >= 0)
        number = np.empty(len(one), dtype=np.int64)
        number[found] = np.arange(len(found))
        return one[found], number[keys]

    @cached_property
    def repeats_by_day(self) -> Ints:
        """Repeat purchase days of everyone on each day of the log."""
        return np.bincount(self.repeats.astype(np.int64), minlength=self.end + 1)

    @cached_property
    def arrivals(self) -> tuple[Floats, Ints]:
        """Middle of each week in which customers came, and how many came."""
        came = np.bincount(self.first.astype(np.int64) // WEEK)
        weeks = np.flatnonzero(came)
        return np.minimum(weeks * float(WEEK) + WEEK / 2.0, self.end), came[weeks]

    def part(self, rows: Ints) -> Counts:
        """Return some of the customers, by row number; their repeats are left out."""
        return Counts(
            x=self.x[rows],
            first=self.first[rows],
            last=self.last[rows],
            end=self.end,
            repeats=np.zeros(0),
            share=len(rows) / len(self.x),
        )

    def censoring(self) -> Floats:
        """Return how probably a customer was one before the log began, 1 falling to 0."""
        return self._censoring

    @cached_property
    def _censoring(self) -> Floats:
        return np.asarray(np.exp(-self.first / CENSORING_DAYS))

    def rows(self, clock: Clock, *, drops_at_first: bool, roughly: bool = False) -> Rows:
        """Compress to distinct histories on ``clock``; rows are sorted by content.

        ``roughly`` takes purchases at the middle of their week, which leaves far fewer rows.
        """
        x, first, last, weights = self._rough if roughly else self._exact
        weeks = clock.weeks(np.arange(self.end + 1.0))  # of each day once, then looked up
        start, end = weeks[first], weeks[self.end :]
        return Rows(
            x=x,
            t_x=weeks[last] - start,
            age=end - start,
            z=np.exp(-first / CENSORING_DAYS),
            weights=weights,
            drops_at_first=drops_at_first,
        )

    @cached_property
    def _exact(self) -> Histories:
        return self._distinct(self.first.astype(np.int64), self.last.astype(np.int64))

    @cached_property
    def _rough(self) -> Histories:
        middle = WEEK // 2
        first, last = (
            np.minimum(day.astype(np.int64) // WEEK * WEEK + middle, self.end)
            for day in (self.first, self.last)
        )
        return self._distinct(first, last)

    def _distinct(self, first: Ints, last: Ints) -> Histories:
        """Return x, first and last day of each distinct history, and how many share it."""
        span = self.end + 1
        unique, sizes = np.unique((self.x * span + last) * span + first, return_counts=True)
        rows, weights = every_kth(sizes.astype(np.float64), share=self.share)
        unique = unique[rows]
        return (
            unique // span**2,
            unique % span,
            unique // span % span,
            weights,
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class SeasonalFit:
    """One beta-geometric model on the clock fitted with it; theta as in ``fit_mode``."""

    theta: Floats
    clock: Clock
    drops_at_first: bool
    log_likelihood: float = np.nan
    _alive: dict[Counts, Floats] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _rates: dict[Counts, tuple[Floats, Floats]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _nodes: dict[Counts, Floats] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def parameters(self) -> dict[str, float]:
        """Return r, alpha (operational weeks), a, b and beta."""
        r, alpha, a, b = np.exp(self.theta[:4])
        return {
            "r": float(r), "alpha": float(alpha), "a": float(a), "b": float(b),
            "beta": float(self.theta[4]),
        }  # fmt: skip

    @classmethod
    def restore(
        cls, parameters: Mapping[str, float], clock: Clock, *, drops_at_first: bool
    ) -> SeasonalFit:
        """Return the fit that had these ``parameters``; its likelihood is not known any more."""
        logs = [np.log(parameters[name]) for name in ("r", "alpha", "a", "b")]
        theta = np.array([*logs, parameters["beta"]])
        return cls(theta=theta, clock=clock, drops_at_first=drops_at_first)

    def p_alive(self, counts: Counts) -> Floats:
        """Return P(alive), shape (customers,); worked out once, as every forecast asks for it.

        A part of the customers has one forecast only, and nothing of it is kept.
        """
        if counts.share < 1.0:
            return self.p_alive_on(counts, np.array([float(counts.end)]))
        if counts not in self._alive:
            self._alive[counts] = self.p_alive_on(counts, np.array([float(counts.end)]))
        return self._alive[counts]

    def p_alive_on(self, counts: Counts, days: Floats) -> Floats:
        """Return P(alive) at the end of other days than ``counts.end``, one per row or one for all.

        ``counts`` must hold what was known on those days; days count from the start of the log.
        """
        r, alpha, a, b = np.exp(self.theta[:4])
        s = np.exp(self.theta[4] * counts.censoring())
        start = self.clock.weeks(counts.first)
        age = self.clock.weeks(days) - start
        t_x = self.clock.weeks(counts.last) - start
        first = 1.0 if self.drops_at_first else 0.0
        leaves = np.where(counts.x + first > 0, b + counts.x + first - 1.0, np.inf)
        log_ratio = (r + counts.x) * np.log((alpha + s * age) / (alpha + s * t_x))
        return np.asarray(1.0 / (1.0 + a / leaves * np.exp(np.minimum(log_ratio, 700.0))))

    def rates(self, counts: Counts) -> tuple[Floats, Floats]:
        """Return R = r + x, and s / (alpha + s T): an operational week in units of the rate."""
        if counts.share < 1.0:
            return self._rates_of(counts)
        if counts not in self._rates:
            self._rates[counts] = self._rates_of(counts)
        return self._rates[counts]

    def _rates_of(self, counts: Counts) -> tuple[Floats, Floats]:
        s = np.exp(self.theta[4] * counts.censoring())
        age = self.clock.weeks(np.array([float(counts.end)])) - self.clock.weeks(counts.first)
        r, alpha = np.exp(self.theta[:2])
        return r + counts.x, s / (alpha + s * age)

    def expected_purchases(self, counts: Counts, days: Sequence[int]) -> Floats:
        """Return cumulative expected purchase days of this model alone, (customers, steps)."""
        ahead = self.clock.ahead(days[-1])[np.asarray(days) - 1]
        shape, unit = self.rates(counts)
        one, at = counts.pairs
        given = expected_given_alive(
            shape[one], unit[one][:, None] * ahead, self.dropout_nodes_of_pairs(counts)
        )
        expected = given[at]
        expected *= self.p_alive(counts)[:, None]  # in place: this is the largest table there is
        return np.asarray(expected)

    def p_purchase(self, counts: Counts, horizon_days: int) -> Floats:
        """Return P(at least one purchase within the horizon), shape (customers,)."""
        shape, unit = self.rates(counts)
        ahead = self.clock.ahead(horizon_days)[-1]
        return np.asarray(self.p_alive(counts) * -np.expm1(-shape * np.log1p(unit * ahead)))

    def dropout_nodes(self, x: Ints) -> Floats:
        """Return quadrature nodes of the dropout probability given alive, shape (len(x), 16)."""
        a, b = np.exp(self.theta[2:4])
        return dropout_nodes(float(a), float(b) + (1.0 if self.drops_at_first else 0.0), x)

    def dropout_nodes_of_pairs(self, counts: Counts) -> Floats:
        """Return the nodes of ``counts.pairs``, worked out once, shape (pairs, 16)."""
        if counts.share < 1.0:
            return self.dropout_nodes(counts.x[counts.pairs[0]])
        if counts not in self._nodes:
            self._nodes[counts] = self.dropout_nodes(counts.x[counts.pairs[0]])
        return self._nodes[counts]

    def expected_repeats(self, counts: Counts) -> Floats:
        """Return the unconditional expected repeats of all customers in each bin of the clock."""
        a, b = np.exp(self.theta[2:4])
        cohorts, sizes = counts.arrivals
        s = np.exp(self.theta[4] * np.exp(-cohorts / CENSORING_DAYS))
        r, alpha = np.exp(self.theta[:2])
        edges = self.clock.weeks(self.clock.edges)
        passed = np.maximum(edges[None, :] - self.clock.weeks(cohorts)[:, None], 0.0)
        rho = s[:, None] * passed / alpha
        nodes = self.dropout_nodes(np.zeros(1, dtype=np.int64))
        expected = expected_given_alive(
            np.full(rho.size, r), rho.reshape(-1, 1), np.broadcast_to(nodes, (rho.size, 16))
        ).reshape(rho.shape)
        if self.drops_at_first:
            expected = expected * b / (a + b)
        return np.asarray(np.diff(sizes @ expected))


def fit_seasonal(counts: Counts) -> SeasonalFit:
    """Fit MBG/NBD and its clock in turn: fit, compare repeats by month, adjust, fit again."""
    clock = Clock.flat(counts.end)
    rounds = CLOCK_ROUNDS if clock.is_adjustable else 0
    fitted = _fit_on(clock, counts, drops_at_first=True, roughly=rounds > 0)
    if not rounds:
        return fitted
    days = np.arange(len(counts.repeats_by_day))
    bins = np.searchsorted(clock.edges, days, side="left") - 1
    repeats = counts.repeats_by_day.astype(np.float64)
    actual = np.bincount(np.maximum(bins, 0), repeats, len(clock.speeds)).astype(np.float64)
    for left in reversed(range(rounds)):
        clock = fitted.clock.adjusted(actual, fitted.expected_repeats(counts))
        start, roughly = fitted.theta, left > 0
        fitted = _fit_on(clock, counts, drops_at_first=True, start=start, roughly=roughly)
    return fitted


def _fit_on(
    clock: Clock,
    counts: Counts,
    *,
    drops_at_first: bool,
    start: Floats | None = None,
    roughly: bool = False,
) -> SeasonalFit:
    rows = counts.rows(clock, drops_at_first=drops_at_first, roughly=roughly)
    theta = fit_mode(rows, start=start, roughly=roughly)
    # a fit that only adjusts the clock is never asked how likely it was
    value = np.nan if roughly else log_likelihood(theta, rows)[0]
    return SeasonalFit(
        theta=theta, clock=clock, drops_at_first=drops_at_first, log_likelihood=value
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class SeasonalMbg:
    """The fitted base: MBG/NBD for the ranks, BG/NBD for half of the level."""

    mbg: SeasonalFit
    bg: SeasonalFit
    _levels: dict[tuple[Counts, int], float] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def fit(cls, counts: Counts) -> SeasonalMbg:
        """Fit MBG/NBD and the clock in turn, then BG/NBD on that clock: a season is the shop's."""
        mbg = fit_seasonal(counts)
        bg = _fit_on(mbg.clock, counts, drops_at_first=False, start=mbg.theta)
        return cls(mbg=mbg, bg=bg)

    def expected_purchases(self, counts: Counts, days: Sequence[int]) -> Floats:
        """Return cumulative expected purchase days, shape (customers, steps)."""
        expected = self.mbg.expected_purchases(counts, days)
        expected *= self.level(counts, days[-1], own=float(expected[:, -1].sum()))
        return expected

    def level(self, counts: Counts, horizon_days: int, *, own: float | None = None) -> float:
        """Return the factor that moves MBG/NBD's total, ``own`` if known, halfway to BG/NBD's."""
        if (counts, horizon_days) not in self._levels:
            if own is None:
                own = float(self.mbg.expected_purchases(counts, [horizon_days])[:, 0].sum())
            self._levels[counts, horizon_days] = self._midpoint(counts, horizon_days, own)
        return self._levels[counts, horizon_days]

    def _midpoint(self, counts: Counts, horizon_days: int, own: float) -> float:
        other = float(self.bg.expected_purchases(counts, [horizon_days])[:, 0].sum())
        ratio = float(np.clip(other / own, *MIDPOINT_RANGE)) if own > 0 else 1.0
        return (1.0 + ratio) / 2.0
