"""What to do about each group, and why now, in words."""

from __future__ import annotations

from app.words.text import Words
from clvcore.records.columns import ACTIVE, AT_RISK, COOLING, LOST
from clvcore.value.actions import WORDS


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
