"""What a forecast expects and why, its cut-offs, and what its value means, in words."""

from __future__ import annotations

from app.words.figures import Interval
from app.words.groups import risk_names, risk_ranges
from app.words.text import Words
from clvcore.records.columns import RISKS
from clvcore.records.run import Run

WHY_THIS_MODEL = ("CHOSEN_BY_BACKTEST", "CHOSEN_UNMEASURED")


def total_words(w: Words, interval: Interval, level: float, currency: str | None) -> str:
    """Say a total's range, or that it has not been measured."""
    if not interval.known:
        return w("Range not measured yet")
    span = w.money_range(interval.low, interval.high, currency)
    return w("{range}, {odds}", range=span, odds=w.odds_short(level))


FAN = (0.5, 0.8)


def cut_offs(w: Words, run: Run) -> str:
    """Return every cut-off in one line."""
    rule, ranges, names = run.config.segmentation, risk_ranges(run.cutoffs, w), risk_names(w)
    return w(
        "Cut-offs · Value: high = top {high}, medium = next {medium}, low = the rest. Risk, by "
        "chance of still being a customer: {risks}.",
        high=w.percent(rule.high),
        medium=w.percent(rule.medium),
        risks=", ".join(f"{names[risk].lower()} {ranges[risk]}" for risk in RISKS),
    )


def value_terms(w: Words, run: Run) -> str:
    """Say whether value is revenue or margin, and whether it is discounted."""
    config = run.config
    margin = (
        w("Revenue, not margin.")
        if config.gross_margin == 1
        else w("Margin {share} applied.", share=w.percent(config.gross_margin))
    )
    discount = (
        w("Not discounted.")
        if config.annual_discount_rate == 0
        else w("Discounted at {share} a year.", share=w.percent(config.annual_discount_rate))
    )
    return f"{margin} {discount}"
