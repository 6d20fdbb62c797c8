"""What is installed is what was tested: every package once, with its hashes and no address.

Two locks: what runs, and all of that with what tests it.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions, requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
RUNS, TESTS = "requirements.lock", "requirements-test.lock"
LOCKS = {name: (ROOT / name).read_text("utf-8") for name in (RUNS, TESTS)}
TOML = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = TOML["project"]
TEST_PACKAGES = PROJECT["optional-dependencies"]["test"]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
_ENTRY = re.compile(
    r"^([a-z0-9][a-z0-9.-]*)==(\S+)(?: ;.*)? \\\n((?:    --hash=.*\n)+)", re.MULTILINE
)
# the first versions without a hole that was published; an older one must not come back
FLOORS = {"streamlit": "1.54", "starlette": "1.1.0", "pyarrow": "14.0.1", "jinja2": "3.1.6"}
EDITABLE = "editables"  # hatchling asks for it only when it builds what is edited in place

lock = pytest.mark.parametrize("lock", LOCKS)


def _locked(lock: str) -> dict[str, Version]:
    return {name: Version(number) for name, number, _ in _ENTRY.findall(LOCKS[lock])}


def _needed(lines: list[str]) -> set[str]:
    """Return what these lines ask for and all that it asks for, on this machine."""
    found: set[str] = set()
    seen: set[tuple[str, str]] = set()
    waiting = [(Requirement(line), "") for line in lines]
    while waiting:
        wanted, extra_of = waiting.pop()
        if wanted.marker and not wanted.marker.evaluate({"extra": extra_of}):
            continue
        name = canonicalize_name(wanted.name)
        found.add(name)
        for extra in {"", *wanted.extras}:
            if (name, extra) not in seen:
                seen.add((name, extra))
                waiting += [(Requirement(line), extra) for line in requires(name) or []]
    return found


@lock
def test_every_line_of_the_lock_is_a_package_its_hashes_or_a_comment(lock):
    rest = _ENTRY.sub("", LOCKS[lock])
    assert [line for line in rest.splitlines() if line.strip() and not re.match(r" *#", line)] == []
    names = [name for name, _, _ in _ENTRY.findall(LOCKS[lock])]
    assert len(names) == len(set(names)) > 60
    for _, _, hashes in _ENTRY.findall(LOCKS[lock]):
        assert re.fullmatch(r"(    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", hashes)


@lock
def test_the_lock_names_no_index_and_no_address(lock):
    for mark in (
        "://",
        "--index-url",
        "--extra-index-url",
        "--find-links",
        "--trusted-host",
        " @ ",
    ):
        assert mark not in LOCKS[lock]


def test_what_tests_holds_what_runs_in_the_same_versions():
    runs, tests = _locked(RUNS), _locked(TESTS)
    assert {name: tests.get(name) for name in runs} == runs
    hashes = [{n: h for n, _, h in _ENTRY.findall(LOCKS[lock]) if n in runs} for lock in LOCKS]
    assert hashes[0] == hashes[1]


def test_what_runs_is_what_the_project_needs_and_nothing_that_only_tests():
    needed = _needed([*PROJECT["dependencies"], *TOML["build-system"]["requires"]])
    # what other machines need is locked under a marker, and not installed on this one
    elsewhere = set(re.findall(r"^([a-z0-9.-]+)==\S+ ;", LOCKS[RUNS], re.MULTILINE))
    assert set(_locked(RUNS)) - elsewhere == needed - elsewhere | {EDITABLE}
    direct = {canonicalize_name(Requirement(line).name) for line in TEST_PACKAGES}
    assert not direct & set(_locked(RUNS))
    assert direct <= set(_locked(TESTS))


def test_the_product_imports_only_what_runs():
    named = {
        name.split(".")[0]
        for package in ("app", "clvcore")
        for file in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        for name in _named_in(node)
    }
    providers = packages_distributions()
    foreign = named - set(sys.stdlib_module_names) - {"app", "clvcore"}
    assert {"pandas", "streamlit", "starlette"} <= foreign
    runs = set(_locked(RUNS))
    unknown = [
        name
        for name in sorted(foreign)
        if not runs & {canonicalize_name(by) for by in providers.get(name, [])}
    ]
    assert unknown == []


def _named_in(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []


def test_what_tests_is_all_that_is_needed_to_test():
    lines = [*PROJECT["dependencies"], *TOML["build-system"]["requires"], *TEST_PACKAGES]
    assert _needed(lines) <= set(_locked(TESTS))


@pytest.mark.parametrize("line", [*PROJECT["dependencies"], *TEST_PACKAGES])
def test_what_the_project_asks_for_is_locked_within_its_bounds(line):
    wanted = Requirement(line)
    if wanted.marker is None or wanted.marker.evaluate():
        lock = TESTS if line in TEST_PACKAGES else RUNS
        assert wanted.specifier.contains(_locked(lock)[wanted.name.lower()])


def test_what_is_locked_is_what_the_tests_run_on():
    for name in ("streamlit", "starlette", "uvicorn", "h11", "pandas", "pyarrow", "bcrypt"):
        assert version(name) == str(_locked(RUNS)[name])
    for name in ("pytest", "httpx", "ruff", "mypy"):
        assert version(name) == str(_locked(TESTS)[name])


def test_no_version_with_a_known_hole_comes_back():
    for name, floor in FLOORS.items():
        assert _locked(RUNS)[name] >= Version(floor)


def _rule(target: str) -> tuple[str, str]:
    """Return what a target of the Makefile waits for, and what it does."""
    found = re.search(rf"^{re.escape(target)}: ?(.*)\n((?:\t.*(?:\n|$))*)", MAKEFILE, re.MULTILINE)
    assert found, target
    return found[1].split("#")[0].strip(), found[2]


def test_run_installs_what_runs_and_test_what_tests():
    assert _rule("run")[0] == "$(READY)"
    for target in ("lint", "cover", "bench", "fuzz", "screenshots", "soak", "load"):
        assert _rule(target)[0] == "$(TEST_READY)"
    assert _rule("test")[0] == "lint"
    for mark, own, other in (("READY", RUNS, TESTS), ("TEST_READY", TESTS, RUNS)):
        waits, does = _rule(f"$({mark})")
        assert own in waits.split()
        assert f"--require-hashes -r {own}\n" in does
        assert other not in waits + does
    for name in LOCKS:
        assert f"-o {name} pyproject.toml\n" in _rule("lock")[1]
