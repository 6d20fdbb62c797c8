"""The one list of forecasters, the lists derived from it, and what adding an entry takes."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Mapping

import numpy as np
import pytest
from pandas.testing import assert_frame_equal

import clvcore as clv
from clvcore.members.member import Member
from clvcore.members.published import purchase_model
from clvcore.members.registry import member_of, restore
from clvcore.models.base import Histories
from clvcore.models.naive import FittedNaive, Naive
from clvcore.records.config import MODELS
from clvcore.records.registry import (
    ENTRIES,
    Entry,
    automatic,
    entry_of,
    fallbacks,
    names,
    published,
    scored,
)

SOON = clv.ForecastConfig(horizon_months=3)


@dataclasses.dataclass(frozen=True)
class Toy:
    """Everyone buys at one and the same rate for ever: a whole published model in one class."""

    name: str = "toy"

    def fit(self, histories: Histories) -> FittedNaive:
        return dataclasses.replace(Naive().fit(histories), name=self.name)

    def restore(self, parameters: Mapping[str, float]) -> FittedNaive:
        return dataclasses.replace(Naive().restore(parameters), name=self.name)


@pytest.fixture
def toy(monkeypatch):
    """All that adding a published model takes beside its class."""
    entry = Entry(
        name="toy", label="Toy/NBD", member="clvcore.members.published:Published",
        purchases=f"{__name__}:Toy", aliveness="mbg_nbd",
    )  # fmt: skip
    monkeypatch.setitem(ENTRIES, "toy", entry)


def test_a_model_that_is_registered_forecasts_is_proved_kept_and_scores(toy, shop, tmp_path):
    assert "toy" in names()
    run = clv.forecast(shop, dataclasses.replace(SOON, model="toy"))
    assert run.model == "toy"
    assert {"toy", "bg_nbd", "seasonal_mbg"} <= set(run.leaderboard.index)
    assert run.leaderboard.loc["toy", "coverage_95"] > 0
    assert run.trust.verdict != "not_measured"
    clv.save_run(run, tmp_path / "run")
    saved = clv.load_run(tmp_path / "run")
    assert saved.state == run.state
    assert_frame_equal(clv.score(saved, shop).customers, run.customers)


def test_without_an_entry_it_is_refused_by_name(shop, toy, tmp_path, monkeypatch):
    clv.save_run(clv.forecast(shop, dataclasses.replace(SOON, model="toy")), tmp_path / "run")
    monkeypatch.delitem(ENTRIES, "toy")
    with pytest.raises(clv.ConfigError, match="toy"):
        clv.ForecastConfig(model="toy")


def test_the_lists_are_those_a_user_knows():
    assert set(names()) == set(MODELS) == {
        "auto", "ensemble", "probabilistic", "ml", "cohort", "bg_nbd", "mbg_nbd", "pareto_nbd",
        "xgboost", "lightgbm", "naive",
    }  # fmt: skip
    assert fallbacks("ensemble") == ("ensemble", "bg_nbd", "mbg_nbd", "pareto_nbd", "naive")
    assert automatic() == ("ensemble", "seasonal_mbg", "bg_nbd")
    assert scored() == ("bg_nbd", "seasonal_mbg", "cohort", "lightgbm", "xgboost", "ensemble")
    assert set(published()) == {"bg_nbd", "mbg_nbd", "pareto_nbd", "naive"}


@pytest.mark.parametrize("name", ENTRIES)
def test_every_entry_can_be_made_and_is_found_by_its_row(name):
    entry = ENTRIES[name]
    member: Member = member_of(name)
    assert all(hasattr(member, part) for part in ("fit", "shared", "restore"))
    assert entry_of(entry.row) is entry
    if entry.purchases:
        assert purchase_model(name).name == name
    for other in (entry.fallback, entry.aliveness):
        assert other in ("", *ENTRIES)


def test_a_name_nobody_registered_is_refused():
    with pytest.raises(clv.ModelError, match="oracle"):
        member_of("oracle")


def test_names_are_known_without_loading_a_model():
    code = (
        "import sys; from clvcore.records.config import MODELS; "
        "assert not {m for m in sys.modules if m.startswith(('lifetimes', 'clvcore.models'))}"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("model", ["ensemble", "ml", "cohort", "probabilistic", "mbg_nbd"])
def test_what_was_fitted_owns_its_state(shop, model, tmp_path):
    """Whatever else a run holds may be lost: its state alone gives the forecast again."""
    from clvcore.features import take_snapshot
    from clvcore.records.horizon import forecast_grid

    run = clv.forecast(shop, dataclasses.replace(SOON, model=model))
    clv.save_run(run, tmp_path / "run")
    fitted = restore(clv.load_run(tmp_path / "run").state)
    grid = forecast_grid(SOON, run.as_of)
    one, two = (fitted.predict(take_snapshot(shop, as_of=run.as_of), grid) for _ in range(2))
    assert one.prediction.revenue == pytest.approx(run.prediction.revenue, rel=1e-9)
    assert (one.prediction.revenue == two.prediction.revenue).all()
    assert (one.hurdle.mean == one.prediction.revenue[:, -1]).all()
    assert fitted.state().member == model
    assert np.isclose(sum(fitted.weights().values()), 1.0)
