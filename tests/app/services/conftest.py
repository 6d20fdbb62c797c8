"""A small file of orders, the way a shop would send it, dropped once for all tests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.services import datasets
from app.services.datasets import Intake
from clvcore.sample import sample_orders


@pytest.fixture(scope="session")
def orders_csv() -> bytes:
    """A simulated shop of 300 customers as CSV."""
    return sample_orders(300, seed=3).to_csv(index=False).encode()


@pytest.fixture(scope="session")
def dropped(orders_csv, tmp_path_factory) -> tuple[Path, Intake]:
    """A home into which the file was dropped and checked, and what was found out about it."""
    home = tmp_path_factory.mktemp("dropped") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLV_HOME", str(home))
        intake = datasets.inspect_upload("local", "our shop.csv", orders_csv)
        datasets.check("local", intake.content_hash, intake.mapping, "EUR")
    return home, intake


@pytest.fixture
def intake(home, dropped) -> Intake:
    """The dropped file in this test's own home."""
    shutil.copytree(dropped[0], home)
    return dropped[1]


@pytest.fixture
def saved(intake) -> datasets.Dataset:
    """The dropped file, saved."""
    return datasets.save("local", intake.content_hash, intake.name, intake.mapping, "EUR")
