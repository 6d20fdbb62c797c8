"""What sets one customer's forecast apart from the average customer's, in money.

A value is P(alive) x purchases of a living customer x money per purchase x whatever the other
members of the forecast changed. The difference of two such products is shared out over the factors
by logarithmic means (LMDI; Ang 2004, "Decomposition analysis for policymaking in energy"), which
leaves no rest.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from clvcore.customer.life import values_of
from clvcore.records.run import Run

ALIVE, PACE, SPEND, TREES, BLEND = "alive", "pace", "spend", "trees", "blend"
BLENDED = ("last_window", "cohort")
TINY = 1e-12


def typical(run: Run) -> pd.Series[float]:
    """Return the factors of the average customer; their product is the mean ``clv``.

    ``alive`` (chance), ``pace`` (purchase days of one who stays), ``spend`` (money a purchase day),
    ``blend`` (factor of all else), and ``clv``.
    """
    c = run.customers
    alive, days = c["p_alive"].sum(), c["expected_purchases"].sum()
    worth, clv = (c["expected_purchases"] * c["expected_purchase_value"]).sum(), c["clv"].sum()
    return pd.Series(
        {
            ALIVE: alive / len(c),
            PACE: days / max(alive, TINY),
            SPEND: worth / max(days, TINY),
            BLEND: clv / max(worth, TINY),
            "clv": clv / len(c),
        }
    )


def drivers(run: Run, customer: str, *, trees: float = 0.0) -> pd.DataFrame:
    """Share out the difference to the average customer over what it comes from.

    Parameters
    ----------
    run, customer
        A run and one of its ids.
    trees
        Log of the factor the trees put on this customer, from ``tree_effect``; the average
        customer's is 0, since they leave the total alone.

    Returns
    -------
    DataFrame
        Indexed by driver: ``own`` and ``average`` factor, and ``effect`` in money; the effects sum
        to ``clv`` less the average ``clv``.
    """
    row, average = values_of(run, customer), typical(run)
    worth = row["expected_purchases"] * row["expected_purchase_value"]
    rest = row["clv"] / max(worth, TINY)
    own = {
        ALIVE: row["p_alive"],
        PACE: row["expected_purchases"] / max(row["p_alive"], TINY),
        SPEND: row["expected_purchase_value"],
        TREES: 1.0,
        BLEND: rest,
    }
    frame = pd.DataFrame({"own": own, "average": {name: average.get(name, 1.0) for name in own}})
    factor = float(np.exp(trees))
    if trees and not _is_blended(run):
        factor = rest / float(average[BLEND])  # nothing but trees, and their total kept
    frame.loc[TREES, "own"], frame.loc[BLEND, "own"] = factor, rest / max(factor, TINY)
    logs = np.log(np.maximum(frame["own"], TINY)) - np.log(np.maximum(frame["average"], TINY))
    gap = row["clv"] - float(average["clv"])
    whole = float(logs.sum())
    # the logarithmic mean of both values; where they are equal, of that value
    mean = gap / whole if abs(whole) > 1e-9 else float(average["clv"])
    return frame.assign(effect=logs * mean)


def _is_blended(run: Run) -> bool:
    """Tell whether members other than the trees change the probabilistic forecast."""
    weights = run.weights.groupby("model")["weight"].sum()
    return float(weights.reindex(list(BLENDED)).fillna(0.0).sum()) > 0
