"""Mixing forecasts without touching every step: what a customer gets is one row of a sum.

Each mixture is ``factor x own path + amount x common path + ...``: two numbers a customer, however
many steps there are. Only what ships is written out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from clvcore.records.numbers import Floats

STRETCH = 1.02  # averaging members draws everyone to the middle; this gives a little back
CHUNK = 8_192  # rows
_LEAST = 1e-300


@dataclass(frozen=True, eq=False, kw_only=True)
class Mixture:
    """Cumulative revenue of each customer, a row of ``factor base + sum of amount path``.

    Parameters
    ----------
    base
        Cumulative revenue, shape (customers, steps).
    factor
        Of each customer's row, shape (customers,).
    added
        Amounts, shape (customers,), each with the time path it takes, shape (steps,).
    """

    base: Floats
    factor: Floats
    added: tuple[tuple[Floats, Floats], ...] = ()

    @classmethod
    def of(cls, revenue: Floats) -> Mixture:
        """Return ``revenue``, of shape (customers, steps), as it is."""
        return cls(base=revenue, factor=np.ones(len(revenue)))

    @cached_property
    def end(self) -> Floats:
        """Revenue at the horizon, shape (customers,)."""
        end = self.factor * self.base[:, -1]
        for amount, path in self.added:
            end += amount * path[-1]
        return np.asarray(end)

    def revenue(self) -> Floats:
        """Return cumulative revenue, shape (customers, steps)."""
        rows = self.base * self.factor[:, None]
        for start in range(0, len(rows), CHUNK):  # what is added stays in the processor's cache
            some = slice(start, start + CHUNK)
            for amount, path in self.added:
                rows[some] += amount[some, None] * path
        return np.asarray(rows)

    def times(self, factor: Floats | float) -> Mixture:
        """Return every customer's revenue times a factor of their own, or of all."""
        return Mixture(
            base=self.base,
            factor=self.factor * factor,
            added=tuple((amount * factor, path) for amount, path in self.added),
        )

    def blended(self, other: Floats, weight: float) -> Mixture:
        """Mix with another member's revenue at the horizon, (customers,); the total is kept.

        The other member is scaled to the same total and capped at its 99.9 % quantile or five
        times the forecast; it takes the time path of the whole.
        """
        total = float(self.end.sum())
        if weight <= 0 or other.sum() <= 0 or total <= 0:
            return self
        scaled = other * (total / other.sum())
        most = np.quantile(scaled[scaled > 0], 0.999)
        scaled = np.minimum(scaled, np.maximum(most, 5.0 * self.end))
        kept, moved = self.times(1.0 - weight), weight * scaled
        mixed = Mixture(
            base=self.base,
            factor=kept.factor,
            added=(*kept.added, (moved, self._sums() / total)),
        )
        return mixed.times(total / float(mixed.end.sum()))

    def stretched(self) -> Mixture:
        """Raise each customer's relative forecast to the power 1.02; total and paths are kept."""
        total = float(self.end.sum())
        if total <= 0:
            return self
        mean = total / len(self.end)
        factor = (np.maximum(self.end, 1e-12 * mean) / mean) ** (STRETCH - 1.0)
        return self.times(factor * (total / (factor @ self.end)))

    def capped(self, most: Floats) -> Mixture:
        """Return the mixture, nobody above their ``most`` at the horizon, shape (customers,)."""
        return self.times(np.minimum(1.0, most / np.maximum(self.end, _LEAST)))

    def _sums(self) -> Floats:
        """Return everybody's cumulative revenue together, shape (steps,)."""
        sums = self.factor @ self.base
        for amount, path in self.added:
            sums = sums + amount.sum() * path
        return np.asarray(sums)
