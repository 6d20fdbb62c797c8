"""Which language an answer speaks, told from ``Accept-Language``; a strange header is English."""

from __future__ import annotations

import re

from app.words.text import LANGUAGES

LONGEST_HEADER = 500
_TAG = re.compile(r"[a-zA-Z]{1,8}(?:[-_][a-zA-Z0-9]{1,8})*|\*")
_QUALITY = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)


def language_of(header: str | None) -> str:
    """Return the best wished language there is: the highest ``q``, the first of equals.

    Examples
    --------
    >>> language_of("pt-BR;q=0.9,en;q=0.5"), language_of("zh, *"), language_of(None)
    ('pt', 'en', 'en')
    """
    best, best_quality = LANGUAGES[0], 0.0
    for wish in (header or "")[:LONGEST_HEADER].split(","):
        tag, *parameters = (part.strip() for part in wish.split(";"))
        quality = _quality(parameters)
        short = re.split("[-_]", tag)[0].lower()
        if _TAG.fullmatch(tag) and short in LANGUAGES and quality > best_quality:
            best, best_quality = short, quality
    return best


def _quality(parameters: list[str]) -> float:
    if not parameters:
        return 1.0
    found = _QUALITY.fullmatch(parameters[0])
    return float(found.group(1)) if found else 0.0
