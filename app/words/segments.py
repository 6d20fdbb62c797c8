"""Names and cut-offs of value groups and risks."""

from __future__ import annotations

from app.words.text import Words
from clvcore.records.columns import ACTIVE, AT_RISK, COOLING, LOST, SEGMENTS


def risk_names(w: Words) -> dict[str, str]:
    """Return the words of the four risks."""
    return {
        ACTIVE: w("Active"),
        COOLING: w("Cooling"),
        AT_RISK: w("At risk"),
        LOST: w("Lost"),
    }


def segment_names(w: Words) -> dict[str, str]:
    """Return the words of the three value groups."""
    return dict(zip(SEGMENTS, (w("High"), w("Medium"), w("Low")), strict=True))


def risk_ranges(cutoffs: dict[str, float], w: Words) -> dict[str, str]:
    """Say each risk's range of the chance of still being a customer."""
    active, cooling, at_risk = (
        cutoffs[key] for key in ("active_from", "cooling_from", "at_risk_from")
    )

    def span(low: float, high: float) -> str:
        return f"{w.count(low * 100)}–{w.percent(high - 0.01)}"

    return {
        ACTIVE: w("{share} and over", share=w.percent(active)),
        COOLING: span(cooling, active),
        AT_RISK: span(at_risk, cooling),
        LOST: w("under {share}", share=w.percent(at_risk)),
    }
