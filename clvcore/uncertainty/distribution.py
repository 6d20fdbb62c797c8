"""A customer's spend over the horizon as a hurdle: nothing, or a positive amount.

P(buy) and two moments of the spend of a buyer are in closed form, and the mean is exactly the
forecast, whichever model made it. Any level is read off without a fit, and levels are nested.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammainc, ndtr

from clvcore.records.numbers import Floats
from clvcore.uncertainty.quantiles import amount_quantile

SPREAD_RANGE = (0.02, 40.0)
BUYS_RANGE = (1e-6, 1.0 - 1e-6)
MAY_BUY_NOTHING = 0.05
MOST_USUAL, MOST_FLOOR = 3.0, 0.95
SLACK = 0.005
MOSTLY_NOTHING = 0.75


@dataclass(frozen=True, eq=False, kw_only=True)
class Shape:
    """Distribution of a customer's spend in units of its mean, arrays of shape (customers,).

    Parameters
    ----------
    buys
        P(at least one purchase).
    spread
        Squared coefficient of variation of a buyer's spend.
    """

    buys: Floats
    spread: Floats
    _known: dict[float, tuple[Floats, Floats]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def quantile(self, at: Floats) -> Floats:
        """Return each customer's quantile ``at``, shape (customers,)."""
        nothing = 1.0 - self.buys
        amount = np.zeros(len(self.buys))
        some = np.flatnonzero(at > nothing)
        within = np.minimum((at[some] - nothing[some]) / self.buys[some], 1.0 - 1e-12)
        amount[some] = amount_quantile(self.spread[some], within) / self.buys[some]
        return amount

    def relative_variance(self) -> Floats:
        """Return the variance over the square of the mean."""
        return np.asarray(np.maximum((1.0 + self.spread) / self.buys - 1.0, 0.0))

    def bounds(self, level: float) -> tuple[Floats, Floats]:
        """Return the zero-aware interval at ``level``; each level is worked out once.

        Whoever may buy nothing with 5 % or more gets [0, Q(1 - k)], the same customers at every
        level, which keeps levels nested; everyone else equal tails.
        """
        if level not in self._known:
            self._known[level] = self.bounds_given(level, self.one_sided_miss(level))
        return self._known[level]

    def bounds_given(self, level: float, above: float) -> tuple[Floats, Floats]:
        """Return the zero-aware interval where the k of everybody is known to be ``above``."""
        miss, one_sided = 1.0 - level, 1.0 - self.buys >= MAY_BUY_NOTHING
        lower = self.quantile(np.where(one_sided, 0.0, miss / 2.0))
        upper = self.quantile(np.where(one_sided, 1.0 - above, 1.0 - miss / 2.0))
        return lower, upper

    def one_sided_misses(self, levels: Sequence[float]) -> list[float]:
        """Return ``one_sided_miss`` at many levels, to nine digits, for one sort of all chances."""
        nothing = np.sort(1.0 - self.buys[1.0 - self.buys >= MAY_BUY_NOTHING])
        if len(nothing) == 0:
            return [(1.0 - level) / 2.0 for level in levels]
        sums, number = np.append(nothing[::-1].cumsum()[::-1], 0.0), len(nothing)

        def held(k: float) -> float:
            first = int(np.searchsorted(nothing, 1.0 - k))
            return float(sums[first] + first * (1.0 - k)) / number

        return [self._miss(level, held, number) for level in levels]

    def one_sided_miss(self, level: float) -> float:
        """Return k between half the miss and all of it.

        Customers surer to buy nothing than the level asks for are held too often, whatever their
        bound; ``k`` is where all one-sided intervals together are expected to hold the level.
        Where nearly everyone buys nothing, the bound is kept as far out as an equal-tailed one.
        """
        one_sided = 1.0 - self.buys >= MAY_BUY_NOTHING
        nothing = 1.0 - self.buys[one_sided]
        if len(nothing) == 0:
            return (1.0 - level) / 2.0
        return self._miss(level, lambda k: float(np.maximum(nothing, 1.0 - k).mean()), len(nothing))

    def _miss(self, level: float, held: Callable[[float], float], one_sided: int) -> float:
        """Find k; ``held`` is the share that so many one-sided intervals hold with a k."""
        miss = 1.0 - level
        wanted = level + SLACK * len(self.buys) / one_sided

        def excess(k: float) -> float:
            return held(k) - wanted

        if excess(miss) >= 0:
            k = miss
        elif excess(miss / 2.0) <= 0:
            k = miss / 2.0
        else:
            k = float(brentq(excess, miss / 2.0, miss, xtol=1e-9))
        if 1.0 - self.buys.mean() >= MOSTLY_NOTHING:
            k = min(k, max(miss, float(self.buys.mean())) / 2.0)
        return k


@dataclass(frozen=True, eq=False, kw_only=True)
class Hurdle:
    """Predictive distribution over the horizon: a forecast in money, and the shape around it.

    Parameters
    ----------
    mean
        The forecast, shape (customers,).
    shape
        Of the same customers.
    usual
        What a model expects of each customer if they buy at all; money, shape (customers,).
    """

    mean: Floats
    shape: Shape
    usual: Floats

    def around(self, mean: Floats) -> Hurdle:
        """Return the distribution around another model's forecast.

        Nobody spends above three times their usual if they buy: where another model expects more,
        the customer must be likelier to buy. A lost customer with a forecast above zero would
        otherwise have an absurd variance.
        """
        floor = np.minimum(mean / (MOST_USUAL * np.maximum(self.usual, 1e-300)), MOST_FLOOR)
        if (floor <= self.shape.buys).all():
            return Hurdle(mean=mean, shape=self.shape, usual=self.usual)
        buys = np.maximum(self.shape.buys, floor)
        return Hurdle(mean=mean, shape=Shape(buys=buys, spread=self.shape.spread), usual=self.usual)

    def variance(self) -> Floats:
        """Return the variance, shape (customers,)."""
        return self.mean**2 * self.shape.relative_variance()

    def bounds(self, level: float) -> tuple[Floats, Floats]:
        """Return the zero-aware interval at ``level``: raw quantiles."""
        lower, upper = self.shape.bounds(level)
        return lower * self.mean, upper * self.mean

    def shipped(self, level: float, above: float | None = None) -> tuple[Floats, Floats]:
        """Return the bounds with the forecast inside: with many zeros a mean can exceed them.

        ``above`` is the k of everybody where that is known, since some may be missing here.
        """
        given = self.shape.bounds_given
        lower, upper = self.shape.bounds(level) if above is None else given(level, above)
        return np.minimum(lower, 1.0) * self.mean, np.maximum(upper, 1.0) * self.mean

    def transform(self, happened: Floats) -> Floats:
        """Return the probability up to what happened, P(S <= s), shape (customers,).

        For those who bought nothing this is the chance to buy nothing. Amounts are read midway
        between the gamma's probability and the lognormal's.
        """
        buys, spread = self.shape.buys, self.shape.spread
        scaled = np.maximum(happened * buys / np.maximum(self.mean, 1e-300), 1e-300)
        sigma = np.sqrt(np.log1p(spread))
        gamma = gammainc(1.0 / spread, scaled / spread)
        lognormal = ndtr((np.log(scaled) + sigma**2 / 2.0) / sigma)
        bought = buys * (gamma + lognormal) / 2.0
        return np.asarray(1.0 - buys + np.where(happened > 0, bought, 0.0))
