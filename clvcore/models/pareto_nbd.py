"""Pareto/NBD: Schmittlein, Morrison & Colombo (1987); Fader & Hardie (2005), note 009."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.scipy.special import gammaln, logsumexp
from lifetimes.fitters.pareto_nbd_fitter import ParetoNBDFitter

from clvcore.models.base import Counted, Histories, require_repeat_buyers
from clvcore.models.fitting import RobustFit, fit_with_prior_if_needed
from clvcore.records.columns import WEEKS_PER_YEAR
from clvcore.records.numbers import Floats

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)

# tanh-sinh nodes on (0, 1): t, 1 - t and log weight, exact at both ends
_STEPS = np.arange(-3.2, 3.2001, 0.16)
_ARGUMENT = np.pi / 2 * np.sinh(_STEPS)
_T, _ONE_MINUS_T = 1 / (1 + np.exp(-2 * _ARGUMENT)), 1 / (1 + np.exp(2 * _ARGUMENT))
_LOG_WEIGHT = np.log(0.16 * np.pi * np.cosh(_STEPS) * _T * _ONE_MINUS_T)


def _log_dead(params: Any, x: Any, recency: Any, age: Any) -> Any:
    """Return log of s times the integral over a death at u in (t_x, T), note 009 eq. 17.

    The integrand is (alpha + u)^-(r + x) (beta + u)^-(s + 1). Its closed form needs 2F1 near 1,
    which takes seconds or fails for frequent buyers; after the substitution
    q = 1 - ((alpha + t_x) / (alpha + u))^(r + x) it is smooth between algebraic ends, which
    tanh-sinh quadrature integrates to rounding error. Differentiable by autograd.
    """
    r, alpha, s, beta = params
    shape = (r + x)[:, None]
    start = (alpha + recency)[:, None]
    rest = anp.exp(shape * (anp.log(start) - anp.log(alpha + age)[:, None]))  # 1 - q at T
    reach = 1 - rest
    left = rest + reach * _ONE_MINUS_T  # 1 - q
    moment = anp.exp(anp.log(start) - anp.log(left) / shape)  # alpha + u
    terms = anp.log(moment) - (s + 1) * anp.log(beta - alpha + moment) + _LOG_WEIGHT
    scale = anp.log(anp.maximum(reach, 1e-300)) - shape * anp.log(start) - anp.log(shape)
    return anp.log(s) + logsumexp(terms, axis=1) + scale[:, 0]


def _log_likelihood(params: Any, x: Any, recency: Any, age: Any) -> Any:
    """Return the log-likelihood of each history, note 009 eq. 18."""
    r, alpha, s, beta = params
    alive = -(r + x) * anp.log(alpha + age) - s * anp.log(beta + age)
    dead = _log_dead(params, x, recency, age)
    front = gammaln(r + x) - gammaln(r) + r * anp.log(alpha) + s * anp.log(beta)
    return front + anp.logaddexp(alive, dead)


class _Fitter(RobustFit, ParetoNBDFitter):  # type: ignore[misc]
    """The fitter's data, scaling and parameters; its likelihood by quadrature instead of 2F1."""

    starts = ((-0.4, -1.9, -0.5, -1.4), (0.0, 0.0, 0.0, 0.0), (-2.0, -2.0, -1.0, 1.0))

    @staticmethod
    def _negative_log_likelihood(
        log_params: Any, x: Any, recency: Any, age: Any, weights: Any, _: float
    ) -> Any:
        each = _log_likelihood(anp.exp(log_params), x, recency, age)
        return -(weights * each).sum() / weights.sum()

    def _fit(self, arguments: tuple[Any, ...], *_: Any, **__: Any) -> Any:
        """Return natural parameters and the objective, as this fitter expects them."""
        log_params, value, _identity = super()._fit(arguments)
        return np.exp(log_params), value


@dataclass(frozen=True)
class ParetoNbd:
    """Purchases at a gamma-distributed rate until a gamma-distributed moment of death."""

    name: str = "pareto_nbd"

    def fit(self, histories: Histories) -> FittedParetoNbd:
        """Fit by maximum likelihood; raises ModelError where the data do not identify it."""
        require_repeat_buyers(self.name, histories)
        rows = (histories.frequency, histories.recency, histories.age)
        fitter, prior = fit_with_prior_if_needed(
            self.name, lambda p: _Fitter(penalizer_coef=p).fit(*rows, weights=histories.weights)
        )
        params = fitter.params_.to_numpy()
        ll = _log_likelihood(params, *rows)
        r, alpha, s, beta = map(float, params)
        return FittedParetoNbd(
            r=r, alpha=alpha, s=s, beta=beta,
            log_likelihood=float((histories.weights * ll).sum()), prior=prior,
        )  # fmt: skip

    def restore(self, parameters: Mapping[str, float]) -> FittedParetoNbd:
        """Return the fit that had these parameters; its likelihood is not known any more."""
        r, alpha, s, beta = (parameters[name] for name in ("r", "alpha", "s", "beta"))
        return FittedParetoNbd(
            r=r, alpha=alpha, s=s, beta=beta, log_likelihood=np.nan, prior=np.nan
        )


@dataclass(frozen=True, kw_only=True)
class FittedParetoNbd:
    """A fitted Pareto/NBD.

    Parameters
    ----------
    r, alpha
        Shape and rate (weeks) of the purchase rate over customers.
    s, beta
        Shape and rate (weeks) of the death rate over customers.
    log_likelihood, prior
        Of the fit.
    """

    r: float
    alpha: float
    s: float
    beta: float
    log_likelihood: float
    prior: float
    name: str = "pareto_nbd"

    @property
    def parameters(self) -> dict[str, float]:
        """Return r, alpha, s and beta (weeks)."""
        return {"r": self.r, "alpha": self.alpha, "s": self.s, "beta": self.beta}

    @property
    def yearly_dropout(self) -> float:
        """Return the average death rate of a year, at most 1."""
        return min(1.0, WEEKS_PER_YEAR * self.s / self.beta)

    def p_alive(self, histories: Histories) -> Floats:
        """Return P(alive | x, t_x, T), note 009 eq. 34, in logarithms throughout."""
        rows = (histories.frequency, histories.recency, histories.age)
        params = (self.r, self.alpha, self.s, self.beta)
        alive = -(self.r + histories.frequency) * np.log(self.alpha + histories.age)
        alive -= self.s * np.log(self.beta + histories.age)
        return np.asarray(np.exp(-np.logaddexp(0.0, _log_dead(params, *rows) - alive)))

    def expected_purchases(self, histories: Histories, weeks: Sequence[float]) -> Floats:
        """Return E[Y(t) | x, t_x, T], note 009 eq. 41, shape (rows, steps)."""
        shape, rate = self.r + histories.frequency, self.alpha + histories.age
        death = self.beta + histories.age
        growth = np.log1p(np.asarray(weeks)[None, :] / death[:, None])
        order = 1.0 - self.s
        # expm1(order * growth) / order is growth itself where s = 1
        lived = growth if abs(order) < 1e-9 else np.expm1(order * growth) / order
        return np.asarray((self.p_alive(histories) * shape / rate * death)[:, None] * lived)

    def p_purchase(self, histories: Histories, weeks: float) -> Floats:
        """Return P(at least one purchase): the next one comes before death, by quadrature."""
        shape = (self.r + histories.frequency)[:, None]
        rate, death = (self.alpha + histories.age)[:, None], (self.beta + histories.age)[:, None]
        reach = -np.expm1(-shape * np.log1p(weeks / rate))  # would buy if they lived on
        quantile = reach * (_NODES + 1.0) / 2.0
        moment = rate * np.expm1(-np.log1p(-quantile) / shape)
        lives = np.exp(-self.s * np.log1p(moment / death))
        return np.asarray(self.p_alive(histories) * (reach[:, 0] * (lives @ _WEIGHTS) / 2.0))

    def counted(self, histories: Histories, weeks: float) -> Counted:
        """Return the moments of purchases given alive.

        Purchases are Poisson until death or the horizon, at L: E[N] = E[lambda] E[L] and
        E[N^2] = E[N] + E[lambda^2] E[L^2], with E[L^2] = 2 times the integral of u P(L > u),
        and P(L > u) = ((beta + T) / (beta + T + u))^s.
        """
        shape, rate = self.r + histories.frequency, self.alpha + histories.age
        death = self.beta + histories.age
        u = weeks * (_NODES + 1.0) / 2.0
        lives = np.exp(-self.s * np.log1p(u[None, :] / death[:, None]))
        once, twice = lives @ _WEIGHTS * weeks / 2.0, lives @ (u * _WEIGHTS) * weeks
        first = shape / rate * once
        return Counted(
            buys=self.p_purchase(histories, weeks) / np.maximum(self.p_alive(histories), 1e-300),
            first=first,
            second=first + shape * (shape + 1.0) / rate**2 * twice,
        )
