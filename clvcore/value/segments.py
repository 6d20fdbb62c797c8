"""Who is worth most, and who is slipping away."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from clvcore.records.columns import HIGH, MEDIUM
from clvcore.records.config import Segmentation
from clvcore.records.numbers import Floats

Groups = npt.NDArray[np.int64]


def value_groups(clv: Floats, rule: Segmentation) -> Groups:
    """Sort customers into high, medium and low by expected value: places in ``SEGMENTS``.

    The top ``rule.high`` share is high, the next ``rule.medium`` share medium. Customers of equal
    value stay together, on the side that leaves the share nearest to the rule; a customer worth
    nothing is never high.

    Examples
    --------
    >>> value_groups(np.array([9.0, 5.0, 5.0, 1.0, 0.0]), Segmentation()).tolist()
    [0, 1, 1, 2, 2]
    """
    ordered = np.sort(clv)
    high_from = _cutoff(ordered, rule.high)
    medium_from = _cutoff(ordered, rule.high + rule.medium)
    return 2 - (clv >= medium_from).astype(np.int64) - ((clv >= high_from) & (clv > 0))


def risk_groups(p_alive: Floats, rule: Segmentation) -> Groups:
    """Sort customers by the probability that they still are: places in ``RISKS``."""
    begins = np.array([rule.at_risk, rule.cooling, rule.active])
    return np.asarray(3 - np.searchsorted(begins, p_alive, side="right"), dtype=np.int64)


def cutoffs(clv: Floats, groups: Groups, rule: Segmentation) -> dict[str, float]:
    """Return where each group begins; a value group without customers has no entry."""
    members = [(name, clv[groups == place]) for place, name in enumerate((HIGH, MEDIUM))]
    begins = {f"{name}_from": float(values.min()) for name, values in members if values.size}
    return begins | {
        "active_from": rule.active,
        "cooling_from": rule.cooling,
        "at_risk_from": rule.at_risk,
    }


def _cutoff(ordered: Floats, share: float) -> float:
    """Return the value from which on about ``share`` of the customers lie, of sorted values."""
    customers = len(ordered)
    wanted = share * customers
    if customers == 0:
        return float("inf")
    # the group of equal values that the share falls into, and the one after it
    value = ordered[min(customers - 1, int(max(customers - wanted, 0.0)))]
    first, after = (int(np.searchsorted(ordered, value, side=side)) for side in ("left", "right"))
    if abs(customers - first - wanted) <= abs(customers - after - wanted):
        return float(value)
    return float(ordered[after]) if after < customers else float("inf")
