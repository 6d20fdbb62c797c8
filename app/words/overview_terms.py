"""The cut-offs of a forecast, and what its value means."""

from __future__ import annotations

from app.words.segments import risk_names, risk_ranges
from app.words.text import Words
from clvcore.records.columns import RISKS
from clvcore.records.run import Run

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
