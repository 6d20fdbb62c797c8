"""Gamma-Gamma on all purchase days, the first included, with a soft cap on lone huge ones.

The published recipe leaves the first purchase out, which gives every one-time buyer the same
value. Here each of the n = x + 1 days counts. A single amount far above everything is trusted
only as far as the customer's own second-largest: beyond, it counts by its logarithm.
"""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from clvcore.models.base import Ints
from clvcore.models.gamma_gamma_likelihood import by_content, top
from clvcore.models.sampling import every_kth
from clvcore.models.spend import Noise, mean_noise
from clvcore.records.numbers import Floats
from clvcore.records.snapshot import Snapshot

CAP_QUANTILE = 0.999
CORROBORATION = 2.0
MOST_RESTORED = 1.1
LEAST_Q = 1.02  # keeps the mean finite
PRIOR_MEAN = np.log([2.0, 3.0, 2.0])
PRIOR_SD = 1.5
_ORDERS: WeakKeyDictionary[Snapshot, Orders] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False, kw_only=True)
class Orders:
    """Amounts of all purchase days: per customer their number and mean, softly capped.

    ``n``, ``mean`` shape (customers,); ``restored`` is the factor (at most 1.1) that gives the
    capped money back to everyone.
    """

    n: Ints
    mean: Floats
    restored: float

    @classmethod
    def of(cls, snapshot: Snapshot) -> Orders:
        """Read a snapshot and cap, each one once."""
        if snapshot not in _ORDERS:
            _ORDERS[snapshot] = cls._read(snapshot)
        return _ORDERS[snapshot]

    @classmethod
    def _read(cls, snapshot: Snapshot) -> Orders:
        owner = snapshot.purchases["customer"].to_numpy(dtype=np.int64)
        amount = np.maximum(snapshot.purchases["amount"].to_numpy(dtype=np.float64), 0.0)
        n = np.bincount(owner, minlength=len(snapshot.customers))
        capped = soft_cap(owner, amount, n)
        total = capped.sum()
        restored = min(MOST_RESTORED, float(amount.sum() / total)) if total > 0 else 1.0
        mean = np.bincount(owner, weights=capped, minlength=len(n)) / n
        return cls(n=n.astype(np.int64), mean=mean, restored=restored)


def soft_cap(owner: Ints, amount: Floats, n: Ints) -> Floats:
    """Return amounts above max(99.9 % quantile, 2 x the customer's second-largest) by logarithm.

    ``owner`` is sorted, and everyone has an amount, none below 0.
    """
    floor = float(np.quantile(amount, CAP_QUANTILE))
    out = amount.copy()
    high = np.flatnonzero(amount > floor)  # nothing below is capped, so few customers are looked at
    if not high.size:
        return out
    whose = np.unique(owner[high])
    sizes = n[whose]
    starts = np.cumsum(sizes) - sizes
    rows = np.repeat((np.cumsum(n) - n)[whose] - starts, sizes) + np.arange(sizes.sum())
    theirs, place = amount[rows], np.repeat(np.arange(whose.size), sizes)
    largest = np.flatnonzero(theirs == np.maximum.reduceat(theirs, starts)[place])
    _, first = np.unique(place[largest], return_index=True)
    others = theirs.copy()
    others[largest[first]] = 0.0
    second = np.maximum.reduceat(others, starts)
    cap = np.maximum(floor, CORROBORATION * second)[place]
    over = (theirs > cap) & (cap > 0)
    out[rows[over]] = cap[over] * (1.0 + np.log(theirs[over] / cap[over]))
    return out


@dataclass(frozen=True, kw_only=True)
class OrderValue:
    """A fitted Gamma-Gamma on all orders: ``p``, ``q``, ``v`` and the money ``unit`` of ``v``."""

    p: float
    q: float
    v: float
    unit: float

    @classmethod
    def fit(cls, orders: Orders) -> OrderValue:
        """Find the posterior mode on money scaled to a geometric mean of 1; never fails."""
        positive = orders.mean > 0
        if not positive.any():
            return cls(p=2.0, q=3.0, v=0.0, unit=1.0)
        n, m = orders.n[positive].astype(np.float64), orders.mean[positive]
        order = by_content(orders.n[positive], m)
        rows, sizes = every_kth(np.ones(len(order)))
        n, m = n[order][rows], m[order][rows]
        unit = float(np.exp(np.log(m).mean()))
        precision = PRIOR_SD**-2 / float(sizes.mean())
        theta = top(n, m / unit, start=PRIOR_MEAN, precision=precision, least_q=LEAST_Q)
        p, q, v = np.exp(theta)
        return cls(p=float(p), q=float(LEAST_Q + q), v=float(v), unit=unit)

    @property
    def parameters(self) -> dict[str, float]:
        """Return p, q and v (money)."""
        return {"p": self.p, "q": self.q, "v": self.v * self.unit}

    def expected(self, orders: Orders) -> Floats:
        """Return the expected amount of a future purchase day, shape (customers,)."""
        total = self.v * self.unit + orders.n * orders.mean
        value = self.p * total / (self.p * orders.n + self.q - 1.0)
        return np.asarray(value * orders.restored)

    def noise(self, orders: Orders) -> Noise:
        """Return 1 / p, and the moments of the inverse-gamma mean."""
        return Noise(single=1.0 / self.p, mean=mean_noise(self.p * orders.n + self.q))
