"""Maximum likelihood that copes: several starts in log space, a gradient test, a weak prior.

Tight tolerances make a plain quasi-Newton run report failure at the optimum itself, because they
are finer than the noise of the objective. So an optimum is accepted for its small gradient, not
for the optimiser's word. Where the likelihood has no optimum (nobody is seen to leave, say, and
the dropout parameters run off together), a weak normal prior on the log-parameters gives it one.
A fitter's own penalty is never used: it pulls natural parameters to 0, and with them the forecast.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from autograd import value_and_grad
from scipy.optimize import minimize

from clvcore.records.errors import ModelError
from clvcore.records.numbers import Floats

PRIOR_SD = 1.5
SMALL_GRADIENT = 1e-4
LOG_BOUND = 9.0
SAME_OPTIMUM = 1e-8
SAME_VALUE = 1e-9

Objective = Callable[[Floats], tuple[float, Floats]]


class RobustFit:
    """Replaces the optimiser of a lifetimes fitter; its likelihood and scaling stay its own.

    Mixed in before the fitter class. ``penalizer_coef`` is the weight of the prior here: 0 for
    plain maximum likelihood, 1 for the posterior mode. ``starts`` are points in log-parameter
    space with time scaled so that the longest age is 1 (the fitter scales it); the first one is
    the centre of the prior.
    """

    starts: Sequence[Sequence[float]] = ()
    _negative_log_likelihood: Callable[..., Any]

    def _fit(self, arguments: tuple[Any, ...], *_: Any, **__: Any) -> Any:
        """Return (log parameters, objective, identity); standard errors are never used."""
        *data, weights, prior = arguments
        likelihood = value_and_grad(self._negative_log_likelihood)
        log_params, value = minimize_robustly(
            lambda point: likelihood(point, *data, weights, 0.0),
            self.starts,
            prior=prior / float(np.sum(weights)),
        )
        return log_params, value, np.eye(len(log_params))


def value_if_flat(
    likelihood: Callable[..., Any], point: Floats, own: tuple[float, Floats], *arguments: Any
) -> float | None:
    """Return a fitter's own objective at ``point`` if that is an optimum of it, else ``None``.

    The fitter's value must be ours to nine digits; then our gradient, which is analytic, speaks
    for it: its own takes several times as long.

    Parameters
    ----------
    likelihood
        ``_negative_log_likelihood`` of a lifetimes fitter, a mean per customer.
    point
        Log-parameters, found by other means.
    own
        The same mean by our likelihood, and its gradient in the log-parameters.
    arguments
        What the likelihood takes behind them.
    """
    with np.errstate(all="ignore"):
        value = float(likelihood(point, *arguments))
    inside = bool(np.all(np.abs(point) < LOG_BOUND - 1e-6))
    ours, gradient = own
    agree = abs(value - ours) <= SAME_VALUE * max(1.0, abs(value))  # nothing agrees with NaN
    if inside and agree and np.max(np.abs(gradient)) < SMALL_GRADIENT:
        return value
    return None


def minimize_robustly(
    objective: Objective, starts: Sequence[Sequence[float]], *, prior: float
) -> tuple[Floats, float]:
    """Minimise from several starts until two agree; return the best point with a small gradient.

    Parameters
    ----------
    objective
        Log-parameters -> (value, gradient), the value a mean per customer.
    starts
        Points to start from; the first is the centre of the prior.
    prior
        Weight of the normal prior (standard deviation 1.5) against that mean.

    Raises
    ------
    ModelError
        If no start ends inside the bounds with a small gradient.
    """
    centre = np.asarray(starts[0], dtype=np.float64)

    def penalized(point: Floats) -> tuple[float, Floats]:
        value, gradient = objective(point)
        away = (point - centre) / PRIOR_SD
        return value + prior * float(away @ away) / 2, gradient + prior * away / PRIOR_SD

    best: tuple[Floats, float] | None = None
    with np.errstate(all="ignore"):  # line searches may try absurd points
        for start in starts:
            result = minimize(
                penalized,
                np.asarray(start, dtype=np.float64),
                jac=True,
                method="L-BFGS-B",
                bounds=[(-LOG_BOUND, LOG_BOUND)] * len(start),
                options={"ftol": 1e-14, "gtol": 1e-8, "maxiter": 500},
            )
            inside = bool(np.all(np.abs(result.x) < LOG_BOUND - 1e-6))
            flat = bool(np.max(np.abs(result.jac)) < SMALL_GRADIENT)
            good = inside and flat and np.isfinite(result.fun)
            if good and best is not None and abs(result.fun - best[1]) < SAME_OPTIMUM:
                break  # two starts agree
            if good and (best is None or result.fun < best[1]):
                best = result.x, float(result.fun)
    if best is None:
        raise ModelError("NOT_CONVERGED", "No start of the fit ended at an optimum.")
    return best


def fit_with_prior_if_needed(name: str, attempt: Callable[[float], Any]) -> tuple[Any, float]:
    """Call ``attempt(0)``, plain maximum likelihood, and only if that fails ``attempt(1)``.

    Returns
    -------
    tuple
        What ``attempt`` returned, and the weight of the prior that was needed.

    Raises
    ------
    ModelError
        If neither converges.
    """
    for weight in (0.0, 1.0):
        try:
            return attempt(weight), weight
        except ModelError as error:
            if error.code != "NOT_CONVERGED":
                raise
    raise ModelError(
        "NOT_CONVERGED",
        "{model} could not be fitted: the orders do not pin its parameters down, not even with a "
        "weak prior. Choose auto, which falls back to another model.",
        model=name,
    )
