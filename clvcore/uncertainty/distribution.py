"""A customer's spend over the horizon as a hurdle: nothing, or a gamma amount.

P(buy) is exact, two moments of the spend of a buyer are in closed form, and the mean is exactly the
forecast, whichever model made it. Nobody's own purchase rate is taken as better known than about
a third: rates drift, and an interval that forgets it is too narrow for frequent buyers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv

from clvcore.models.order_value import Orders
from clvcore.models.seasonal import FittedSeasonal
from clvcore.models.seasonal_mbg import QUADRATURE_WEIGHTS, Counts
from clvcore.records import Floats, Snapshot

DRIFT_PER_HALF_YEAR, MOST_DRIFT = 0.1, 0.4
SPREAD_RANGE = (0.02, 40.0)
LEAST_B = 2.3  # a finite variance of amounts
ONE_SIDED_STEPS = 5
SLACK = 0.005


@dataclass(frozen=True, eq=False, kw_only=True)
class Hurdle:
    """Predictive distribution of revenue over the horizon.

    Parameters
    ----------
    buys
        P(at least one purchase), shape (customers,).
    spread
        Squared coefficient of variation of a buyer's spend, shape (customers,).
    """

    buys: Floats
    spread: Floats

    def quantile(self, mean: Floats, at: Floats) -> Floats:
        """Return the quantile ``at`` of a distribution with this ``mean``, shape (customers,)."""
        nothing = 1.0 - self.buys
        within = np.clip((at - nothing) / self.buys, 0.0, 1.0 - 1e-12)
        shape = 1.0 / self.spread
        amount = gammaincinv(shape, within) / shape * mean / self.buys
        return np.asarray(np.where(at > nothing, amount, 0.0))

    def variance(self, mean: Floats) -> Floats:
        """Return the variance, shape (customers,)."""
        return np.asarray(mean**2 * np.maximum((1.0 + self.spread) / self.buys - 1.0, 0.0))

    def bounds(self, mean: Floats, level: float) -> tuple[Floats, Floats]:
        """Return the zero-aware interval at ``level``.

        Who buys nothing with more than half the allowed miss gets [0, Q(1 - k)], everyone else
        equal tails. ``k`` runs from the whole miss to half of it, until the share the intervals
        are expected to hold reaches the level: customers surer to buy nothing than the level
        asks for cannot be held less often.
        """
        miss = 1.0 - level
        nothing = 1.0 - self.buys
        one_sided = nothing >= miss / 2
        above = miss / 2
        for k in np.linspace(miss, miss / 2, ONE_SIDED_STEPS + 1):
            held = np.where(one_sided, np.maximum(nothing, 1.0 - k), level)
            if held.mean() >= level + SLACK:
                above = float(k)
                break
        lower = np.where(one_sided, 0.0, self.quantile(mean, np.full(len(mean), miss / 2)))
        upper = self.quantile(mean, np.where(one_sided, 1.0 - above, 1.0 - miss / 2))
        return lower, upper


def hurdle_of(base: FittedSeasonal, snapshot: Snapshot, *, horizon_days: int) -> Hurdle:
    """Return the distribution the base model implies, own-rate drift included.

    With R = r + x and rho the horizon in units of the posterior rate, drift keeps the mean rate
    and lowers its certainty: R' = R / (1 + psi R), rho' = rho R / R'. Given alive and a dropout
    probability p, counts exceed k - 1 with P(NB >= k) (1 - p)^(k - 1); summing over k gives
    E[N] = H with G = (1 + p rho')^-R', H = (1 - G) / p, and
    E[N^2] = H + 2 (1 - p) (H - R' rho' G / (1 + p rho')) / p, both averaged over p.
    """
    counts, orders = Counts.of(snapshot), Orders.of(snapshot)
    mbg = base.counts.mbg
    psi = min(MOST_DRIFT, DRIFT_PER_HALF_YEAR * max(1.0, horizon_days / 182.0))
    shape, unit = mbg.rates(counts)
    rho = unit * mbg.clock.ahead(horizon_days)[-1]
    known = shape / (1.0 + psi * shape)
    rho = rho * shape / known
    would_buy = -np.expm1(-known * np.log1p(rho))
    buys = np.clip(mbg.p_alive(counts) * would_buy, 1e-6, 1.0 - 1e-6)
    first, second = np.zeros(len(shape)), np.zeros(len(shape))
    for p, weight in zip(mbg.dropout_nodes(counts.x).T, QUADRATURE_WEIGHTS, strict=True):
        stays = np.exp(-known * np.log1p(p * rho))
        reached = (1.0 - stays) / p
        slope = (reached - known * rho * stays / (1.0 + p * rho)) / p
        first += weight * reached
        second += weight * (reached + 2.0 * (1.0 - p) * slope)
    p, q = base.amounts.p, base.amounts.q
    b = np.maximum(p * orders.n + q, LEAST_B)
    amount = (p * orders.n + q - 1.0) ** 2 / ((b - 1.0) * (b - 2.0))
    spread = (p * second + first) / p * would_buy / first**2 * amount - 1.0
    return Hurdle(buys=buys, spread=np.clip(spread, *SPREAD_RANGE))
