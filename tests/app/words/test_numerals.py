"""Numbers are written as Babel writes them."""

from __future__ import annotations

import pytest
from babel.numbers import format_decimal, format_percent

from app.words import numerals
from app.words.text import LANGUAGES

VALUES = (0, -1.5, 1234.567, 0.005, 1e9, 12.345, 99_999.995, 2.5, 3.5, 1e-7, 7.0, 10**15)


@pytest.mark.parametrize("language", LANGUAGES)
def test_they_are_babels(language):
    for value in VALUES:
        for pattern in ("#,##0", "#,##0.0", "#,##0.00", "#,##0.000"):
            known = format_decimal(value, pattern, locale=language)
            assert numerals.decimal(value, pattern, language) == known
        for pattern in (None, "#,##0.0%", "#,##0.00\u00a0%"):
            known = format_percent(value, pattern, locale=language)
            assert numerals.percent(value, pattern, language) == known
