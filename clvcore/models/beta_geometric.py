"""Formulas that BG/NBD and MBG/NBD share; they differ in who may have dropped out.

Given alive, lambda ~ Gamma(r + x, alpha + T) and p ~ Beta(a, b') are independent, with b' = b + x
(BG/NBD: dropout only after a repeat purchase) or b + x + 1 (MBG/NBD: after the first one too).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.integrate import quad
from scipy.special import betaincinv, hyp2f1

from clvcore.models.base import Counted, Histories, Ints, require_repeat_buyers
from clvcore.models.fitting import fit_with_prior_if_needed, value_if_flat
from clvcore.models.given_alive import counted_given_alive, dropout_nodes
from clvcore.models.seasonal_likelihood import Rows, fit_mode, log_likelihood, sample
from clvcore.records.columns import WEEKS_PER_YEAR
from clvcore.records.numbers import Floats

# log r, log alpha (longest age = 1), log a, log b; the first is the centre of the prior
STARTS = ((-0.4, -1.9, -0.2, 0.9), (0.0, -1.0, -1.0, 1.0), (-2.3, -2.3, -2.3, -2.3))

_NUDGE = 1e-6


@dataclass(frozen=True, kw_only=True)
class BetaGeometric:
    """A fitted beta-geometric / NBD model.

    Parameters
    ----------
    name
        ``bg_nbd`` or ``mbg_nbd``.
    r, alpha
        Shape and rate (weeks) of the purchase rate over customers.
    a, b
        Beta parameters of the dropout probability.
    drops_at_first
        Whether a customer may drop out right after the first purchase (MBG/NBD).
    log_likelihood, prior
        Of the fit.
    """

    name: str
    r: float
    alpha: float
    a: float
    b: float
    drops_at_first: bool
    log_likelihood: float
    prior: float

    @classmethod
    def restore(
        cls, name: str, parameters: Mapping[str, float], *, drops_at_first: bool
    ) -> BetaGeometric:
        """Return the fit that had these ``parameters``, without its likelihood."""
        r, alpha, a, b = (parameters[each] for each in ("r", "alpha", "a", "b"))
        return cls(
            name=name, r=r, alpha=alpha, a=a, b=b, drops_at_first=drops_at_first,
            log_likelihood=np.nan, prior=np.nan,
        )  # fmt: skip

    @property
    def parameters(self) -> dict[str, float]:
        """Return r, alpha, a and b (weeks)."""
        return {"r": self.r, "alpha": self.alpha, "a": self.a, "b": self.b}

    @property
    def yearly_dropout(self) -> float:
        """Return purchases a year times the chance to leave after one, at most 1."""
        return min(1.0, WEEKS_PER_YEAR * self.r / self.alpha * self.a / (self.a + self.b))

    def p_alive(self, histories: Histories) -> Floats:
        """Return P(alive | x, t_x, T).

        BG/NBD: Fader, Hardie & Lee (2008), "Computing P(alive) using the BG/NBD model", eq. 1;
        it is 1 for x = 0, where dropout cannot have happened yet. MBG/NBD: Batislam et al. (2007).
        """
        x = histories.frequency.astype(np.float64)
        log_ratio = (self.r + x) * (
            np.log(self.alpha + histories.age) - np.log(self.alpha + histories.recency)
        )
        chances = self.b + x if self.drops_at_first else self.b + np.maximum(x, 1) - 1
        odds = self.a / chances * np.exp(np.minimum(log_ratio, 700.0))
        if not self.drops_at_first:
            odds = np.where(x > 0, odds, 0.0)
        return np.asarray(1.0 / (1.0 + odds))

    def expected_purchases(self, histories: Histories, weeks: Sequence[float]) -> Floats:
        """Return E[Y(t) | x, t_x, T], Fader, Hardie & Lee (2005) eq. 10, shape (rows, steps)."""
        ages, place = np.unique(histories.age, return_inverse=True)
        unique, inverse = np.unique(histories.frequency * len(ages) + place, return_inverse=True)
        x, age = unique // len(ages), ages[unique % len(ages)]
        shape, rate, b = self.r + x, self.alpha + age, self._b_given_alive(x)
        given_alive = np.column_stack(
            [_expected_given_alive(shape, week / rate, self.a, b) for week in weeks]
        )
        given_alive = np.maximum.accumulate(np.maximum(given_alive, 0.0), axis=1)
        return np.asarray(self.p_alive(histories)[:, None] * given_alive[inverse])

    def p_purchase(self, histories: Histories, weeks: float) -> Floats:
        """Return P(alive) x P(a living customer buys): they can drop out only after buying."""
        shape, rate = self.r + histories.frequency, self.alpha + histories.age
        return np.asarray(self.p_alive(histories) * -np.expm1(-shape * np.log1p(weeks / rate)))

    def counted(self, histories: Histories, weeks: float) -> Counted:
        """Return the moments of purchases given alive, by quadrature over the dropout."""
        shape, rate = self.r + histories.frequency, self.alpha + histories.age
        nodes = dropout_nodes(self.a, self._b_of_a_newcomer, histories.frequency)
        return counted_given_alive(shape, weeks / rate, nodes)

    def _b_given_alive(self, x: Floats | Ints) -> Floats:
        return self._b_of_a_newcomer + np.asarray(x, dtype=np.float64)

    @property
    def _b_of_a_newcomer(self) -> float:
        return self.b + (1.0 if self.drops_at_first else 0.0)


def fit_beta_geometric(
    name: str, fitter: Any, histories: Histories, *, drops_at_first: bool
) -> BetaGeometric:
    """Fit by maximum likelihood with a lifetimes fitter class.

    Our own optimum is taken where the fitter's likelihood is flat there; else it fits itself.

    Raises
    ------
    ModelError
        If repeat purchases are too few, or the fit does not converge.
    """
    require_repeat_buyers(name, histories)
    rows = (histories.frequency, histories.recency, histories.age)
    likelihood = fitter._negative_log_likelihood
    theta, own = _own_optimum(histories, drops_at_first)
    prior, nll = 0.0, value_if_flat(likelihood, theta, own, *rows, histories.weights, 0.0)
    if nll is None:
        fitted, prior = fit_with_prior_if_needed(
            name,
            lambda weight: fitter(penalizer_coef=weight).fit(*rows, weights=histories.weights),
        )
        theta = np.log(fitted.params_.to_numpy(dtype=np.float64))
        nll = float(likelihood(theta, *rows, histories.weights, 0.0))
    r, alpha, a, b = map(float, np.exp(theta))
    return BetaGeometric(
        name=name,
        r=r,
        alpha=alpha,
        a=a,
        b=b,
        drops_at_first=drops_at_first,
        log_likelihood=-nll * float(histories.weights.sum()),
        prior=prior,
    )


def _own_optimum(histories: Histories, drops_at_first: bool) -> tuple[Floats, tuple[float, Floats]]:
    """Return the optimum of our own likelihood, and its mean and gradient there, per customer."""
    rows = Rows(
        x=histories.frequency,
        t_x=histories.recency,
        age=histories.age,
        z=np.zeros(len(histories.age)),
        weights=histories.weights.astype(np.float64),
        drops_at_first=drops_at_first,
    )
    near = fit_mode(sample(rows), prior=False, covariate=False, roughly=True)
    theta = fit_mode(rows, start=near, prior=False, covariate=False)
    value, gradient = log_likelihood(theta, rows)
    customers = rows.weights.sum()
    return theta[:4], (-value / customers, -gradient[:4] / customers)


def _expected_given_alive(shape: Floats, rho: Floats, a: float, b: Floats) -> Floats:
    """Return E[(1 - (1 + p rho)^-shape) / p] for p ~ Beta(a, b), rho = t / (alpha + T).

    With c = a + b - 1 this is c / (a - 1) (1 - (1 + rho)^-shape 2F1(shape, b; c; rho/(1 + rho))).
    The closed form loses its digits at a = 1, c = 0 and for extreme rows: those are integrated.
    """
    if abs(a - 1.0) < _NUDGE:
        a = 1.0 + _NUDGE
    c = a + b - 1.0
    with np.errstate(all="ignore"):
        series = hyp2f1(shape, b, c, rho / (1.0 + rho))
        value = c / (a - 1.0) * (1.0 - np.exp(-shape * np.log1p(rho)) * series)
    # a living customer buys at most as often as one who never drops out
    bad = ~np.isfinite(value) | (value < 0) | (value > shape * rho * (1 + 1e-9)) | (abs(c) < 1e-6)
    for row in np.flatnonzero(bad):
        value[row] = _integrate(float(shape[row]), float(rho[row]), a, float(b[row]))
    return np.asarray(value)


def _integrate(shape: float, rho: float, a: float, b: float) -> float:
    """Integrate over quantiles of p, which keeps the integrand bounded for any a and b."""

    def integrand(u: float) -> float:
        p = max(float(betaincinv(a, b, u)), 1e-300)
        return shape * rho if p * rho < 1e-12 else -float(np.expm1(-shape * np.log1p(p * rho))) / p

    value, _ = quad(integrand, 0.0, 1.0, limit=200)
    return float(value)
