"""Likelihood of BG/NBD and MBG/NBD with a rate multiplier per customer, and its gradient.

A customer's rate is ``s = exp(beta z)`` times gamma-distributed; ``s`` lengthens his clock:
``s T`` and ``s t_x`` take the place of ``T`` and ``t_x``. With ``beta = 0`` these are the plain
models of Fader, Hardie & Lee (2005) and Batislam, Denizel & Filiztekin (2007).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln, psi

from clvcore.errors import ModelError
from clvcore.models.base import Ints
from clvcore.records import Floats

PRIOR_SD = np.array([1.5, 1.5, 1.5, 1.5, 0.5])
BOUNDS = [(-7.0, 7.0)] * 4 + [(-4.0, 4.0)]


@dataclass(frozen=True, eq=False, kw_only=True)
class Rows:
    """Distinct histories on an operational clock.

    ``x`` repeat purchase days, ``t_x`` and ``age`` in operational weeks, ``z`` the covariate,
    ``weights`` customers with that history; ``drops_at_first`` chooses MBG/NBD over BG/NBD.
    """

    x: Ints
    t_x: Floats
    age: Floats
    z: Floats
    weights: Floats
    drops_at_first: bool


def log_likelihood(theta: Floats, rows: Rows) -> tuple[float, Floats]:
    """Return the total log-likelihood and its gradient in (ln r, ln alpha, ln a, ln b, beta)."""
    r, alpha, a, b = np.exp(theta[:4])
    counts, at = np.unique(rows.x, return_inverse=True)
    first = 1.0 if rows.drops_at_first else 0.0
    stays = b + counts + first  # second beta parameter given alive
    leaves = np.where(counts + first > 0, b + counts + first - 1.0, np.inf)  # none left before
    s = np.exp(theta[4] * rows.z)
    shape = (r + counts)[at]
    to_end, to_last = alpha + s * rows.age, alpha + s * rows.t_x
    log_alive, log_last = np.log(to_end), np.log(to_last)
    with np.errstate(divide="ignore", over="ignore"):  # who cannot have left has odds of 0
        log_odds = np.log(a / leaves)[at] + shape * (log_alive - log_last)  # dead against alive
        dead = 1.0 / (1.0 + np.exp(-log_odds))
    per_count = (
        gammaln(r + counts) - gammaln(r) + r * np.log(alpha)
        + gammaln(stays) - gammaln(a + stays) + gammaln(a + b) - gammaln(b)
    )  # fmt: skip
    ll = per_count[at] + rows.x * theta[4] * rows.z - shape * log_alive + np.logaddexp(0, log_odds)
    w, alive = rows.weights, 1.0 - dead
    by_count = np.bincount(at, weights=w, minlength=len(counts))
    dead_by_count = np.bincount(at, weights=w * dead, minlength=len(counts))
    pull = shape * (alive / to_end + dead / to_last)
    gradient = np.array([
        r * (by_count @ (psi(r + counts) - psi(r) + np.log(alpha))
             - w @ (alive * log_alive + dead * log_last)),
        alpha * (w.sum() * r / alpha - w @ pull),
        a * (by_count @ (psi(a + b) - psi(a + stays)) + dead_by_count.sum() / a),
        b * (by_count @ (psi(stays) - psi(a + stays) - psi(b) + psi(a + b))
             - dead_by_count @ (1.0 / leaves)),
        w @ (rows.z * (rows.x - shape * s * (alive * rows.age / to_end
                                             + dead * rows.t_x / to_last))),
    ])  # fmt: skip
    return float(w @ ll), gradient


def fit_mode(
    rows: Rows,
    *,
    start: Floats | None = None,
    prior: bool = True,
    covariate: bool = True,
    pool: tuple[Floats, float] | None = None,
) -> Floats:
    """Return the posterior mode (ln r, ln alpha, ln a, ln b, beta).

    The prior is weak: normal around (.7, a quarter of the mean age, .8, 2.5) with a standard
    deviation of 1.5 on each logarithm, and 0 with .5 on ``beta``. It keeps the parameters finite
    where nobody is seen to leave.

    Parameters
    ----------
    rows
        Histories.
    start
        Where to begin; default the centre of the prior.
    prior, covariate
        Whether to use the prior, and to fit ``beta`` (else it keeps its starting value).
    pool
        (theta, standard deviation): shrink the first four log-parameters to these instead.

    Raises
    ------
    ModelError
        If the optimum cannot be found, which the prior rules out for any log with some time in it.
    """
    mean_age = float(rows.weights @ rows.age / rows.weights.sum())
    centre = np.append(np.log([0.7, max(mean_age, 1e-3) / 4.0, 0.8, 2.5]), 0.0)
    active = np.ones(5) if covariate else np.array([1.0, 1.0, 1.0, 1.0, 0.0])
    precision = (1.0 if prior else 0.0) / PRIOR_SD**2
    if pool is not None:
        centre, start = pool[0].copy(), pool[0].copy()
        precision = np.append(np.full(4, pool[1] ** -2.0), 0.0)

    def objective(theta: Floats) -> tuple[float, Floats]:
        value, gradient = log_likelihood(theta, rows)
        away = theta - centre
        return 0.5 * float(away @ (precision * away)) - value, (
            precision * away - gradient
        ) * active

    with np.errstate(all="ignore"):
        result = minimize(
            objective,
            centre if start is None else start,
            jac=True,
            method="L-BFGS-B",
            bounds=BOUNDS,
            options={"ftol": 1e-12, "gtol": 1e-5 * rows.weights.sum() ** 0.5, "maxiter": 300},
        )
    if not np.isfinite(result.fun):
        raise ModelError(
            "NOT_CONVERGED", "{model} has no finite likelihood on these orders.", model="MBG/NBD"
        )
    return np.asarray(result.x)
