"""Every decision says when, where, why and instead of what, and the index names it."""

from __future__ import annotations

import re
from pathlib import Path

from tests.test_architecture import FLOORS

FOLDER = Path(__file__).parents[1] / "docs/decisions"
DECISIONS = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
FIELDS = ("Date", "Status", "Room", "Replaces")
ROOMS = {f"{package}/{room}" for package, floors in FLOORS.items() for f in floors for room in f}
ELSEWHERE = {"packaging", "tests", "docs"}


def lacking(text: str) -> list[str]:
    """The parts a decision must have and does not."""
    fields = dict(re.findall(r"^- (\w+): (.+)$", text, re.M))
    missing = [name for name in FIELDS if name not in fields]
    if not re.fullmatch(r"20\d\d-\d\d-\d\d", fields.get("Date", "")):
        missing.append("a date as 2026-12-01")
    if not re.match(r"accepted|replaced by \d{4}", fields.get("Status", "")):
        missing.append("accepted, or replaced by which")
    if fields.get("Room") not in ROOMS | ELSEWHERE:
        missing.append("a room of either package")
    return missing + [part for part in ("Context", "Decision") if f"**{part}.**" not in text]


def test_every_decision_has_its_fields():
    assert len(DECISIONS) > 50
    assert not {path.name: found for path in DECISIONS if (found := lacking(path.read_text()))}


def test_a_number_is_given_once():
    numbers = [path.name.split("-")[0] for path in DECISIONS]
    assert all(re.fullmatch(r"\d{4}", number) for number in numbers)
    assert len(set(numbers)) == len(numbers)


def test_the_index_names_each_under_its_room():
    named = {}
    for part in (FOLDER / "README.md").read_text().split("\n## ")[1:]:
        room, _, lines = part.partition("\n")
        named |= dict.fromkeys(re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", lines), room)
    rooms = {p.name: re.search(r"^- Room: (.+)$", p.read_text(), re.M)[1] for p in DECISIONS}
    assert named == rooms


def test_a_planted_decision_without_evidence_is_found():
    planted = "# T\n\n- Date: today\n- Status: accepted\n- Room: clvcore/attic\n\n**Decision.** X"
    assert lacking(planted) == [
        "Replaces", "a date as 2026-12-01", "a room of either package", "Context",
    ]  # fmt: skip


def test_contributing_fits_two_screens():
    assert len((FOLDER.parents[1] / "CONTRIBUTING.md").read_text().splitlines()) <= 90
