"""What is installed is what was tested: every package once, with its hashes and no address."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
_ENTRY = re.compile(
    r"^([a-z0-9][a-z0-9.-]*)==(\S+)(?: ;.*)? \\\n((?:    --hash=.*\n)+)", re.MULTILINE
)
# the first versions without a hole that was published; an older one must not come back
FLOORS = {"streamlit": "1.54", "starlette": "1.1.0", "pyarrow": "14.0.1", "jinja2": "3.1.6"}


def _locked() -> dict[str, Version]:
    return {name: Version(number) for name, number, _ in _ENTRY.findall(LOCK)}


def test_every_line_of_the_lock_is_a_package_its_hashes_or_a_comment():
    rest = _ENTRY.sub("", LOCK)
    assert [line for line in rest.splitlines() if line.strip() and not re.match(r" *#", line)] == []
    names = [name for name, _, _ in _ENTRY.findall(LOCK)]
    assert len(names) == len(set(names)) > 80
    for _, _, hashes in _ENTRY.findall(LOCK):
        assert re.fullmatch(r"(    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", hashes)


def test_the_lock_names_no_index_and_no_address():
    for mark in (
        "://",
        "--index-url",
        "--extra-index-url",
        "--find-links",
        "--trusted-host",
        " @ ",
    ):
        assert mark not in LOCK


@pytest.mark.parametrize(
    "line", [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]]
)
def test_what_the_project_asks_for_is_locked_within_its_bounds(line):
    wanted = Requirement(line)
    if wanted.marker is None or wanted.marker.evaluate():
        assert wanted.specifier.contains(_locked()[wanted.name.lower()])


def test_what_is_locked_is_what_the_tests_run_on():
    for name in ("streamlit", "starlette", "uvicorn", "h11", "pandas", "pyarrow", "bcrypt"):
        assert version(name) == str(_locked()[name])


def test_no_version_with_a_known_hole_comes_back():
    for name, floor in FLOORS.items():
        assert _locked()[name] >= Version(floor)
