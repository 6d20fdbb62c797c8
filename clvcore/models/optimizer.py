"""The top of a smooth log-posterior in a few steps, where a general optimiser takes dozens.

The outer product of the scores stands for the curvature (Berndt, Hall, Hall & Hausman 1974,
"Estimation and inference in nonlinear structural models"), bent after each step so that it agrees
with the slope just seen (the BFGS update). Distance from the top is measured in the likelihood
itself, so a tolerance means the same for any number of customers.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.linalg.lapack import dposv

from clvcore.records.numbers import Floats

EXACT, ROUGH = 1e-7, 1e-2
LONGEST_STEP, MOST_STEPS, MOST_HALVINGS = 0.7, 40, 12
ROUNDING, FLAT = 1e-12, 1e-13

# log-parameters -> value, gradient, information (minus the expected second derivatives)
Posterior = Callable[[Floats], tuple[float, Floats, Floats]]


def climb(posterior: Posterior, start: Floats, *, tolerance: float = EXACT) -> Floats | None:
    """Return the top near ``start``, or ``None`` where the steps do not lead to one.

    Parameters
    ----------
    posterior
        The log-posterior with its slope, and a curvature to take steps by.
    start
        Log-parameters.
    tolerance
        Twice the log-likelihood still to be gained, by the curvature: 1e-2 is a tenth of a
        standard error of a parameter, 1e-7 a three-thousandth.
    """
    theta = start.copy()
    with np.errstate(all="ignore"):  # a long step may try absurd points; it is then halved
        value, slope, curvature = posterior(theta)
        for _ in range(MOST_STEPS):
            step = _newton(curvature, slope) if np.isfinite(value) else None
            if step is None:
                return None
            if slope @ step < tolerance:
                return theta
            step = step * min(1.0, LONGEST_STEP / float(np.abs(step).max()))
            for _ in range(MOST_HALVINGS):
                tried, tried_slope, fresh = posterior(theta + step)
                if tried >= value - ROUNDING * abs(value):
                    break
                step = step / 2.0
            else:
                return None
            curvature = _bent(fresh, step, slope - tried_slope)
            theta, value, slope = theta + step, tried, tried_slope
    return None


def _bent(curvature: Floats, step: Floats, fall: Floats) -> Floats:
    """Return a curvature under which ``step`` changes the slope by ``fall``, as it did."""
    if fall @ step <= 0:
        return curvature
    along = curvature @ step
    bent = curvature + np.outer(fall, fall) / (fall @ step)
    return np.asarray(bent - np.outer(along, along) / (step @ along))


def _newton(curvature: Floats, slope: Floats) -> Floats | None:
    """Return the step to the top of the parabola; ``None`` unless it has one, clearly.

    By a Cholesky root, whose pivots must be of comparable size.
    """
    if not (np.isfinite(slope).all() and np.isfinite(curvature).all()):
        return None
    root, step, failed = dposv(curvature, slope)
    pivots = np.abs(root.diagonal())
    if failed or pivots.min() ** 2 <= FLAT * pivots.max() ** 2:
        return None
    return np.asarray(step)
