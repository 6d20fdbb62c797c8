"""Leaving a part out really leaves it out, and everything is put back."""

from __future__ import annotations

import ablation
import numpy as np
import pytest
from cases import CASES, read_log

from clvcore.members import boosted, ensemble


@pytest.fixture(scope="module")
def found(monkeypatch_module):
    parts = ("boosted trees", "XGBoost", "last-window spend")
    monkeypatch_module.setattr(ablation, "PARTS", {name: ablation.PARTS[name] for name in parts})
    case = next(case for case in CASES if case.log == "stationary")
    return {case.name: ablation.errors(case, read_log(case.log, customers=1_200))}


@pytest.fixture(scope="module")
def monkeypatch_module():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def test_each_part_changes_the_error(found):
    table = ablation.as_table(found)
    assert list(table.index) == ["boosted trees", "XGBoost", "last-window spend"]
    assert np.isfinite(table).all(axis=None)
    assert ((table.drop(index="last-window spend") - 1.0).abs() > 1e-6).all(axis=None)
    assert list(table.columns)[-1] == "simulated"


def test_what_was_switched_off_is_on_again(found):
    assert found
    assert ensemble.WINDOW_SHRINKAGE == 0.5
    assert boosted.MIN_BUYERS == 100
    assert boosted.Correction.logs.__name__ == "logs"
