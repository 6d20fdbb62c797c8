"""Gamma-Gamma spend: Fader & Hardie (2013), note 025, "The Gamma-Gamma model of monetary value"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from lifetimes.fitters.gamma_gamma_fitter import GammaGammaFitter

from clvcore.models.base import MIN_REPEAT_BUYERS
from clvcore.models.fitting import RobustFit, fit_with_prior_if_needed, value_if_flat
from clvcore.models.gamma_gamma_likelihood import START, by_content, mean_and_slope, top
from clvcore.models.spend import Noise, Spending, mean_noise
from clvcore.records.errors import ModelError
from clvcore.records.numbers import Floats


class _Fitter(RobustFit, GammaGammaFitter):  # type: ignore[misc]
    starts = ((1.5, 1.3, 0.7), (0.7, 1.1, 1.1), (3.0, 1.5, 0.0))  # log p, q, v; money scaled to 1


@dataclass(frozen=True)
class GammaGamma:
    """Amounts gamma around a customer's mean, means inverse-gamma over customers.

    Fitted on repeat purchase days of customers with a positive mean. Assumes that spend does not
    depend on frequency; the forecast warns where it does.
    """

    name: str = "gamma_gamma"

    def fit(self, spending: Spending) -> FittedGammaGamma:
        """Fit by maximum likelihood on money scaled to mean 1, so that no currency matters.

        Raises
        ------
        ModelError
            With fewer than 5 repeat buyers, amounts that do not vary, or q <= 1, where the
            expected spend of a new customer would be infinite.
        """
        use = (spending.frequency > 0) & (spending.monetary_value > 0)
        x, m = spending.frequency[use], spending.monetary_value[use]
        order = by_content(x, m)  # neither ids nor rows may move the optimum
        x, m = x[order], m[order]
        if len(x) < MIN_REPEAT_BUYERS or np.ptp(m) <= 1e-9 * m.mean():
            raise ModelError(
                "SPEND_NOT_IDENTIFIED",
                "Gamma-Gamma needs at least {minimum} repeat buyers whose amounts differ; here "
                "are {buyers}.",
                minimum=MIN_REPEAT_BUYERS, buyers=len(x),
            )  # fmt: skip
        unit = float(m.mean())
        n, weights = x.astype(np.float64), np.ones(len(x))
        likelihood = GammaGammaFitter._negative_log_likelihood
        theta = top(n, m / unit, start=START)
        own = mean_and_slope(theta, n, m / unit)
        prior, nll = 0.0, value_if_flat(likelihood, theta, own, n, m / unit, weights, 0.0)
        if nll is None:
            fitted, prior = fit_with_prior_if_needed(
                self.name, lambda weight: _Fitter(penalizer_coef=weight).fit(x, m / unit)
            )
            theta = np.log(fitted.params_.to_numpy(dtype=np.float64))
            nll = float(likelihood(theta, n, m / unit, weights, 0.0))
        p, q, v = map(float, np.exp(theta))
        if q <= 1.0:
            raise ModelError(
                "SPEND_INFINITE_MEAN",
                "Gamma-Gamma finds amounts so unequal (q = {q:.2f}) that their mean is not "
                "defined: a few customers dominate.",
                q=q,
            )
        return FittedGammaGamma(
            p=p, q=q, v=v * unit,
            log_likelihood=-nll * len(x) - len(x) * float(np.log(unit)),
            prior=prior,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class FittedGammaGamma:
    """A fitted Gamma-Gamma: ``p`` shape of an amount, ``q`` and ``v`` (money) of the means."""

    p: float
    q: float
    v: float
    log_likelihood: float
    prior: float
    name: str = "gamma_gamma"

    @classmethod
    def restore(cls, parameters: Mapping[str, float]) -> FittedGammaGamma:
        """Return the fit that had these parameters; its likelihood is not known any more."""
        p, q, v = (parameters[name] for name in ("p", "q", "v"))
        return cls(p=p, q=q, v=v, log_likelihood=np.nan, prior=np.nan)

    @property
    def parameters(self) -> dict[str, float]:
        """Return p, q and v."""
        return {"p": self.p, "q": self.q, "v": self.v}

    def expected_value(self, spending: Spending) -> Floats:
        """Return E[M | x, m], note 025 eq. 5; with x = 0 the mean of all customers."""
        x = spending.frequency
        total = self.v + x * np.maximum(spending.monetary_value, 0.0)
        return np.asarray(self.p * total / (self.p * x + self.q - 1.0))

    def noise(self, spending: Spending) -> Noise:
        """Return 1 / p, and the moments of the inverse-gamma mean."""
        return Noise(single=1.0 / self.p, mean=mean_noise(self.p * spending.frequency + self.q))
