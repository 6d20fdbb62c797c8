"""Fixtures of every layer; numeric libraries get one thread each on the suite's two cores."""

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from pathlib import Path

import pytest

import clvcore as clv
from clvcore.sample import cdnow_sample, sample_orders


@pytest.fixture(scope="session")
def cdnow() -> clv.Transactions:
    """The published 1/10 sample: 2,357 customers, one row per order line."""
    return cdnow_sample()


@pytest.fixture(scope="session")
def shop() -> clv.Transactions:
    """A small simulated shop export with returns and dirty rows."""
    return clv.read_transactions(sample_orders(600, seed=3), currency="EUR")


@pytest.fixture(scope="session")
def real_logs() -> Path:
    """Folder of the real logs; tests that need it skip, saying so, where it is not named."""
    folder = os.environ.get("CLV_DATA")
    if not folder:
        pytest.skip("CLV_DATA does not name the folder of the real logs")
    return Path(folder)
