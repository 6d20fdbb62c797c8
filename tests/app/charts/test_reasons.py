"""Every reason the ledger may give is said in words, on pages and on the terminal."""

from __future__ import annotations

import pytest

from app.charts import quality
from app.words.text import LANGUAGES, words_for
from clvcore.cli.words import reason_words
from clvcore.features.ledger import AFTER
from clvcore.ingest.ledger import REASONS, WINSORISED
from clvcore.store.forget import FORGOTTEN

EVERY = {*REASONS[1:], WINSORISED, AFTER, FORGOTTEN}


def test_the_pages_have_words_for_these_reasons_and_no_others():
    assert set(quality.REASONS) == EVERY


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_reasons_are_called_the_same(language):
    w = words_for(language)
    assert len({quality.reason_name(reason, w) for reason in EVERY}) == len(EVERY)


def test_the_terminal_shows_no_code():
    said = {reason_words(reason) for reason in EVERY}
    assert len(said) == len(EVERY)
    assert not [words for words in said if "_" in words]
