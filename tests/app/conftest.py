"""A home of its own for every test, and quick password hashes."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.accounts import passwords


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty CLV_HOME; bcrypt at its least cost, since a test signs in often."""
    folder = tmp_path / "home"
    monkeypatch.setenv("CLV_HOME", str(folder))
    monkeypatch.setattr(passwords, "COST", 4)
    return folder
