"""Which customers a large log's parameters are learned from.

Parameters of a shop settle long before its customers end. Above ``MOST_FITTED`` of them, half as
many are learned from, every k-th in the order of what is to be explained: strata so fine that a
parameter moves far less than in a random sample. Everyone is still counted where counting is
cheap, and scored.
"""

from __future__ import annotations

import numpy as np

from clvcore.models.base import Ints
from clvcore.records.numbers import Floats

MOST_FITTED, SAMPLED = 30_000, 15_000
LEAST_FITTED = 2_000


def every_kth(sizes: Floats, *, share: float = 1.0) -> tuple[Ints, Floats]:
    """Return the rows that a systematic sample of customers meets, and their new sizes.

    Parameters
    ----------
    sizes
        Shape (rows,), customers in each row; rows come in a meaningful order.
    share
        Part of the log's customers that these are. Above its part of 30,000 its part of 15,000 is
        taken; nothing is left out of 2,000 or fewer.

    Returns
    -------
    tuple
        Row numbers, and sizes that add up to all customers.

    Examples
    --------
    >>> rows, sizes = every_kth(np.array([5.0, 59_990.0, 5.0]))
    >>> rows.tolist(), sizes.tolist()
    ([0, 1, 2], [4.0, 59992.0, 4.0])
    """
    reached = np.cumsum(sizes)
    everyone, most = float(reached[-1]), max(LEAST_FITTED, int(share * SAMPLED))
    if everyone <= max(LEAST_FITTED, int(share * MOST_FITTED)):
        return np.arange(len(sizes), dtype=np.int64), sizes
    places = (np.arange(most) + 0.5) * (everyone / most)
    rows, taken = np.unique(np.searchsorted(reached, places), return_counts=True)
    return rows.astype(np.int64), np.asarray(taken * (everyone / most), dtype=np.float64)
