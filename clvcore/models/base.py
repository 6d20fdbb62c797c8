"""What every model is: a frozen spec whose ``fit`` returns a frozen, pure predictor.

A purchase model counts (BG/NBD and its siblings), a spend model prices (Gamma-Gamma); a forecast
is the product of one of each, see ``probabilistic.py``. Time is in weeks here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from clvcore.records.columns import AGE, DAYS_PER_WEEK, FREQUENCY, RECENCY
from clvcore.records.errors import ModelError
from clvcore.records.numbers import Floats
from clvcore.records.snapshot import Snapshot

Ints = npt.NDArray[np.int64]

MIN_CUSTOMERS = 10
MIN_REPEAT_BUYERS = 5
_HISTORIES: WeakKeyDictionary[Snapshot, Histories] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False, kw_only=True)
class Histories:
    """Distinct purchase histories, their number of customers, and which customer has which.

    Customers who share (frequency, recency, T) share every purchase prediction, so likelihoods
    and formulas are evaluated once per distinct row: the same optimum, far faster.

    Parameters
    ----------
    frequency
        Shape (rows,), repeat purchase days.
    recency, age
        Shape (rows,), weeks from the first to the last purchase, and to ``as_of``.
    weights
        Shape (rows,), customers with that history; they sum to the number of customers.
    inverse
        Shape (customers,), row of each customer.
    """

    frequency: Ints
    recency: Floats
    age: Floats
    weights: Ints
    inverse: Ints

    @classmethod
    def of(cls, snapshot: Snapshot) -> Histories:
        """Compress a snapshot, each one once; rows are sorted by content, not by ids."""
        if snapshot not in _HISTORIES:
            _HISTORIES[snapshot] = cls._compress(snapshot)
        return _HISTORIES[snapshot]

    @classmethod
    def _compress(cls, snapshot: Snapshot) -> Histories:
        x, recency, age = (
            snapshot.customers[name].to_numpy(dtype=np.int64) for name in (FREQUENCY, RECENCY, AGE)
        )
        span = int(max(recency.max(initial=0), age.max(initial=0))) + 1
        keys = (x * span + recency) * span + age
        unique, inverse, weights = np.unique(keys, return_inverse=True, return_counts=True)
        return cls(
            frequency=unique // span**2,
            recency=(unique // span % span) / DAYS_PER_WEEK,
            age=(unique % span) / DAYS_PER_WEEK,
            weights=weights.astype(np.int64),
            inverse=inverse.astype(np.int64),
        )


def few(numbers: Ints) -> tuple[Ints, Ints]:
    """Return the distinct numbers, sorted, and the place of each among them.

    As ``np.unique`` with its inverse, without a sort: for small whole numbers from 0, such as
    purchases, of which there are at most as many as days.

    Examples
    --------
    >>> few(np.array([5, 0, 5]))
    (array([0, 5]), array([1, 0, 1]))
    """
    distinct = np.flatnonzero(np.bincount(numbers))
    place = np.zeros(int(numbers.max(initial=0)) + 1, dtype=np.int64)
    place[distinct] = np.arange(distinct.size)
    return distinct, place[numbers]


@dataclass(frozen=True, eq=False, kw_only=True)
class Counted:
    """Purchases of a customer who is still one: P(N >= 1), E[N] and E[N^2], each (rows,)."""

    buys: Floats
    first: Floats
    second: Floats


class FittedPurchases(Protocol):
    """A purchase model with its parameters; every method is pure and row-wise."""

    @property
    def name(self) -> str:
        """Registry name."""
        ...

    @property
    def parameters(self) -> Mapping[str, float]:
        """Fitted parameters, time in weeks."""
        ...

    @property
    def log_likelihood(self) -> float:
        """Log-likelihood of the histories it was fitted on, without any prior, in weeks."""
        ...

    @property
    def prior(self) -> float:
        """Weight of the prior the fit needed; 0 for a plain maximum-likelihood fit."""
        ...

    @property
    def yearly_dropout(self) -> float:
        """Rough share of customers the average rates see leave in a year; 0 if none ever does."""
        ...

    def p_alive(self, histories: Histories) -> Floats:
        """Return P(still a customer at ``as_of``), shape (rows,)."""
        ...

    def expected_purchases(self, histories: Histories, weeks: Sequence[float]) -> Floats:
        """Return cumulative expected purchase days, shape (rows, len(weeks))."""
        ...

    def p_purchase(self, histories: Histories, weeks: float) -> Floats:
        """Return P(at least one purchase within ``weeks``), shape (rows,)."""
        ...

    def counted(self, histories: Histories, weeks: float) -> Counted:
        """Return the moments of the purchases within ``weeks`` **given alive**."""
        ...


class PurchaseModel(Protocol):
    """Counts future purchase days."""

    @property
    def name(self) -> str:
        """Registry name."""
        ...

    def fit(self, histories: Histories) -> FittedPurchases:
        """Fit to histories; raises ModelError where the data do not identify the model."""
        ...

    def restore(self, parameters: Mapping[str, float]) -> FittedPurchases:
        """Return the fit that had these parameters; likelihood and prior are not known any more."""
        ...


def require_repeat_buyers(name: str, histories: Histories) -> None:
    """Refuse histories that cannot identify a model of repeat buying, whatever the optimiser says.

    Raises
    ------
    ModelError
        With fewer than 10 customers, fewer than 5 repeat buyers, or no time to observe them.
    """
    customers = int(histories.weights.sum())
    repeaters = int(histories.weights[histories.frequency > 0].sum())
    if histories.age.max(initial=0.0) <= 0:
        raise ModelError(
            "NO_TIME_PASSED",
            "{model} needs time after the first purchase, but everyone bought on the last day "
            "known for the first time.",
            model=name,
        )
    if customers < MIN_CUSTOMERS or repeaters < MIN_REPEAT_BUYERS:
        raise ModelError(
            "TOO_FEW_REPEAT_BUYERS",
            "{model} needs at least {min_customers} customers and {min_repeaters} who bought on "
            "two days or more; here are {customers} and {repeaters}. Choose auto, which copes "
            "with that.",
            model=name, min_customers=MIN_CUSTOMERS, min_repeaters=MIN_REPEAT_BUYERS,
            customers=customers, repeaters=repeaters,
        )  # fmt: skip
