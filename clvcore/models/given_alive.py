"""Purchases ahead of a customer who is still one, where dropout is geometric.

Given alive, lambda ~ Gamma(R, rate) and the dropout probability p ~ Beta(a, b') are independent.
With rho the time ahead in units of the rate, P(N >= k) = P(NB >= k) (1 - p)^(k - 1): sums over k
have closed forms in G = (1 + p rho)^-R, and what is left is an average over p. It is taken over
quantiles of p, which keeps every integrand bounded for any a and b', with nodes u = t^2, so that
the small p of loyal customers are seen.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

from clvcore.models.base import Counted, Ints, few
from clvcore.records.numbers import Floats

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_T = (_NODES + 1.0) / 2.0
QUANTILES = _T**2
WEIGHTS = _T * _WEIGHTS
SMALLEST_DROPOUT = 1e-5


def dropout_nodes(a: float, b: float, x: Ints) -> Floats:
    """Return the 16 quantiles of p ~ Beta(a, b + x), shape (len(x), 16)."""
    distinct, at = few(x)
    nodes = betaincinv(a, b + distinct[:, None], QUANTILES[None, :])
    return np.asarray(np.maximum(nodes, SMALLEST_DROPOUT)[at])


def expected_given_alive(
    shape: npt.NDArray[np.floating[Any]], rho: Floats, nodes: Floats
) -> Floats:
    """Return E[(1 - (1 + p rho)^-shape) / p] over the nodes of p, shape (rows, steps).

    Parameters
    ----------
    shape
        Shape (rows,), R = r + x.
    rho
        Shape (rows, steps), time ahead in units of the posterior rate.
    nodes
        Shape (rows, 16), from ``dropout_nodes``.
    """
    expected = np.zeros_like(rho)
    for p, weight in zip(nodes.T, WEIGHTS, strict=True):
        reached = -np.expm1(-shape[:, None] * np.log1p(p[:, None] * rho))
        expected += weight * reached / p[:, None]
    return expected


def counted_given_alive(
    shape: npt.NDArray[np.floating[Any]], rho: Floats, nodes: Floats
) -> Counted:
    """Return P(N >= 1), E[N] and E[N^2]; ``shape`` and ``rho`` of shape (rows,).

    With H = (1 - G) / p: E[N] = H and E[N^2] = H + 2 (1 - p) (H - R rho G / (1 + p rho)) / p.
    """
    first, second = np.zeros(len(shape)), np.zeros(len(shape))
    for p, weight in zip(nodes.T, WEIGHTS, strict=True):
        stays = np.exp(-shape * np.log1p(p * rho))
        reached = (1.0 - stays) / p
        slope = (reached - shape * rho * stays / (1.0 + p * rho)) / p
        first += weight * reached
        second += weight * (reached + 2.0 * (1.0 - p) * slope)
    return Counted(buys=-np.expm1(-shape * np.log1p(rho)), first=first, second=second)
