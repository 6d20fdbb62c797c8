"""Likelihood of Gamma-Gamma and its gradient: Fader & Hardie (2013), note 025, eq. 1a."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln, psi

from clvcore.records import Floats

START = np.log([4.0, 3.0, 2.0])


def log_likelihood(p: float, q: float, v: float, n: Floats, m: Floats) -> tuple[float, Floats]:
    """Return the total log-likelihood and its gradient in (p, q, v).

    Parameters
    ----------
    p, q, v
        Shape of an amount, shape and rate of the means' gamma.
    n, m
        Number of amounts and their mean, shape (customers,).
    """
    log_sum, log_n, log_m = np.log(n * m + v), np.log(n), np.log(m)
    ll = (
        gammaln(p * n + q) - gammaln(p * n) - gammaln(q) + q * np.log(v)
        + (p * n - 1) * log_m + p * n * log_n - (p * n + q) * log_sum
    )  # fmt: skip
    joint = psi(p * n + q)
    gradient = np.array([
        (n * (joint - psi(p * n) + log_m + log_n - log_sum)).sum(),
        (joint - psi(q) + np.log(v) - log_sum).sum(),
        (q / v - (p * n + q) / (n * m + v)).sum(),
    ])  # fmt: skip
    return float(ll.sum()), gradient


def optimum(n: Floats, m: Floats) -> Floats:
    """Return (ln p, ln q, ln v) of the highest likelihood found from one start."""

    def objective(theta: Floats) -> tuple[float, Floats]:
        p, q, v = np.exp(theta)
        value, slope = log_likelihood(p, q, v, n, m)
        return -value / len(n), -slope * np.exp(theta) / len(n)

    with np.errstate(all="ignore"):
        found = minimize(
            objective, START, jac=True, method="L-BFGS-B", bounds=[(-9.0, 9.0)] * 3,
            options={"ftol": 1e-14, "gtol": 1e-6, "maxiter": 300},
        )  # fmt: skip
    return np.asarray(found.x)
