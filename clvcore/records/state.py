"""What a fitted forecaster has learned, in a form that any other process can read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

STATE_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class State:
    """All that a forecaster needs to forecast any orders of its shop.

    Parameters
    ----------
    member
        Name of the forecaster, as in ``records.registry``.
    learned
        JSON types: parameters by model (weeks, money), clocks, shares of a blend.
    files
        What has a format of its own, by file name: trees as the boosters write them.
    version
        Of the layout of ``learned``. 0 was put together from a run of an earlier version: enough
        to show how it judged a customer, not to forecast.
    """

    member: str
    learned: dict[str, Any]
    files: dict[str, bytes] = field(default_factory=dict)
    version: int = STATE_VERSION

    @property
    def has_clock(self) -> bool:
        """Whether time runs at the shop's own speed, which is known from a first day on only."""
        return "clocks" in self.learned
