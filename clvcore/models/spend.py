"""How much a purchase day is worth: what a spend model sees, and the plain one that never fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from clvcore.models.base import Ints
from clvcore.records.columns import FREQUENCY, MONETARY
from clvcore.records.numbers import Floats
from clvcore.records.snapshot import Snapshot

MEAN_SPEND_WEIGHT = 2.0
LEAST_B = 2.3
_SPENDING: WeakKeyDictionary[Snapshot, Spending] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False, kw_only=True)
class Spending:
    """What customers spent, one entry per customer unless said otherwise.

    Parameters
    ----------
    frequency, monetary_value
        Repeat purchase days and their mean amount.
    purchase_days, mean_amount
        All purchase days, the first included, and their mean amount.
    amounts
        Shape (purchase days,), the amount of every purchase day of the log.
    """

    frequency: Ints
    monetary_value: Floats
    purchase_days: Ints
    mean_amount: Floats
    amounts: Floats

    @classmethod
    def of(cls, snapshot: Snapshot) -> Spending:
        """Read a snapshot, each one once."""
        if snapshot not in _SPENDING:
            _SPENDING[snapshot] = cls._read(snapshot)
        return _SPENDING[snapshot]

    @classmethod
    def _read(cls, snapshot: Snapshot) -> Spending:
        customers = snapshot.customers
        frequency = customers[FREQUENCY].to_numpy(dtype=np.int64)
        revenue = customers["revenue_to_date"].to_numpy(dtype=np.float64)
        return cls(
            frequency=frequency,
            monetary_value=customers[MONETARY].to_numpy(dtype=np.float64),
            purchase_days=frequency + 1,
            mean_amount=revenue / (frequency + 1),
            amounts=np.sort(snapshot.purchases["amount"].to_numpy(dtype=np.float64)),
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Noise:
    """Scatter of amounts.

    ``single`` is the squared coefficient of variation of one amount around a customer's mean,
    ``mean`` the second moment of that mean over its square, given the past, shape (customers,).
    """

    single: float
    mean: Floats


def mean_noise(b: npt.NDArray[np.floating[Any]]) -> Floats:
    """Return E[M^2] / E[M]^2 of a mean ~ 1 / Gamma(b): (b - 1) / (b - 2), finite by force.

    Below b = 2 the variance is infinite; such heavy tails are taken as those of b = 2.3.
    """
    finite = np.maximum(b, LEAST_B)
    return np.asarray((finite - 1.0) / (finite - 2.0))


class FittedSpend(Protocol):
    """A fitted spend model; pure."""

    @property
    def name(self) -> str:
        """Registry name."""
        ...

    @property
    def parameters(self) -> Mapping[str, float]:
        """Fitted parameters, money in the currency of the data."""
        ...

    @property
    def log_likelihood(self) -> float:
        """Log-likelihood, NaN where the model has none."""
        ...

    def expected_value(self, spending: Spending) -> Floats:
        """Return the expected amount per future purchase day, shape (customers,)."""
        ...

    def noise(self, spending: Spending) -> Noise:
        """Return how much amounts scatter, for the distribution of a sum of them."""
        ...


@dataclass(frozen=True, kw_only=True)
class MeanSpend:
    """Everyone's own mean, drawn to the overall mean by the weight of two purchases.

    Parameters
    ----------
    mean
        Mean amount of a purchase day over all customers.
    dispersion
        Squared coefficient of variation of a purchase day's amount.
    """

    mean: float
    dispersion: float
    name: str = "mean_spend"
    log_likelihood: float = float("nan")

    @classmethod
    def fit(cls, spending: Spending) -> MeanSpend:
        """Take both moments; never fails."""
        mean = float(spending.amounts.mean())
        dispersion = float(spending.amounts.var() / mean**2) if mean > 0 else 0.0
        return cls(mean=mean, dispersion=dispersion)

    @classmethod
    def restore(cls, parameters: Mapping[str, float]) -> MeanSpend:
        """Return the fit that had these parameters."""
        return cls(mean=parameters["mean"], dispersion=parameters["dispersion"])

    @property
    def parameters(self) -> dict[str, float]:
        """Return mean and dispersion."""
        return {"mean": self.mean, "dispersion": self.dispersion}

    def expected_value(self, spending: Spending) -> Floats:
        """Return the shrunk mean."""
        n = spending.purchase_days
        total = n * spending.mean_amount + MEAN_SPEND_WEIGHT * self.mean
        return np.asarray(np.maximum(total / (n + MEAN_SPEND_WEIGHT), 0.0))

    def noise(self, spending: Spending) -> Noise:
        """Return the pooled dispersion of single amounts; means count as known."""
        return Noise(single=self.dispersion, mean=np.ones(len(spending.frequency)))
