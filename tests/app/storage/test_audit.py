"""The trail: the newest lines that match, of one tenant, and never more than can be read."""

from __future__ import annotations

import datetime as dt

import pytest

from app.storage import audit
from app.storage.database import AuditEntry, utc_now, writing

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def trail(home):
    audit.record("local", "ana", "export", "r1", rows=3)
    audit.record("local", "ana", "sign_in", "ana")
    audit.record("local", "bo", "export", "r2", rows=4)
    audit.record("other", "eve", "export", "r9", rows=5)


def test_lines_come_back_newest_first_and_only_of_the_tenant(trail):
    lines = audit.list_entries("local")
    assert [(line.username, line.subject) for line in lines] == [
        ("bo", "r2"), ("ana", "ana"), ("ana", "r1"),
    ]  # fmt: skip
    assert lines[0].detail == {"rows": 4}
    assert [line.subject for line in audit.list_entries("other")] == ["r9"]


@pytest.mark.parametrize(
    ("asked", "subjects"),
    [
        ({"action": "export"}, ["r2", "r1"]),
        ({"username": "ana"}, ["ana", "r1"]),
        ({"action": "export", "username": "ana"}, ["r1"]),
        ({"action": "run_deleted"}, []),
        ({"username": "eve"}, []),
    ],
)
def test_filters_narrow_the_trail(trail, asked, subjects):
    assert [line.subject for line in audit.list_entries("local", **asked)] == subjects


def _at(*moments: dt.datetime) -> None:
    with writing() as session:
        session.add_all(
            AuditEntry(tenant="local", at=at, username="ana", action="export",
                       subject=at.isoformat(), detail={})
            for at in moments
        )  # fmt: skip


def test_a_day_holds_its_first_moment_and_not_the_next_days(home):
    day = dt.timedelta(days=1)
    _at(NOON - day, NOON, NOON + day)
    shown = audit.list_entries("local", since=NOON, until=NOON + day)
    assert [line.at for line in shown] == [NOON]


def test_a_thousand_lines_are_listed_at_most_and_they_are_the_newest(home):
    moments = [NOON + dt.timedelta(seconds=i) for i in range(audit.MOST_LISTED + 5)]
    _at(*moments)
    lines = audit.list_entries("local")
    assert len(lines) == audit.MOST_LISTED
    assert (lines[0].at, lines[-1].at) == (moments[-1], moments[5])


def test_the_last_sign_in_is_the_latest_of_each_user(trail):
    before = audit.last_sign_ins("local")["ana"]
    audit.record("local", "ana", audit.SIGN_IN, "ana")
    assert before < audit.last_sign_ins("local")["ana"] <= utc_now()
    assert audit.last_sign_ins("other") == {}


def test_what_can_be_filtered_by_is_what_occurs(trail):
    audit.record("local", "", audit.SIGN_IN_FAILED, "0f")
    assert audit.in_use("local") == (["export", "sign_in", "sign_in_failed"], ["ana", "bo"])
