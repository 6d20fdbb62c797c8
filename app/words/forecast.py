"""What a forecast expects and why this model made it, in words."""

from __future__ import annotations

from app.words.figures import Interval
from app.words.text import Words

WHY_THIS_MODEL = ("CHOSEN_BY_BACKTEST", "CHOSEN_UNMEASURED")


def total_words(w: Words, interval: Interval, level: float, currency: str | None) -> str:
    """Say a total's range, or that it has not been measured."""
    if not interval.known:
        return w("Range not measured yet")
    span = w.money_range(interval.low, interval.high, currency)
    return w("{range}, {odds}", range=span, odds=w.odds_short(level))
