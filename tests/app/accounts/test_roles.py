"""The matrix of roles."""

from __future__ import annotations

import pytest

from app.accounts.roles import CAPABILITIES, MATRIX, ROLES, allowed

EVERYBODY = {"overview", "segments", "cohorts", "trust", "report"}
MARKETING = EVERYBODY | {"data", "forecast", "customers", "runs"}


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("executive", EVERYBODY),
        ("marketing", MARKETING),
        ("analyst", MARKETING | {"export"}),
        ("admin", set(CAPABILITIES)),
        ("nobody", set()),
        ("", set()),
    ],
)
def test_each_role_may_exactly_what_the_matrix_says(role, may):
    assert {capability for capability in CAPABILITIES if allowed(role, capability)} == may


def test_a_misspelled_capability_is_an_error_and_not_a_yes():
    with pytest.raises(ValueError, match="exports"):
        allowed("admin", "exports")


def test_the_matrix_cannot_be_changed_at_run_time():
    assert tuple(MATRIX) == ROLES
    with pytest.raises(TypeError):
        MATRIX["executive"] = frozenset(CAPABILITIES)  # type: ignore[index]
