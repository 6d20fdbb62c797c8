"""Likelihood of Gamma-Gamma and its gradient: Fader & Hardie (2013), note 025, eq. 1a."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln, psi

from clvcore.models.base import Ints, few
from clvcore.models.optimizer import EXACT, ROUGH, Posterior, climb
from clvcore.records.numbers import Floats

START = np.log([4.0, 3.0, 2.0])
BOUND = 7.0
GLANCE = 1_000
MOST_PACKED = 2**11


@dataclass(frozen=True, eq=False, kw_only=True)
class Amounts:
    """Number of amounts and their mean per customer, shape (customers,).

    Gamma functions need the number only, of which there are few different ones: ``counts`` and
    ``at``, which of them each customer has.
    """

    n: Floats
    m: Floats
    log_m: Floats
    counts: Floats
    at: Ints

    @classmethod
    def of(cls, n: Floats, m: Floats) -> Amounts:
        """Keep what no parameter changes."""
        counts, at = few(n.astype(np.int64))
        return cls(n=n, m=m, log_m=np.log(m), counts=counts.astype(np.float64), at=at)


def log_likelihood(p: float, q: float, v: float, n: Floats, m: Floats) -> tuple[float, Floats]:
    """Return the total log-likelihood and its gradient in (p, q, v).

    Parameters
    ----------
    p, q, v
        Shape of an amount, shape and rate of the means' gamma.
    n, m
        Number of amounts and their mean, shape (customers,).
    """
    each, scores = by_customer(p, q, v, Amounts.of(n, m))
    return float(each.sum()), scores.sum(axis=1)


def by_content(n: Ints, m: Floats) -> Ints:
    """Return the rows by number and mean of amounts, so that neither ids nor rows matter.

    The bits of positive floats are in their order: the leading ones fit behind a small number, and
    one key sorts several times faster than two. What they leave out is the thirteenth digit.
    """
    if int(n.max(initial=0)) >= MOST_PACKED:
        return np.lexsort((m, n))
    return np.argsort((n.astype(np.int64) << 52) | (np.ascontiguousarray(m).view(np.int64) >> 11))


def mean_and_slope(theta: Floats, n: Floats, m: Floats) -> tuple[float, Floats]:
    """Return the mean negative log-likelihood, and its gradient in (ln p, ln q, ln v)."""
    p, q, v = np.exp(theta)
    value, gradient = log_likelihood(p, q, v, n, m)
    return -value / len(n), -gradient * np.exp(theta) / len(n)


def by_customer(p: float, q: float, v: float, amounts: Amounts) -> tuple[Floats, Floats]:
    """Return each customer's log-likelihood, (customers,), and gradient, (3, customers)."""
    n, log_m, counts, at = amounts.n, amounts.log_m, amounts.counts, amounts.at
    total = n * amounts.m + v
    log_sum = np.log(total)
    joint = psi(p * counts + q)
    by_count = (
        gammaln(p * counts + q) - gammaln(p * counts) - gammaln(q)
        + q * np.log(v) + p * counts * np.log(counts)
    )  # fmt: skip
    each = by_count[at] + (p * n - 1) * log_m - (p * n + q) * log_sum
    scores = np.empty((3, len(n)))
    own = counts * (joint - psi(p * counts) + np.log(counts))
    scores[0] = own[at] + n * (log_m - log_sum)
    scores[1] = (joint - psi(q) + np.log(v))[at] - log_sum
    scores[2] = q / v - (p * n + q) / total
    return each, scores


def top(
    n: Floats, m: Floats, *, start: Floats, precision: float = 0.0, least_q: float = 0.0
) -> Floats:
    """Return (ln p, ln(q - least_q), ln v) where likelihood and prior are highest.

    Parameters
    ----------
    n, m
        Number of amounts and their mean, shape (customers,).
    start
        Where to begin, the centre of the prior.
    precision
        Of a normal prior on each of the three; 0 for plain maximum likelihood.
    least_q
        What ``q`` stays above.
    """
    posterior = _posterior(n, m, start=start, precision=precision, least_q=least_q)
    some = slice(None, None, max(1, len(n) // GLANCE))
    glance = _posterior(n[some], m[some], start=start, precision=precision, least_q=least_q)
    near = climb(glance, start, tolerance=ROUGH)  # most of the way costs next to nothing

    def descent(theta: Floats) -> tuple[float, Floats]:
        value, slope, _ = posterior(theta)
        return -value / len(n), -slope / len(n)

    found = climb(posterior, start if near is None else near, tolerance=EXACT)
    if found is not None and (np.abs(found) <= BOUND).all():
        return found
    with np.errstate(all="ignore"):
        search = minimize(
            descent, start, jac=True, method="L-BFGS-B", bounds=[(-BOUND, BOUND)] * 3,
            options={"ftol": 1e-14, "gtol": 1e-6, "maxiter": 300},
        )  # fmt: skip
    return np.asarray(search.x)


def _posterior(
    n: Floats, m: Floats, *, start: Floats, precision: float, least_q: float
) -> Posterior:
    amounts = Amounts.of(n, m)

    def at(theta: Floats) -> tuple[float, Floats, Floats]:
        p, extra, v = np.exp(theta)
        each, scores = by_customer(p, least_q + extra, v, amounts)
        scores *= np.array([p, extra, v])[:, None]
        away = theta - start
        return (
            float(each.sum()) - 0.5 * precision * float(away @ away),
            scores.sum(axis=1) - precision * away,
            scores @ scores.T + precision * np.eye(3),
        )

    return at
