"""Likelihood of BG/NBD and MBG/NBD with a rate multiplier per customer, and its gradient.

A customer's rate is ``s = exp(beta z)`` times gamma-distributed; ``s`` lengthens their clock:
``s T`` and ``s t_x`` take the place of ``T`` and ``t_x``. With ``beta = 0`` these are the plain
models of Fader, Hardie & Lee (2005) and Batislam, Denizel & Filiztekin (2007).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln, psi

from clvcore.models.base import Ints, few
from clvcore.models.optimizer import EXACT, ROUGH, Posterior, climb
from clvcore.records.errors import ModelError
from clvcore.records.numbers import Floats

MOST_LOG_ODDS = 700.0
PRIOR_SD = np.array([1.5, 1.5, 1.5, 1.5, 0.5])
BOUNDS = [(-7.0, 7.0)] * 4 + [(-4.0, 4.0)]
NEAR = 1e-3
GLANCE = 2_000


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
    _last: dict[bytes, tuple[float, Floats]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @cached_property
    def distinct(self) -> tuple[Ints, Ints]:
        """Distinct numbers of repeat purchases, and which of them each row has."""
        return few(self.x)


def sample(rows: Rows) -> Rows:
    """Return every so-manieth of many histories: near enough to begin a fit on all of them."""
    some = slice(None, None, max(1, len(rows.x) // GLANCE))
    return Rows(
        x=rows.x[some],
        t_x=rows.t_x[some],
        age=rows.age[some],
        z=rows.z[some],
        weights=rows.weights[some],
        drops_at_first=rows.drops_at_first,
    )


def log_likelihood(theta: Floats, rows: Rows) -> tuple[float, Floats]:
    """Return the total log-likelihood and its gradient in (ln r, ln alpha, ln a, ln b, beta)."""
    known = rows._last.get(theta.tobytes())  # a climb ends where it looked last
    return known or _summed(theta, rows, *by_row(theta, rows))


def _summed(theta: Floats, rows: Rows, each: Floats, scores: Floats) -> tuple[float, Floats]:
    sums = float(rows.weights @ each), scores @ rows.weights
    rows._last.clear()
    rows._last[theta.tobytes()] = sums
    return sums


def by_row(theta: Floats, rows: Rows) -> tuple[Floats, Floats]:
    """Return each row's log-likelihood, (rows,), and its gradient, (5, rows)."""
    r, alpha, a, b = np.exp(theta[:4])
    counts, at = rows.distinct
    first = 1.0 if rows.drops_at_first else 0.0
    stays = b + counts + first  # second beta parameter given alive
    leaves = np.where(counts + first > 0, b + counts + first - 1.0, np.inf)  # none left before
    s = np.exp(theta[4] * rows.z)
    shape, s_age, s_last = (r + counts)[at], s * rows.age, s * rows.t_x
    to_end, to_last = alpha + s_age, alpha + s_last
    log_alive, log_last = np.log(to_end), np.log(to_last)
    # odds of being dead against alive; below exp(700), which nobody alive has
    since = log_alive - log_last
    with np.errstate(divide="ignore"):
        log_odds = np.log(a / leaves)[at] + shape * since
    odds = np.exp(np.minimum(log_odds, MOST_LOG_ODDS))
    alive = 1.0 / (1.0 + odds)
    dead = 1.0 - alive
    known = psi(r + counts) - psi(r) + np.log(alpha)
    leaving = psi(a + b) - psi(a + stays)
    staying = psi(stays) - psi(a + stays) - psi(b) + psi(a + b)
    by_count = (
        gammaln(r + counts) - gammaln(r) + r * np.log(alpha)
        + gammaln(stays) - gammaln(a + stays) + gammaln(a + b) - gammaln(b)
    )  # fmt: skip
    each = by_count[at] + rows.x * theta[4] * rows.z - shape * log_alive - np.log(alive)
    of_alive, of_dead = alive / to_end, dead / to_last
    scores = np.empty((5, len(each)))
    scores[0] = (r * known)[at] - r * (log_last + alive * since)
    scores[1] = r - alpha * shape * (of_alive + of_dead)
    scores[2] = (a * leaving)[at] + dead
    scores[3] = (b * staying)[at] - dead * (b / leaves)[at]
    scores[4] = rows.z * (rows.x - shape * (of_alive * s_age + of_dead * s_last))
    return each, scores


def posterior(rows: Rows, *, centre: Floats, precision: Floats, fixed: Floats) -> Posterior:
    """Return the log-posterior in the leading log-parameters, the others ``fixed``.

    Parameters
    ----------
    rows
        Histories.
    centre, precision
        Of the normal prior, shape (free,).
    fixed
        Values of the last 5 - free log-parameters.
    """
    free = len(centre)

    def at(theta: Floats) -> tuple[float, Floats, Floats]:
        whole = np.append(theta, fixed)
        each, scores = by_row(whole, rows)
        value, slope = _summed(whole, rows, each, scores)
        away = theta - centre
        return (
            value - 0.5 * float(away @ (precision * away)),
            slope[:free] - precision * away,
            (scores[:free] * rows.weights) @ scores[:free].T + np.diag(precision),
        )

    return at


def fit_near(rows: Rows, *, pool: Floats, shrinkage: float) -> Floats:
    """Return the posterior mode under a normal prior around ``pool``.

    Parameters
    ----------
    rows
        Histories of one group.
    pool
        (ln r, ln alpha, ln a, ln b, beta) of everyone; ``beta`` is kept.
    shrinkage
        Standard deviation of the group's log-parameters around the pool's.
    """
    around = posterior(rows, centre=pool[:4], precision=np.full(4, shrinkage**-2.0), fixed=pool[4:])
    return np.append(_top(around, pool[:4], tolerance=NEAR), pool[4])


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
    start = centre if start is None else start
    precision = (1.0 if prior else 0.0) / PRIOR_SD**2
    free = 5 if covariate else 4
    around = posterior(rows, centre=centre[:free], precision=precision[:free], fixed=start[free:])
    tolerance = ROUGH if roughly else EXACT
    return np.append(_top(around, start[:free], tolerance=tolerance), start[free:])


def _top(around: Posterior, start: Floats, *, tolerance: float) -> Floats:
    """Climb; where that leads nowhere or out of bounds, let a quasi-Newton search keep them."""
    bounds = BOUNDS[: len(start)]
    found = climb(around, start, tolerance=tolerance)
    if found is not None and (np.abs(found) <= np.transpose(bounds)[1]).all():
        return found

    def descent(theta: Floats) -> tuple[float, Floats]:
        value, slope, _ = around(theta)
        return -value, -slope

    with np.errstate(all="ignore"):
        result = minimize(
            descent, start, jac=True, method="L-BFGS-B", bounds=bounds,
            options={"ftol": 1e-12, "gtol": 1e-5, "maxiter": 300},
        )  # fmt: skip
    if not np.isfinite(result.fun):
        raise ModelError(
            "NOT_CONVERGED", "{model} has no finite likelihood on these orders.", model="MBG/NBD"
        )
    return np.asarray(result.x)
