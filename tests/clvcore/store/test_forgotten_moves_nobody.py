"""Somebody is taken out of a saved run, and nothing said of anybody else moves by a digit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import clvcore as clv
from clvcore.customer import one_sided_misses
from clvcore.features import take_snapshot
from clvcore.runs.cohorts import regroup
from clvcore.runs.scorable import refuse_unless_scorable
from clvcore.sample import sample_orders
from clvcore.store import (
    forget_in_run,
    forget_in_transactions,
    load_prediction,
    load_run,
    load_transactions,
    read_manifest,
    save_run,
    save_transactions,
)
from clvcore.uncertainty import customers_at, history_days, timeline_at, totals_at, totals_by
from clvcore.uncertainty.basis import LEVELS

OWN = 0.925
ODD = (0.5001, 0.7254, OWN, 0.98999)
MODELS = ("auto", "bg_nbd")


@pytest.fixture(scope="module", params=MODELS)
def kept(request, tmp_path_factory):
    """A saved run, the orders it was made from, and who is to be forgotten."""
    folder = tmp_path_factory.mktemp("kept")
    orders = clv.read_transactions(sample_orders(500, seed=7), currency="EUR")
    config = clv.ForecastConfig(
        horizon_months=6, confidence_level=OWN, model=request.param, cohort_by="year"
    )
    save_run(clv.forecast(orders, config), folder / "run")
    save_transactions(orders, folder / "orders")
    return folder


def _worst(run) -> list[str]:
    """The first to buy, the most valuable, and one who may well buy nothing."""
    customers = run.customers
    chances = run.distribution["buys"]
    return [
        str(customers["first_purchase"].idxmin()),
        str(customers["clv"].idxmax()),
        str(chances.index[np.argsort(chances.to_numpy())[len(chances) // 2]]),
    ]


def _copy(folder, to):
    for name in ("run", "orders"):
        target = to / name
        target.mkdir(parents=True)
        for file in (folder / name).iterdir():
            (target / file.name).write_bytes(file.read_bytes())
    return to


@pytest.mark.parametrize("which", range(3), ids=["first", "most valuable", "unsure"])
def test_all_that_is_said_of_everybody_else_is_the_same_to_the_last_digit(kept, tmp_path, which):
    folder = _copy(kept, tmp_path)
    before = load_run(folder / "run")
    gone = _worst(before)[which]
    assert forget_in_run(folder / "run", gone)
    after = load_run(folder / "run")
    others = before.customers.index.drop(gone)
    assert after.customers.index.equals(others)
    for level in (*LEVELS, *ODD):
        pd.testing.assert_frame_equal(
            customers_at(after, level), customers_at(before, level).loc[others], check_exact=True
        )
        pd.testing.assert_frame_equal(
            totals_at(after, level), totals_at(before, level), check_exact=True
        )
        pd.testing.assert_frame_equal(
            timeline_at(after, level), timeline_at(before, level), check_exact=True
        )
    for step in (1, 2, 9):
        some = list(others[::step])
        pd.testing.assert_series_equal(after.total(some), before.total(some), check_exact=True)
    weights = pd.Series(np.linspace(0.1, 1, len(before.customers)), before.customers.index)
    weights[gone] = 0.0
    assert after.weighted_total(weights[others].to_numpy()) == before.weighted_total(
        weights.to_numpy()
    )
    keys = before.customers["cohort"].where(before.customers.index != gone, "he alone")
    groups = totals_by(before, keys).set_index("key").drop(index="he alone")
    left = totals_by(after, keys[others]).set_index("key")
    pd.testing.assert_frame_equal(left, groups, check_exact=True)
    assert one_sided_misses(after) == one_sided_misses(before)
    assert history_days(after) == history_days(before)
    assert after.basis.full_window is before.basis.full_window


def test_cohorts_grouped_anew_are_the_same_but_his_own(kept, tmp_path):
    folder = _copy(kept, tmp_path)
    run = load_run(folder / "run")
    gone = _worst(run)[0]

    def regrouped() -> pd.DataFrame:
        run = load_run(folder / "run")
        orders = load_transactions(folder / "orders")
        snapshot = take_snapshot(orders, as_of=run.as_of)
        return regroup(run, load_prediction(folder / "run"), snapshot, "quarter")

    before = regrouped()
    forget_in_run(folder / "run", gone)
    forget_in_transactions(folder / "orders", gone)
    after = regrouped()
    began = run.customers.loc[gone, "first_purchase"]
    his = f"{began.year}-Q{began.quarter}"
    assert his in set(before["cohort"])
    pd.testing.assert_frame_equal(
        after[after["cohort"] != his].reset_index(drop=True),
        before[before["cohort"] != his].reset_index(drop=True),
        check_exact=True,
    )


def test_the_runs_own_level_is_what_it_was_made_with(kept):
    run = load_run(kept / "run")
    made = run.customers[["clv_lower", "clv_upper"]]
    pd.testing.assert_frame_equal(customers_at(run, OWN), made, rtol=1e-12)
    pd.testing.assert_frame_equal(totals_at(run, OWN), run.totals, check_exact=True)


def test_an_earlier_versions_run_opens_says_the_same_and_forgets_as_well(
    kept, tmp_path, as_format_1
):
    folder = _copy(kept, tmp_path)
    new = load_run(folder / "run")
    as_format_1(folder / "run", basis=False)
    old = load_run(folder / "run")
    assert old.basis is None
    assert history_days(old) == history_days(new)
    with pytest.raises(clv.StoreError, match="Forecast again") as refused:
        refuse_unless_scorable(old)
    assert refused.value.code == "RUN_CANNOT_SCORE"
    for level in (0.5, 0.8, OWN, 0.95):
        pd.testing.assert_frame_equal(customers_at(old, level), customers_at(new, level), rtol=1e-6)
        pd.testing.assert_frame_equal(totals_at(old, level), totals_at(new, level), rtol=1e-9)
    gone = _worst(old)[0]
    forget_in_run(folder / "run", gone)
    after = load_run(folder / "run")
    assert replace(after.basis, full_window=None) == replace(new.basis, full_window=None)
    others = after.customers.index
    for level in (0.5, 0.8, OWN):
        pd.testing.assert_frame_equal(
            customers_at(after, level), customers_at(new, level).loc[others], check_exact=True
        )
    assert read_manifest(folder / "run")["basis"]["full_window"] is None
    assert read_manifest(folder / "run")["format"] == 1


def test_whether_windows_were_full_is_what_was_kept_and_not_what_floats_look_like(kept):
    run = load_run(kept / "run")
    other = replace(run, basis=replace(run.basis, full_window=not run.basis.full_window))
    orders = load_transactions(kept / "orders")
    assert clv.score(other, orders).basis.full_window is other.basis.full_window
    wider, narrower = sorted((run, other), key=lambda one: one.basis.full_window)
    assert clv.score(wider, orders).common.shop > clv.score(narrower, orders).common.shop


@pytest.mark.parametrize("chances", [[0.2, 0.5, 0.7, 0.9], [0.99] * 5, [1e-6] * 9 + [0.999], [0.5]])
def test_the_constant_at_many_levels_is_that_at_each(chances):
    from clvcore.uncertainty import Shape

    shape = Shape(buys=np.array(chances), spread=np.full(len(chances), 0.5))
    each = [shape.one_sided_miss(level) for level in LEVELS]
    assert shape.one_sided_misses(LEVELS) == pytest.approx(each, abs=1e-8)
    assert (np.diff(shape.one_sided_misses(LEVELS)) <= 0).all()
