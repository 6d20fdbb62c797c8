"""Sentences in the three languages, as the pages, the report and the interface would say them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.services import runs
from app.words.run_in_view import RunInView
from app.words.text import LANGUAGES, Words, words_for

InThree = Callable[[Callable[[Words], str]], list[str]]


@pytest.fixture
def shown(filled_home) -> RunInView:
    """The forecast of the shop's orders: 397 customers, in euro, over 12 months."""
    run_id = filled_home.run_id
    return RunInView(runs.find("local", run_id), runs.load("local", run_id))


@pytest.fixture
def changed() -> Callable[..., RunInView]:
    """Return the same forecast with other parts."""

    def change(shown: RunInView, **parts: object) -> RunInView:
        return RunInView(shown.entry, replace(shown.run, **parts))

    return change


@pytest.fixture
def in_three() -> InThree:
    """Say a sentence in English, Spanish and Portuguese; spaces that do not break become plain."""

    def say(sentence: Callable[[Words], str]) -> list[str]:
        said = [sentence(words_for(language)) for language in LANGUAGES]
        return [text.replace("\u00a0", " ").replace("\u202f", " ") for text in said]

    return say
