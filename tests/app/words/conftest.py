"""Sentences in the three languages, as the pages, the report and the interface would say them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.words.text import LANGUAGES, Words, words_for

InThree = Callable[[Callable[[Words], str]], list[str]]


@pytest.fixture
def in_three() -> InThree:
    """Say a sentence in English, Spanish and Portuguese; spaces that do not break become plain."""

    def say(sentence: Callable[[Words], str]) -> list[str]:
        said = [sentence(words_for(language)) for language in LANGUAGES]
        return [text.replace("\u00a0", " ").replace("\u202f", " ") for text in said]

    return say
