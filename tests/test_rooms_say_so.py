"""What each room says of itself: what is inside, what it may import, where to begin."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.test_architecture import FLOORS, ROOT, files, imports

ROOMS = [
    ROOT / package / room
    for package, floors in FLOORS.items()
    for rooms in floors
    for room in rooms
    if (ROOT / package / room).is_dir()
]


def below(package: str, room: str) -> set[str]:
    """The rooms on floors below."""
    floors = FLOORS[package]
    height = next(height for height, rooms in enumerate(floors) if room in rooms)
    return {name for rooms in floors[:height] for name in rooms}


def may_import(doc: str, lower: set[str]) -> set[str]:
    """The rooms a docstring allows; every one below where it says so, but those it names."""
    said = re.search(r"May import:(.+?)\.(\s|$)", doc, re.S)
    assert said, "does not say what it may import"
    named = set(re.findall(r"``(\w+)``", said[1]))
    if said[1].strip().startswith("every room"):
        return lower - named
    assert named or "nothing" in said[1], "names no room"
    return named


def used(folder: Path) -> set[str]:
    """The rooms of its own package that a room imports."""
    package = folder.parent.name
    names = set().union(*(imports(path) for path in files(f"{package}/{folder.name}")))
    return {n.split(".")[1] for n in names if n.startswith(f"{package}.")} - {folder.name}


@pytest.mark.parametrize("folder", ROOMS, ids=lambda f: f"{f.parent.name}/{f.name}")
def test_a_room_says_what_is_inside_what_it_may_import_and_where_to_begin(folder):
    doc = ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
    lower = below(folder.parent.name, folder.name)
    allowed = may_import(doc, lower)
    assert allowed <= lower
    assert used(folder) & lower <= allowed
    begin = re.search(r"Begin\s+with\s+``([\w.]+)``", doc)
    assert begin, "does not say where to begin"
    assert (folder / begin[1]).exists()


def test_a_planted_docstring_is_read():
    assert may_import("A.\n\nMay import: ``records`` and\n``arrays``. Begin.", set()) == {
        "records", "arrays",
    }  # fmt: skip
    assert may_import("May import: every room but ``a``.", {"a", "b"}) == {"b"}
    with pytest.raises(AssertionError, match="does not say"):
        may_import("Nothing said.", {"a"})
