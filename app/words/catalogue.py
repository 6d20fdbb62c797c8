"""Find every sentence people may read, and keep the catalogues complete.

``python -m app.words.catalogue`` adds new sentences to the ``.po`` files, without words, and
takes out those that nothing says any more; a test fails while one has no words.
"""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from app.words.text import CATALOGUES, LANGUAGES

ROOT = Path(__file__).parents[2]
# The command line speaks English, also where it starts or keeps a server; pages are translated.
ENGLISH_ONLY = (
    "app/cli/", "app/server/guard.py", "app/server/start.py", "app/storage/archive.py",
    "app/services/backup.py",
    "app/storage/copies.py", "app/storage/database/", "app/storage/settings.py",
    "app/services/erase.py", "app/storage/replaced.py", "app/storage/validity.py",
    "clvcore/cli/", "clvcore/sample/",
)  # fmt: skip
ONE, PLURAL = ("w", "msg", "self"), "plural"
HEADER = """# Words of the dashboard: {language}. Kept complete by python -m app.words.catalogue.
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
Message = str | tuple[str, ...]


def messages() -> dict[Message, str]:
    """Return every message with the first file that says it, in the order of the files."""
    found: dict[Message, str] = {}
    for package in ("app", "clvcore"):
        for path in sorted((ROOT / package).rglob("*.py")):
            place = path.relative_to(ROOT).as_posix()
            if place.startswith(ENGLISH_ONLY):
                continue
            for message in said(path.read_text(encoding="utf-8")):
                found.setdefault(message, place)
    return found


def said(source: str) -> Iterator[Message]:
    """Yield what a file says: translated calls, errors, notices and the words of actions."""
    tree = ast.parse(source)
    constants = _constants(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and _name(node.targets[0]) == "WORDS":
            words = node.value.values if isinstance(node.value, ast.Dict) else []
            yield from (text for value in words for text in _texts(value, constants))
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = _name(node.func)
        if name in ONE:
            yield from _texts(node.args[0], constants)
        elif name == PLURAL:
            one, many = (_texts(argument, constants) for argument in node.args[:2])
            yield from zip(one, many, strict=True)
        elif name.endswith(("Error", "Notice")) and len(node.args) >= 2:
            yield from _texts(node.args[1], constants)


def _texts(node: ast.expr, constants: dict[str, str]) -> list[str]:
    """Return the text of a literal, of a named constant, or of both arms of a choice."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.Name) and node.id in constants:
        return [constants[node.id]]
    if isinstance(node, ast.IfExp):
        return _texts(node.body, constants) + _texts(node.orelse, constants)
    return []


def _constants(tree: ast.Module) -> dict[str, str]:
    return {
        _name(node.targets[0]): node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def catalogue_path(language: str) -> Path:
    """Return the file of a language."""
    return CATALOGUES / language / "LC_MESSAGES" / "clv.po"


def read_catalogue(language: str) -> Catalog:
    """Return a language's catalogue as it is."""
    with catalogue_path(language).open("rb") as stream:
        return read_po(stream, locale=language)


def update() -> dict[str, int]:
    """Bring every catalogue up to date; return how many sentences each still misses."""
    found, missing = messages(), {}
    for language in LANGUAGES[1:]:
        known = read_catalogue(language)
        fresh = Catalog(locale=language, charset="utf-8", fuzzy=False)
        for message, place in found.items():
            old = known.get(message if isinstance(message, str) else message[0])
            words = old.string if old and old.id == message else None
            fresh.add(message, words, locations=[(place, 0)])
        written = io.BytesIO()
        write_po(written, fresh, width=100, omit_header=True, include_lineno=False)
        text = HEADER.format(language=language) + written.getvalue().decode().lstrip()
        catalogue_path(language).write_text(text, encoding="utf-8")
        missing[language] = len(untranslated(fresh))
    return missing


def untranslated(catalogue: Catalog) -> list[Message]:
    """Return the messages of a catalogue that have no words."""
    return [
        message.id if isinstance(message.id, str) else tuple(message.id)
        for message in catalogue
        if message.id
        and not (all(message.string) if isinstance(message.string, tuple) else message.string)
    ]


if __name__ == "__main__":
    for language_, count in update().items():
        sys.stdout.write(f"{language_}: {count} sentences without words\n")
