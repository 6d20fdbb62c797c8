"""The table of actions is read without cut words, in every language, on a screen of 1280."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit
from PIL import ImageFont

from app.widgets.segment_panels import CAP, COUNT, STAKE, WHAT, WHO
from app.words.groups import action_words, reason_words, risk_names, segment_names
from app.words.text import LANGUAGES, words_for

TABLE_AT_1280 = 854
PADDING = 16
PIXELS, WEIGHT = 13.125, 400
FONTS = Path(streamlit.__file__).parent / "static/static/media"


@pytest.fixture(scope="module")
def width():
    """Pixels a cell needs for a text, in the font the pages are set in."""
    (file,) = FONTS.glob("SourceSansVF-Upright*.woff2")
    font = ImageFont.truetype(file, 1000)
    font.set_variation_by_axes([WEIGHT])
    return lambda text: font.getlength(text) * PIXELS / 1000 + PADDING


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_fits_its_column(width, language):
    w = words_for(language)
    who = [f"{v} · {r}" for v in segment_names(w).values() for r in risk_names(w).values()]
    left = TABLE_AT_1280 - (WHO + WHAT + COUNT + STAKE + CAP)
    columns = [
        (WHO, [*who, w("Who")]),
        (WHAT, [*action_words(w).values(), w("What to do")]),
        (COUNT, [w("Customers"), w.count(999_999)]),
        (STAKE, [w("At stake") + ", US$"]),
        (CAP, [w("Cap") + ", US$", w.count(999_999)]),
        (left, [*reason_words(w).values(), w("Why now")]),
    ]
    cut = [(text, round(width(text))) for room, texts in columns for text in texts
           if width(text) > room]  # fmt: skip
    assert cut == []
