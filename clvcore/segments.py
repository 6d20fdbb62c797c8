"""Who is worth most, and who is slipping away."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from clvcore.columns import ACTIVE, AT_RISK, COOLING, HIGH, LOST, LOW, MEDIUM
from clvcore.config import Segmentation
from clvcore.records import Floats

Labels = npt.NDArray[np.object_]


def value_segments(clv: Floats, rule: Segmentation) -> Labels:
    """Sort customers into high, medium and low by expected value, shape (customers,).

    The top ``rule.high`` share is high, the next ``rule.medium`` share medium. Customers of equal
    value stay together, on the side that leaves the share nearest to the rule; a customer worth
    nothing is never high.

    Examples
    --------
    >>> value_segments(np.array([9.0, 5.0, 5.0, 1.0, 0.0]), Segmentation()).tolist()
    ['high', 'medium', 'medium', 'low', 'low']
    """
    high_from = _cutoff(clv, rule.high)
    medium_from = _cutoff(clv, rule.high + rule.medium)
    labels = np.full(len(clv), LOW, dtype=object)
    labels[clv >= medium_from] = MEDIUM
    labels[(clv >= high_from) & (clv > 0)] = HIGH
    return labels


def risks(p_alive: Floats, rule: Segmentation) -> Labels:
    """Sort customers by the probability that they still are: active, cooling, at_risk, lost."""
    labels = np.full(len(p_alive), LOST, dtype=object)
    labels[p_alive >= rule.at_risk] = AT_RISK
    labels[p_alive >= rule.cooling] = COOLING
    labels[p_alive >= rule.active] = ACTIVE
    return labels


def cutoffs(clv: Floats, segments: Labels, rule: Segmentation) -> dict[str, float]:
    """Return where each group begins; a value group without customers has no entry."""
    begins = {
        f"{segment}_from": float(clv[segments == segment].min())
        for segment in (HIGH, MEDIUM)
        if (segments == segment).any()
    }
    return begins | {
        "active_from": rule.active,
        "cooling_from": rule.cooling,
        "at_risk_from": rule.at_risk,
    }


def _cutoff(clv: Floats, share: float) -> float:
    """Return the value from which on about ``share`` of the customers lie."""
    values, counts = np.unique(clv, return_counts=True)
    at_least = np.append(counts[::-1].cumsum()[::-1], 0)  # customers from each value on
    nearest = int(np.abs(at_least - share * len(clv)).argmin())
    return float(values[nearest]) if nearest < len(values) else float("inf")
