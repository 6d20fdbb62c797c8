"""SECURITY.md says what is so: its table of roles is the program's, and its tests exist."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

from app.accounts.roles import CAPABILITIES, ROLES, allowed
from app.widgets import drawn_once

TESTS = Path(__file__).parent
TEXT = TESTS.with_name("SECURITY.md").read_text("utf-8")
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")


def _rows(heading: str) -> list[list[str]]:
    """The cells of the table that follows a heading, its own head included."""
    after = TEXT.split(f"{heading}\n", 1)[1]
    table = re.search(r"(?:^\|.*\n)+", after, re.MULTILINE)[0]
    rows = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in table.splitlines()]
    return [rows[0], *rows[2:]]


def test_the_table_of_roles_is_what_the_program_does():
    head, *rows = _rows("## Who may do what")
    assert tuple(head[1:]) == ROLES
    told = {row[0]: [cell == "yes" for cell in row[1:]] for row in rows}
    assert told == {name: [allowed(role, name) for role in ROLES] for name in CAPABILITIES}
    assert {cell for row in rows for cell in row[1:]} == {"yes", "–"}


def test_every_promise_names_tests_that_exist():
    promised = TEXT.split("## What this release promises", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in promised.splitlines() if re.match(r"\| (?!promise|-)", line)]
    assert len(lines) > 20
    assert [line for line in lines if not NAMED.search(line)] == []
    named = set(NAMED.findall(TEXT))
    missing = [(file, test) for file, test in named if test not in _tests_of(TESTS / file)]
    assert missing == []


ROWS = [
    f"{letter}{n}" for letter, most in (("W", 19), ("A", 12), ("R", 10)) for n in range(1, most + 1)
]


def test_the_map_has_every_row_once_with_a_test_or_a_reason():
    head, *rows = _rows("## The map")
    assert len(head) == 3
    assert [row[0] for row in rows] == ROWS
    for _, told, proof in rows:
        assert told
        assert NAMED.search(proof) or len(proof) > 40
        # whatever looks like a test is one that test_every_promise_... looks for
        assert proof.count("::") == len(NAMED.findall(proof))


UNUSED = {
    "cache_data",
    "cache_resource",
    "download_button",
    "login",
    "logout",
    "user",
    "connection",
}


def test_the_framework_neither_caches_nor_hands_out_nor_signs_in():
    """Its caches are shared and take frames by a sample; its links answer to everybody.

    One file uses them for what is drawn of saved content, and tells it apart by one text.
    """
    used = [
        f"{file.name}: {node.attr}"
        for file in (TESTS.parent / "app").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "st"
        and node.attr in UNUSED
    ]
    assert set(used) == {"drawn_once.py: cache_data"}
    for cached in (drawn_once._drawn, drawn_once._made):
        told_apart, not_looked_at = inspect.signature(cached).parameters.values()
        assert told_apart.annotation == "str"
        assert not_looked_at.name.startswith("_")


def _tests_of(file: Path) -> set[str]:
    found = ast.walk(ast.parse(file.read_text("utf-8"))) if file.exists() else ()
    return {node.name for node in found if isinstance(node, ast.FunctionDef)}
