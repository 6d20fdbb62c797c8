"""Which customers a large log's parameters are learned from.

Parameters of a shop settle long before its customers end. Above ``MOST_FITTED`` of them, every
k-th is taken in the order of what is to be explained: strata so fine that a parameter moves far
less than in a random sample. Everyone is still counted where counting is cheap, and scored.
"""

from __future__ import annotations

import numpy as np

from clvcore.models.base import Ints
from clvcore.records import Floats

MOST_FITTED = 20_000


def every_kth(sizes: Floats, most: int) -> tuple[Ints, Floats]:
    """Return the rows a systematic sample of ``most`` customers meets, and their new sizes.

    Parameters
    ----------
    sizes
        Shape (rows,), customers in each row; rows come in a meaningful order.
    most
        Customers to take. Nothing is left out where there are no more.

    Returns
    -------
    tuple
        Row numbers, and sizes that add up to all customers.

    Examples
    --------
    >>> rows, sizes = every_kth(np.array([1.0, 1.0, 8.0, 1.0, 1.0]), 3)
    >>> rows.tolist(), sizes.tolist()
    ([1, 2], [4.0, 8.0])
    """
    reached = np.cumsum(sizes)
    everyone = float(reached[-1])
    if everyone <= most:
        return np.arange(len(sizes)), sizes
    places = (np.arange(most) + 0.5) * (everyone / most)
    rows, taken = np.unique(np.searchsorted(reached, places), return_counts=True)
    return rows, taken * (everyone / most)
