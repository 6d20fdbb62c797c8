"""Write an amount of money the way each language does: £6.74 M; 6,74 M £; £ 6,74 mi.

Babel knows separators and signs; its own compact currencies differ from what people read in
business pages (``£12.3K``, ``6,74 MGBP``), so sign, space and suffix are placed here.
"""

from __future__ import annotations

import math
from functools import lru_cache

from babel.numbers import get_currency_symbol

from app.words.numerals import decimal

NO_BREAK, NARROW = "\u00a0", "\u202f"
MINUS = "\u2212"
FULL_BELOW = 10_000.0
SUFFIXES = {
    "en": ((1e9, "B"), (1e6, "M"), (1e3, "k")),
    "es": ((1e6, "M"), (1e3, "mil")),
    "pt": ((1e9, "bi"), (1e6, "mi"), (1e3, "mil")),
}


@lru_cache(maxsize=1_000)
def symbol(currency: str | None, language: str) -> str:
    """Return the shortest sign of a currency that is still clear in this language."""
    if not currency:
        return ""
    sign = get_currency_symbol(currency, locale=language)
    return get_currency_symbol(currency, locale="en") if sign == currency else sign


def amount(value: float, language: str) -> str:
    """Return the number alone: in full below 10,000, three significant digits above."""
    if not math.isfinite(value):
        return "–"
    size = abs(value)
    sign = MINUS if value < 0 else ""
    if size < 0.005:
        return "0"
    if size < 99.995 and not float(size).is_integer():
        return sign + decimal(round(size, 2), "#,##0.00", language)
    if round(size) < FULL_BELOW:
        return sign + decimal(round(size), "#,##0", language)
    rounded = float(f"{size:.3g}")
    scale, suffix = next((s for s in SUFFIXES[language] if rounded >= s[0]), (1.0, ""))
    scaled = rounded / scale
    decimals = max(0, 3 - len(str(int(scaled))))
    pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
    return sign + decimal(scaled, pattern, language) + NARROW + suffix


def money(value: float, currency: str | None, language: str) -> str:
    """Return an amount with its sign, placed as the language has it."""
    return signed(amount(value, language), symbol(currency, language), language)


def signed(text: str, sign: str, language: str) -> str:
    """Put a currency sign to a number that is already written."""
    if not sign or text == "–":
        return text
    minus, digits = (MINUS, text[1:]) if text.startswith(MINUS) else ("", text)
    if language == "es":
        return f"{minus}{digits}{NO_BREAK}{sign}"
    space = NO_BREAK if language == "pt" or sign.isalpha() else ""
    return f"{minus}{sign}{space}{digits}"


def axis_labels(values: list[float], currency: str | None, language: str) -> list[str]:
    """Write the ticks of one axis with one suffix for all: £0, £0.4 M, £0.8 M."""
    largest = max((abs(v) for v in values), default=0.0)
    scales = (*SUFFIXES[language], (1.0, ""))
    scale, suffix = next((s for s in scales if largest >= s[0] * 0.999), scales[-1])
    if largest < FULL_BELOW:
        scale, suffix = 1.0, ""
    steps = [v / scale for v in values]
    decimals = next((d for d in range(4) if all(abs(v - round(v, d)) < 1e-6 for v in steps)), 3)
    pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
    sign = symbol(currency, language)
    written = []
    for value, step in zip(values, steps, strict=True):
        digits = decimal(abs(step), pattern, language)
        minus = MINUS if value < 0 else ""
        end = NARROW + suffix if suffix and value else ""
        text = "0" if value == 0 else minus + digits + end
        written.append(signed(text, sign, language) if value else "0")
    return written
