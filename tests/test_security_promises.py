"""SECURITY.md says what is so: its table of roles is the program's, and its tests exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from app.accounts.roles import CAPABILITIES, ROLES, allowed

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


def _tests_of(file: Path) -> set[str]:
    found = ast.walk(ast.parse(file.read_text("utf-8"))) if file.exists() else ()
    return {node.name for node in found if isinstance(node, ast.FunctionDef)}
