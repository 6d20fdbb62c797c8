"""Numbers by Babel's patterns, without reading pattern and locale again for each of thousands."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale
from babel.numbers import NumberPattern, parse_pattern


def decimal(value: float, pattern: str, language: str) -> str:
    """Write a number as ``babel.numbers.format_decimal`` does.

    Examples
    --------
    >>> decimal(1234.5, "#,##0.00", "es")
    '1234,50'
    """
    return str(_pattern(pattern).apply(value, _locale(language)))


def percent(share: float, pattern: str | None, language: str) -> str:
    """Write a share as ``babel.numbers.format_percent`` does; no pattern is the language's own."""
    locale = _locale(language)
    known = _pattern(pattern) if pattern else locale.percent_formats[None]
    return str(known.apply(share, locale))


@lru_cache(maxsize=100)
def _pattern(pattern: str) -> NumberPattern:
    return parse_pattern(pattern)


@lru_cache(maxsize=10)
def _locale(language: str) -> Locale:
    return Locale.parse(language)
