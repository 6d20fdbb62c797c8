"""The shop's file at its three stages: dropped and checked, saved, forecast."""

from __future__ import annotations

import shutil

import pytest

from app.services import datasets, runs
from app.services.datasets import Dataset, Intake
from app.services.runs import RunEntry


@pytest.fixture
def intake(home, dropped, orders_csv) -> Intake:
    """The dropped file in this test's own home."""
    shutil.copytree(dropped, home)
    return datasets.inspect_upload("local", "our shop.csv", orders_csv)


@pytest.fixture
def saved(intake) -> Dataset:
    """The dropped file, saved."""
    return datasets.save(
        "local", intake.content_hash, intake.name, intake.mapping, "EUR", claim=intake.claim.id
    )


@pytest.fixture
def entry(filled_home) -> RunEntry:
    """A year's forecast of it, asked for by the analyst."""
    return runs.find("local", filled_home.run_id)
