"""From a fitted model to the hurdle of each customer: P(buy) and the spread of a buyer's spend.

A sum of N gamma amounts around an uncertain mean M has, for those who buy,
E[S^2] / E[S]^2 = (E[N^2] + c E[N]) P1 / E[N]^2 * E[M^2] / E[M]^2, with c the squared coefficient
of variation of one amount and P1 the chance to buy, all given that the customer is still one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from clvcore.models.base import Counted, Histories, Ints
from clvcore.models.given_alive import counted_given_alive
from clvcore.models.order_value import Orders
from clvcore.models.seasonal_mbg import Counts
from clvcore.models.spend import Noise, Spending
from clvcore.records.columns import DAYS_PER_WEEK
from clvcore.records.numbers import Floats
from clvcore.records.prediction import Prediction
from clvcore.records.snapshot import Snapshot
from clvcore.uncertainty.distribution import BUYS_RANGE, SPREAD_RANGE, Hurdle, Shape

if TYPE_CHECKING:  # whose methods call what is here
    from clvcore.members.published import FittedPublished
    from clvcore.members.seasonal import FittedSeasonal

DRIFT_PER_HALF_YEAR, MOST_DRIFT = 0.1, 0.4


def drift(horizon_days: int) -> float:
    """Return psi, the least squared coefficient of variation of anyone's own purchase rate."""
    return min(MOST_DRIFT, DRIFT_PER_HALF_YEAR * max(1.0, horizon_days / 182.0))


def hurdle_of(
    base: FittedSeasonal, snapshot: Snapshot, prediction: Prediction, *, horizon_days: int
) -> Hurdle:
    """Return the distribution the base of the ensemble implies, own-rate drift included.

    Nobody's own rate is taken as better known than about a third: rates drift, and an interval that
    forgets it is too narrow for frequent buyers. With R = r + x and rho the horizon in units of
    the posterior rate, the mean rate is kept: R' = R / (1 + psi R), rho' = rho R / R'. P(buy)
    lies midway between MBG/NBD's and BG/NBD's, as the level of the forecast does.
    """
    counts, mbg = Counts.of(snapshot), base.counts.mbg
    shape, unit = mbg.rates(counts)
    one, at = counts.pairs
    rho = unit[one] * mbg.clock.ahead(horizon_days)[-1]
    known = shape[one] / (1.0 + drift(horizon_days) * shape[one])
    nodes = mbg.dropout_nodes_of_pairs(counts)
    counted = _each(counted_given_alive(known, rho * shape[one] / known, nodes), at)
    noise = base.amounts.noise(Orders.of(snapshot))
    alone = mbg.p_alive(counts) * counted.buys
    mean, value = prediction.revenue[:, -1], prediction.purchase_value
    usual = np.maximum(mean / np.maximum(alone, 1e-300), value)
    buys = (alone + base.counts.bg.p_purchase(counts, horizon_days)) / 2.0
    return _hurdle(mean, buys, usual, _spread(counted, noise))


def hurdle_of_published(
    fitted: FittedPublished, snapshot: Snapshot, prediction: Prediction, *, horizon_days: int
) -> Hurdle:
    """Return the distribution a published model implies with its parameters taken as known."""
    histories = Histories.of(snapshot)
    counted = fitted.purchases.counted(histories, horizon_days / DAYS_PER_WEEK)
    each = _each(counted, histories.inverse)
    buys = fitted.purchases.p_alive(histories)[histories.inverse] * each.buys
    mean, value = prediction.revenue[:, -1], prediction.purchase_value
    usual = np.maximum(mean / np.maximum(buys, 1e-300), value)
    spread = _spread(each, fitted.spend.noise(Spending.of(snapshot)))
    return _hurdle(mean, buys, usual, spread)


def _each(counted: Counted, at: Ints) -> Counted:
    """Return the moments of each customer from those of distinct histories."""
    return Counted(buys=counted.buys[at], first=counted.first[at], second=counted.second[at])


def _spread(counted: Counted, noise: Noise) -> Floats:
    first = np.maximum(counted.first, 1e-300)
    ratio = (counted.second + noise.single * counted.first) * counted.buys / first**2
    return np.asarray(ratio * noise.mean - 1.0)


def _hurdle(mean: Floats, buys: Floats, usual: Floats, spread: Floats) -> Hurdle:
    shape = Shape(buys=np.clip(buys, *BUYS_RANGE), spread=np.clip(spread, *SPREAD_RANGE))
    return Hurdle(mean=mean, shape=shape, usual=usual)
