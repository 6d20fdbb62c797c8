"""Likelihood of BG/NBD and MBG/NBD with a rate multiplier per customer, and its gradient.

A customer's rate is ``s = exp(beta z)`` times gamma-distributed; ``s`` lengthens his clock:
``s T`` and ``s t_x`` take the place of ``T`` and ``t_x``. With ``beta = 0`` these are the plain
models of Fader, Hardie & Lee (2005) and Batislam, Denizel & Filiztekin (2007).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln, psi

from clvcore.errors import ModelError
from clvcore.models.base import Ints
from clvcore.records import Floats

PRIOR_SD = np.array([1.5, 1.5, 1.5, 1.5, 0.5])
BOUNDS = [(-7.0, 7.0)] * 4 + [(-4.0, 4.0)]
SCORING_STEPS, LONGEST_STEP, SMALL_STEP = 8, 0.7, 1e-3


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

    @cached_property
    def distinct(self) -> tuple[Ints, Ints]:
        """Distinct numbers of repeat purchases, and which of them each row has."""
        counts, at = np.unique(self.x, return_inverse=True)
        return counts, at


def log_likelihood(theta: Floats, rows: Rows) -> tuple[float, Floats]:
    """Return the total log-likelihood and its gradient in (ln r, ln alpha, ln a, ln b, beta)."""
    r, alpha, a, b = np.exp(theta[:4])
    counts, at = rows.distinct
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


def scores(theta: Floats, rows: Rows) -> Floats:
    """Return the gradient of each row's log-likelihood in (ln r, ln alpha, ln a, ln b), (rows, 4).

    Weighted and summed over rows they are the first four entries of ``log_likelihood``'s gradient.
    """
    r, alpha, a, b = np.exp(theta[:4])
    counts, at = rows.distinct
    first = 1.0 if rows.drops_at_first else 0.0
    stays = b + counts + first
    leaves = np.where(counts + first > 0, b + counts + first - 1.0, np.inf)
    s = np.exp(theta[4] * rows.z)
    shape = (r + counts)[at]
    to_end, to_last = alpha + s * rows.age, alpha + s * rows.t_x
    log_alive, log_last = np.log(to_end), np.log(to_last)
    with np.errstate(divide="ignore", over="ignore"):
        log_odds = np.log(a / leaves)[at] + shape * (log_alive - log_last)
        dead = 1.0 / (1.0 + np.exp(-log_odds))
    alive = 1.0 - dead
    known = psi(r + counts) - psi(r) + np.log(alpha)
    leaving = psi(a + b) - psi(a + stays)
    staying = psi(stays) - psi(a + stays) - psi(b) + psi(a + b)
    return np.column_stack([
        r * (known[at] - alive * log_alive - dead * log_last),
        r - alpha * shape * (alive / to_end + dead / to_last),
        a * leaving[at] + dead,
        b * (staying[at] - dead * (1.0 / leaves)[at]),
    ])  # fmt: skip


def fit_near(rows: Rows, *, pool: Floats, shrinkage: float) -> Floats:
    """Return the posterior mode under a normal prior around ``pool``.

    A few steps with the outer product of the scores for the information (Berndt, Hall, Hall &
    Hausman 1974) reach it where the group is like the pool; a quasi-Newton search does elsewhere.

    Parameters
    ----------
    rows
        Histories of one group.
    pool
        (ln r, ln alpha, ln a, ln b, beta) of everyone; ``beta`` is kept.
    shrinkage
        Standard deviation of the group's log-parameters around the pool's.
    """
    theta, precision = pool.copy(), 1.0 / shrinkage**2
    for _ in range(SCORING_STEPS):
        each = scores(theta, rows)
        pull = rows.weights @ each - precision * (theta[:4] - pool[:4])
        known = (each * rows.weights[:, None]).T @ each + precision * np.eye(4)
        step = np.linalg.solve(known, pull)
        theta[:4] += step * min(1.0, LONGEST_STEP / max(float(np.abs(step).max()), 1e-300))
        if np.abs(step).max() < SMALL_STEP:
            return np.asarray(np.clip(theta, *np.transpose(BOUNDS)))

    def objective(point: Floats) -> tuple[float, Floats]:
        value, gradient = log_likelihood(np.append(point, pool[4]), rows)
        away = point - pool[:4]
        return 0.5 * precision * float(away @ away) - value, precision * away - gradient[:4]

    with np.errstate(all="ignore"):
        found = minimize(
            objective, pool[:4], jac=True, method="L-BFGS-B", bounds=BOUNDS[:4],
            options={"ftol": 1e-10, "maxiter": 200},
        )  # fmt: skip
    return np.append(found.x, pool[4])


def fit_mode(
    rows: Rows,
    *,
    start: Floats | None = None,
    prior: bool = True,
    covariate: bool = True,
    roughly: bool = False,
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
    roughly
        Stop early: good enough to adjust a clock by.

    Raises
    ------
    ModelError
        If the optimum cannot be found, which the prior rules out for any log with some time in it.
    """
    mean_age = float(rows.weights @ rows.age / rows.weights.sum())
    centre = np.append(np.log([0.7, max(mean_age, 1e-3) / 4.0, 0.8, 2.5]), 0.0)
    active = np.ones(5) if covariate else np.array([1.0, 1.0, 1.0, 1.0, 0.0])
    precision = (1.0 if prior else 0.0) / PRIOR_SD**2

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
            options={
                "ftol": 1e-8 if roughly else 1e-12,
                "gtol": 1e-5 * rows.weights.sum() ** 0.5,
                "maxiter": 300,
            },
        )
    if not np.isfinite(result.fun):
        raise ModelError(
            "NOT_CONVERGED", "{model} has no finite likelihood on these orders.", model="MBG/NBD"
        )
    return np.asarray(result.x)
