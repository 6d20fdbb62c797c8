"""A figure as it is said: label, value, range, definition, and how it moved."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A value with its bounds, drawn from zero so that a wide band is an unsure number."""

    value: float
    low: float
    high: float
    scale: float | None = None

    @property
    def known(self) -> bool:
        """Whether there is anything to draw."""
        return all(math.isfinite(v) for v in (self.value, self.low, self.high)) and self.high > 0


@dataclass(frozen=True, kw_only=True)
class Change:
    """How a figure moved: "+2.1%", since when, and whether up counts as good and down as bad.

    A minus is the plain one: Streamlit takes any other for an increase.
    """

    text: str
    since: str
    judged: bool = True

    @property
    def moved(self) -> bool:
        """Whether it moved at all."""
        return self.text[:1] in "+-"


@dataclass(frozen=True, kw_only=True)
class Kpi:
    """One figure. ``words`` is the range or a second fact, ``definition`` what it means."""

    label: str
    value: str
    words: str = ""
    definition: str = ""
    interval: Interval | None = None
    icon: str | None = None
    help: str | None = None
    change: Change | None = None


HEADROOM = 1.18
