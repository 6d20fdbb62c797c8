"""How Babel finds the sentences people may read: ``make words`` keeps the catalogues complete.

``babel.cfg`` names ``extract`` as the method for our files, and those that are not translated. A
test fails while a sentence has no words, or a catalogue keeps one that nothing says.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from app.words.text import catalogue_path

ONE, PLURAL = ("w", "msg", "self"), "plural"
Message = str | tuple[str, ...]
Found = tuple[int, str, Message, list[str]]


def extract(
    stream: BinaryIO, keywords: object, comment_tags: object, options: Mapping[str, Any]
) -> Iterator[Found]:
    """Yield what a file says, in the form Babel asks of an extraction method.

    Its own for Python sees literals in calls alone: not named constants, both arms of a choice,
    the templates of errors and notices, or the words of actions.
    """
    del keywords, comment_tags, options
    for message in said(stream.read().decode()):
        yield 1, "gettext" if isinstance(message, str) else "ngettext", message, []


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


def read_catalogue(language: str) -> Catalog:
    """Return a language's catalogue as it is."""
    with catalogue_path(language).open("rb") as stream:
        return read_po(stream, locale=language)
