"""The past rate, carried on: what any model must beat, and the last resort that never fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from clvcore.models.base import Counted, Histories
from clvcore.records.errors import ModelError
from clvcore.records.numbers import Floats


@dataclass(frozen=True)
class Naive:
    """Everyone goes on buying at the own past rate, drawn to the average by one purchase's weight.

    A gamma-Poisson with shape 1 and the pooled mean rate; nobody ever drops out. Half a purchase
    is added to the pool, so that a log without a single repeat still expects a little.
    """

    name: str = "naive"

    def fit(self, histories: Histories) -> FittedNaive:
        """Pool the rate; raises ModelError if no time has passed since anyone's first purchase."""
        exposure = float(histories.weights @ histories.age)
        if exposure <= 0:
            raise ModelError(
                "NO_TIME_PASSED",
                "Everyone bought for the first time on the last day known, so nothing says how "
                "often they return. Add older orders, or set as_of to a later day.",
            )
        repeats = float(histories.weights @ histories.frequency)
        rate = (repeats + 0.5) / exposure
        x, age = histories.frequency, histories.age
        ll = np.where(x > 0, x * np.log(rate), 0.0) - rate * age
        return FittedNaive(rate=rate, log_likelihood=float(histories.weights @ ll))

    def restore(self, parameters: Mapping[str, float]) -> FittedNaive:
        """Return the fit that had this rate; its likelihood is not known any more."""
        return FittedNaive(rate=parameters["rate"], log_likelihood=np.nan)


@dataclass(frozen=True, kw_only=True)
class FittedNaive:
    """The pooled ``rate`` of repeat purchase days per customer and week."""

    rate: float
    log_likelihood: float
    name: str = "naive"
    prior: float = 0.0

    @property
    def parameters(self) -> dict[str, float]:
        """Return the pooled rate per week."""
        return {"rate": self.rate}

    @property
    def yearly_dropout(self) -> float:
        """Return 0: nobody ever leaves."""
        return 0.0

    def p_alive(self, histories: Histories) -> Floats:
        """Return 1 for everyone: the model knows no dropout."""
        return np.ones(len(histories.frequency))

    def expected_purchases(self, histories: Histories, weeks: Sequence[float]) -> Floats:
        """Return the own shrunk rate times the weeks, shape (rows, steps)."""
        own = (histories.frequency + 1.0) / (histories.age + 1.0 / self.rate)
        return np.asarray(own[:, None] * np.asarray(weeks)[None, :])

    def p_purchase(self, histories: Histories, weeks: float) -> Floats:
        """Return 1 - P(no purchase) of the gamma-Poisson."""
        shape, rate = histories.frequency + 1.0, histories.age + 1.0 / self.rate
        return np.asarray(-np.expm1(-shape * np.log1p(weeks / rate)))

    def counted(self, histories: Histories, weeks: float) -> Counted:
        """Return the moments of a negative binomial."""
        shape, rate = histories.frequency + 1.0, histories.age + 1.0 / self.rate
        first = shape * weeks / rate
        return Counted(
            buys=self.p_purchase(histories, weeks),
            first=first,
            second=first + first**2 * (shape + 1.0) / shape,
        )
