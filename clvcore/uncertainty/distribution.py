"""A customer's spend over the horizon as a hurdle: nothing, or a gamma amount.

P(buy) is exact, two moments of the spend of a buyer are in closed form, and the mean is exactly the
forecast, whichever model made it. Any level is read off without a fit, and levels are nested.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.special import gammainc, gammaincinv

from clvcore.records import Floats

SPREAD_RANGE = (0.02, 40.0)
BUYS_RANGE = (1e-6, 1.0 - 1e-6)
ONE_SIDED_STEPS = 5
SLACK = 0.005


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
    _known: dict[float, tuple[Floats, Floats]] = field(default_factory=dict, repr=False)

    def quantile(self, at: Floats) -> Floats:
        """Return each customer's quantile ``at``, shape (customers,)."""
        nothing = 1.0 - self.buys
        amount = np.zeros(len(self.buys))
        some = np.flatnonzero(at > nothing)
        within = np.minimum((at[some] - nothing[some]) / self.buys[some], 1.0 - 1e-12)
        shape = 1.0 / self.spread[some]
        amount[some] = gammaincinv(shape, within) / shape / self.buys[some]
        return amount

    def relative_variance(self) -> Floats:
        """Return the variance over the square of the mean."""
        return np.asarray(np.maximum((1.0 + self.spread) / self.buys - 1.0, 0.0))

    def bounds(self, level: float) -> tuple[Floats, Floats]:
        """Return the zero-aware interval at ``level``; each level is worked out once.

        Who buys nothing with more than half the allowed miss gets [0, Q(1 - k)], everyone else
        equal tails. ``k`` runs from the whole miss to half of it, until the share the intervals
        are expected to hold reaches the level: customers surer to buy nothing than the level
        asks for cannot be held less often.
        """
        if level not in self._known:
            self._known[level] = self._bounds(level)
        return self._known[level]

    def _bounds(self, level: float) -> tuple[Floats, Floats]:
        miss = 1.0 - level
        nothing = 1.0 - self.buys
        one_sided = nothing >= miss / 2
        above = miss / 2
        for k in np.linspace(miss, miss / 2, ONE_SIDED_STEPS + 1):
            held = np.where(one_sided, np.maximum(nothing, 1.0 - k), level)
            if held.mean() >= level + SLACK:
                above = float(k)
                break
        lower = self.quantile(np.where(one_sided, 0.0, miss / 2))
        upper = self.quantile(np.where(one_sided, 1.0 - above, 1.0 - miss / 2))
        return lower, upper


@dataclass(frozen=True, eq=False, kw_only=True)
class Hurdle:
    """Predictive distribution over the horizon: a forecast in money, and the shape around it.

    ``mean`` has shape (customers,) and may come from any model.
    """

    mean: Floats
    shape: Shape

    def around(self, mean: Floats) -> Hurdle:
        """Return the same shape around another forecast."""
        return Hurdle(mean=mean, shape=self.shape)

    def variance(self) -> Floats:
        """Return the variance, shape (customers,)."""
        return self.mean**2 * self.shape.relative_variance()

    def bounds(self, level: float) -> tuple[Floats, Floats]:
        """Return the zero-aware interval at ``level``: raw quantiles."""
        lower, upper = self.shape.bounds(level)
        return lower * self.mean, upper * self.mean

    def shipped(self, level: float) -> tuple[Floats, Floats]:
        """Return the bounds with the forecast inside: with many zeros a mean can exceed them."""
        lower, upper = self.shape.bounds(level)
        return np.minimum(lower, 1.0) * self.mean, np.maximum(upper, 1.0) * self.mean

    def transform(self, happened: Floats) -> Floats:
        """Return the probability up to what happened, P(S <= s), shape (customers,).

        For those who bought nothing this is the chance to buy nothing.
        """
        gamma = 1.0 / self.shape.spread
        scaled = happened * gamma * self.shape.buys / np.maximum(self.mean, 1e-300)
        bought = self.shape.buys * gammainc(gamma, np.maximum(scaled, 0.0))
        return np.asarray(1.0 - self.shape.buys + np.where(happened > 0, bought, 0.0))
