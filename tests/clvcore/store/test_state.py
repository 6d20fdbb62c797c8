"""The state of a forecaster on disk, and runs that were saved before there was any."""

from __future__ import annotations

import pandas as pd
import pytest

import clvcore as clv
from clvcore.customer import life_of, one_sided_misses, value_path
from clvcore.customer.trees import tree_effect
from clvcore.sample import sample_orders
from clvcore.store import load_run, read_manifest, save_run, verify_folder


@pytest.fixture(scope="module")
def orders():
    return clv.read_transactions(sample_orders(700, seed=3))


@pytest.fixture(scope="module", params=["ensemble", "lightgbm", "cohort", "bg_nbd", "naive"])
def run(request, orders):
    config = clv.ForecastConfig(model=request.param, horizon_months=4, cohort_by="year")
    return clv.forecast(orders, config)


def test_a_state_comes_back_as_it_was(run, tmp_path):
    save_run(run, tmp_path / "run")
    assert read_manifest(tmp_path / "run")["format"] == 2
    verify_folder(tmp_path / "run")
    assert load_run(tmp_path / "run").state == run.state


def test_a_run_of_format_1_shows_every_customer_as_before_but_cannot_score(
    run, orders, tmp_path, as_format_1
):
    save_run(run, tmp_path / "run")
    as_format_1(tmp_path / "run")
    old = load_run(tmp_path / "run")
    pd.testing.assert_frame_equal(old.customers, run.customers)
    customer = run.customers.index[5]
    new_life, old_life = (life_of(each, customer, orders) for each in (run, old))
    pd.testing.assert_frame_equal(old_life.alive(), new_life.alive(), rtol=1e-12)
    paths = [
        value_path(each, life, misses=one_sided_misses(each))
        for each, life in ((run, new_life), (old, old_life))
    ]
    pd.testing.assert_frame_equal(*paths, rtol=1e-12)
    effects = [tree_effect(each, life) for each, life in ((run, new_life), (old, old_life))]
    assert (effects[0] is None) == (effects[1] is None)
    if effects[0] is not None:
        pd.testing.assert_series_equal(effects[0].groups, effects[1].groups)
    with pytest.raises(clv.StoreError, match="Forecast again") as refused:
        clv.score(old, orders)
    assert refused.value.code == "RUN_CANNOT_SCORE"
    save_run(old, tmp_path / "again")
    with pytest.raises(clv.StoreError, match="Forecast again"):
        clv.score(load_run(tmp_path / "again"), orders)


def test_a_lost_tree_is_damage(orders, tmp_path):
    run = clv.forecast(orders, clv.ForecastConfig(model="xgboost", horizon_months=4))
    save_run(run, tmp_path / "run")
    assert set(run.state.files) == {"xgboost.json", "categories.json"}
    (tmp_path / "run" / "xgboost.json").unlink()
    with pytest.raises(clv.StoreError) as refused:
        load_run(tmp_path / "run")
    assert refused.value.code == "RUN_DAMAGED"
