"""SECURITY.md says what is so: its table of roles is the program's, and its tests exist.

What it says of guessing and of being locked out is acted out here, number by number.
"""

from __future__ import annotations

import ast
import datetime as dt
import inspect
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from app.accounts import sessions, throttle
from app.accounts.addresses import _ONE_SITE
from app.accounts.roles import CAPABILITIES, ROLES, allowed
from app.accounts.users import add_user
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


GUESSING = (
    f"Guessing waits after {throttle.MOST_WRONG} tries for a name from one address, "
    f"{throttle.MOST_FROM_ADDRESS} from one address and {throttle.MOST_FOR_NAME} for one name, "
    f"for {throttle.WINDOW.seconds // 60} minutes at most; an IPv6 network of {_ONE_SITE} bits "
    "is one address"
)
LOCKED_OUT = (
    f"An address that a name was signed in from within {sessions.LATELY.days} days is exempt from "
    f"the {throttle.MOST_FOR_NAME} for that name, so that nobody elsewhere locks its owner out "
    f"there; from any other address they may have to wait as long as strangers go on"
)
NOON = dt.datetime(2024, 6, 30, 12, tzinfo=dt.UTC)


@pytest.fixture
def tries(tmp_path, monkeypatch) -> Callable[..., list[bool]]:
    """Try names from addresses, so many minutes after noon, and tell which did not wait."""
    monkeypatch.setenv("CLV_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(sessions, "utc_now", lambda: NOON)

    def tries_(names: list[str], addresses: list[str], minutes: float = 0.0) -> list[bool]:
        now = NOON + dt.timedelta(minutes=minutes)
        pairs = [(name, address) for name in names for address in addresses]
        return [not throttle.begin_try(name, address, now=now) for name, address in pairs]

    return tries_


def test_guessing_waits_as_promised(tries):
    assert GUESSING in TEXT
    assert tries(["ana"] * 7, ["192.0.2.1"]) == [True] * 5 + [False] * 2
    assert tries([f"user{n}" for n in range(20)], ["192.0.2.1"]) == [True] * 15 + [False] * 5
    assert tries(["bo"] * 6, [f"192.0.2.{n}" for n in range(2, 9)]).count(True) == 30
    site = [f"2001:db8:7:{number:x}::{number:x}" for number in range(9)]
    assert tries(["eva"], site) == [True] * 5 + [False] * 4
    assert tries(["eva"], ["2001:db8:8::1"]) == [True]
    waiting = [("ana", "192.0.2.1"), ("bo", "198.51.100.7"), ("eva", site[0])]
    assert [tries([name], [address], 14.9) for name, address in waiting] == [[False]] * 3
    assert [tries([name], [address], 15) for name, address in waiting] == [[True]] * 3


@pytest.mark.parametrize("strangers", [range(2, 9), range(2, 20)], ids=["few", "many"])
def test_strangers_lock_an_owner_out_only_where_it_is_said(tries, strangers):
    assert LOCKED_OUT in TEXT
    add_user("ana", "correct horse battery", role="analyst")
    sessions.begin("ana", "198.51.100.7")
    days = 60.0 * 24
    for minutes in (1, 16, 31, days, 29.9 * days):
        tries(["ana"] * 5, [f"192.0.2.{n}" for n in strangers], minutes)
        assert tries(["ana"], ["198.51.100.7", "198.51.100.8"], minutes) == [True, False]
    tries(["ana"] * 5, [f"192.0.2.{n}" for n in strangers], 30.1 * days)
    assert tries(["ana"], ["198.51.100.7"], 30.1 * days) == [False]


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
