"""Fixtures of every layer; numeric libraries get one thread each on the suite's two cores."""

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, settings

import clvcore as clv
from clvcore.backtest.metrics import wilson
from clvcore.records.columns import COVERAGE_FRAME, PAST_TOTALS_FRAME
from clvcore.records.errors import Notice
from clvcore.records.trust import Trust
from clvcore.sample import cdnow_sample, sample_orders
from clvcore.store.strict_json import to_json

# how long an example takes on a busy machine says nothing about what it shows
settings.register_profile("clv", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("clv")


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


HELD = {0.5: 0.531, 0.8: 0.794, 0.9: 0.888, 0.95: 0.941}
COUNTS = {
    ("all", "all"): 5_000,
    ("frequency", "one_time"): 3_000, ("frequency", "few"): 1_400, ("frequency", "many"): 600,
    ("segment", "high"): 1_000, ("segment", "medium"): 2_000, ("segment", "low"): 2_000,
    ("origin", "2009-12-09"): 2_100, ("origin", "2010-12-09"): 2_900,
}  # fmt: skip


def _coverage(held: dict[float, float]) -> pd.DataFrame:
    rows = []
    for (scope, key), customers in COUNTS.items():
        for level, share in held.items():
            kept = round(share * customers)
            rows.append(
                (scope, key, level, customers, kept, kept / customers, *wilson(kept, customers),
                 min(1.0, share + 0.004), 1_000.0 * level, 2_000.0 * level, 0.42, level)
            )  # fmt: skip
    return pd.DataFrame(rows, columns=list(COVERAGE_FRAME))


def _past_totals(actual: tuple[float, ...]) -> pd.DataFrame:
    rows = []
    days = (dt.date(2009, 12, 9), dt.date(2010, 12, 9))[2 - len(actual) :]
    shares = {("all", "all"): 1.0, ("segment", "high"): 0.7, ("segment", "medium"): 0.2,
              ("segment", "low"): 0.1, ("cohort", "2009-Q4"): 0.4}  # fmt: skip
    for day, happened in zip(days, actual, strict=True):
        for (scope, key), share in shares.items():
            for level, half in ((0.5, 0.1), (0.8, 0.2), (0.95, 0.3)):
                forecast = 6.2e6 * share
                rows.append(
                    (day, scope, key, int(5_000 * share), happened * share, forecast, level,
                     forecast * (1 - half), forecast * (1 + half))
                )  # fmt: skip
    return pd.DataFrame(rows, columns=list(PAST_TOTALS_FRAME))


@pytest.fixture(scope="session")
def make_trust():
    """Build what a backtest of two past dates would prove; frames of the contract's columns."""

    def make(
        verdict: str = "good",
        *,
        held: dict[float, float] = HELD,
        actual: tuple[float, ...] = (6.44e6, 7.05e6),
        **changes: object,
    ) -> Trust:
        expected = np.geomspace(12.0, 7_000.0, 10)
        measured = {
            "verdict": verdict,
            "reasons": (Notice("HELD", "At {level:.0%} it held {share:.1%}.", level=0.95,
                               share=held[0.95]),),
            "window_days": 365,
            "is_full_length": True,
            "coverage": _coverage(held),
            "totals": _past_totals(actual),
            "pit": pd.DataFrame(
                {"lower": np.arange(10) / 10, "upper": np.arange(1, 11) / 10, "share": 0.1}
            ),
            "calibration": pd.DataFrame(
                {"tenth": np.arange(1, 11), "customers": 500, "forecast": expected,
                 "actual": expected * np.tile([0.95, 1.06], 5)}
            ),
            "season_seen": 1.0,
            "level_uncertainty": 0.16,
        }  # fmt: skip
        return Trust(**{**measured, **changes})

    return make


@pytest.fixture(scope="session")
def as_format_1() -> Callable[[Path], None]:
    """Make a saved run what version 0.1 saved: no state, but parameters, clocks and trees."""

    def rewrite(folder: Path, *, basis: bool = True) -> None:
        path = folder / "manifest.json"
        about = json.loads(path.read_text("utf-8"))
        state = json.loads((folder / "state.json").read_text("utf-8"))
        del about["sha256"], about["files"]["state.json"]
        about |= {
            "format": 1,
            "boosters": state["files"],
            "clocks": state["learned"].get("clocks", {}),
        }
        if not basis:
            del about["basis"]
        digest = hashlib.sha256(to_json(about)).hexdigest()
        path.write_bytes(to_json({**about, "sha256": digest}, indent=2))
        (folder / "state.json").unlink()

    return rewrite
