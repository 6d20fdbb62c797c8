"""No sentence without words, and no translation that loses a number."""

from __future__ import annotations

import string
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

from app.words.catalogue import read_catalogue, said
from app.words.text import LANGUAGES

FOREIGN = LANGUAGES[1:]
ROOT = Path(__file__).parents[3]


def _fields(text: str) -> Counter[tuple[str, str | None, str | None]]:
    parts = string.Formatter().parse(text)
    return Counter((name, spec, how) for _, name, spec, how in parts if name is not None)


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> dict:
    """All that pages and engine say, by where they say it: what ``make words`` would find."""
    template = tmp_path_factory.mktemp("words") / "clv.pot"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        CommandLineInterface().run(
            ["pybabel", "--quiet", "extract", "-F", "babel.cfg", "-o", str(template), "."]
        )
    with template.open("rb") as stream:
        return {m.id: m.locations[0][0] for m in read_po(stream) if m.id}


def _untranslated(catalogue: Catalog) -> list:
    """The messages of a catalogue that have no words."""
    texts = ((m.id, m.string if isinstance(m.string, tuple) else (m.string,)) for m in catalogue)
    return [name for name, strings in texts if name and not all(strings)]


@pytest.mark.parametrize("language", FOREIGN)
def test_every_sentence_of_pages_and_engine_has_words(found, language):
    known = {message.id for message in read_catalogue(language)}
    missing = [message for message in found if message not in known]
    assert not missing, "run make words and translate what it adds"
    assert not _untranslated(read_catalogue(language))


@pytest.mark.parametrize("language", FOREIGN)
def test_no_catalogue_keeps_sentences_that_nothing_says(found, language):
    assert not [m.id for m in read_catalogue(language) if m.id and m.id not in found]


@pytest.mark.parametrize("language", FOREIGN)
def test_translations_fill_in_the_same_values_in_the_same_form(language):
    for message in read_catalogue(language):
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        for source, translated in zip(ids, strings, strict=True):
            if not translated:
                continue  # counted as missing above
            assert _fields(translated) == _fields(source), translated


@pytest.mark.parametrize("language", FOREIGN)
def test_icons_survive_translation(language):
    for message in read_catalogue(language):
        if isinstance(message.id, str) and message.id.startswith(":material/"):
            assert message.string.split(" ")[0] == message.id.split(" ")[0]


def test_one_sentence_has_one_meaning(found):
    """A catalogue finds a plural by its singular, so no singular may have two plurals."""
    singulars = Counter(m if isinstance(m, str) else m[0] for m in found)
    assert [text for text, times in singulars.items() if times > 1] == []


def test_the_search_sees_every_way_to_say_something():
    source = """
NOTE = "a constant"
WORDS = {"code": "an action"}
def page(w, canvas):
    w("a call", month=canvas.w("nested"))
    w.plural("{n} one", "{n} " "many", 3)
    raise ConfigError("CODE", "an error" if w else "another")
    Notice("CODE", NOTE)
    msg("marked")
"""
    assert set(said(source)) == {
        "a call", "nested", ("{n} one", "{n} many"), "an error", "another", "a constant",
        "marked", "an action",
    }  # fmt: skip


def test_the_search_finds_the_engine_and_the_pages(found):
    assert len(found) > 300
    assert found["{model} was set aside for {following}: {reason}"].startswith("clvcore/")
    assert found["What to do, for whom, and the most it is worth spending"].startswith("app/")
