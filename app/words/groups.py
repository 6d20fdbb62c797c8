"""What the groups of a measurement are called: everybody, how often they bought, value, date."""

from __future__ import annotations

import datetime as dt

from app.words.cohorts import cohort_name
from app.words.text import Words
from clvcore.records.columns import FREQUENCY_CLASSES, SEGMENTS


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
