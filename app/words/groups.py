"""What groups are called: value, risk, frequency, cohort and date; and what to do about each."""

from __future__ import annotations

import datetime as dt

from app.words.cohorts import cohort_name
from app.words.text import Words
from clvcore.records.columns import ACTIVE, AT_RISK, COOLING, FREQUENCY_CLASSES, LOST, SEGMENTS
from clvcore.value.actions import WORDS


def frequency_names(w: Words) -> dict[str, str]:
    """Return the classes by days on which somebody bought, the first one counted."""
    words = (w("Bought on 1 day"), w("Bought on 2 to 4 days"), w("Bought on 5 days or more"))
    return dict(zip(FREQUENCY_CLASSES, words, strict=True))


def value_names(w: Words) -> dict[str, str]:
    """Return the three value groups as they stand in a list of mixed groups."""
    words = (w("High value"), w("Medium value"), w("Low value"))
    return dict(zip(SEGMENTS, words, strict=True))


def group_name(w: Words, scope: str, key: object) -> str:
    """Return a group of a coverage report or of past totals in words; unknown keys stay."""
    text = str(key)
    if scope == "all":
        return w("Everybody")
    if scope == "frequency":
        return frequency_names(w).get(text, text)
    if scope == "segment":
        return value_names(w).get(text, text)
    if scope == "origin":
        return w("From {day}", day=dt.date.fromisoformat(text[:10]))
    return cohort_name(w, text)


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


def action_words(w: Words) -> dict[str, str]:
    """Return the words of every action code."""
    return {code: w(words) for code, words in WORDS.items()}


def reason_words(w: Words) -> dict[str, str]:
    """Return why a group needs something now, by risk; short enough for one line."""
    return {
        ACTIVE: w("Buying steadily"),
        COOLING: w("Late; most return"),
        AT_RISK: w("Long silent"),
        LOST: w("Almost surely gone"),
    }
