"""What may come and why: the fan ends at the run's bounds, causes leave no rest, trees add up."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from clvcore.customer import LEVELS, drivers, one_sided_misses, tree_effect, typical, value_path
from clvcore.store import load_run, save_run
from clvcore.uncertainty import customers_at


@pytest.mark.parametrize("model", ["ensemble", "bg_nbd"])
def test_the_fan_ends_at_what_the_run_says(forecast_by, live, model):
    run = forecast_by(model)
    misses = one_sided_misses(run)
    bounds = {level: customers_at(run, level) for level in LEVELS}
    ranked = run.customers.sort_values("clv").index
    for customer in ranked[[0, len(ranked) // 2, -1]]:
        path = value_path(run, live(model, customer), misses=misses)
        first, last = path.iloc[0], path.iloc[-1]
        assert path["date"].iloc[-1].date() == run.horizon_end
        assert (first.drop("date") == 0).all()
        assert last["expected"] == pytest.approx(run.customers.loc[customer, "clv"])
        for level, each in bounds.items():
            low, high = each.loc[customer]
            name = round(level * 100)
            assert last[f"lower_{name}"] == pytest.approx(low, abs=1e-9)
            assert last[f"upper_{name}"] == pytest.approx(high)


def test_bands_are_nested_and_never_fall(forecast_by, live):
    run = forecast_by("ensemble")
    misses = one_sided_misses(run)
    for customer in run.customers.index[::90]:
        path = value_path(run, live("ensemble", customer), misses=misses).drop(columns="date")
        assert (path.diff().iloc[1:] >= -1e-12).all(axis=None)
        inward = [
            "lower_95",
            "lower_80",
            "lower_50",
            "expected",
            "upper_50",
            "upper_80",
            "upper_95",
        ]
        assert (path[inward].diff(axis=1).iloc[:, 1:] >= -1e-9).all(axis=None)


@pytest.mark.parametrize("model", ["ensemble", "bg_nbd"])
def test_causes_add_up_to_the_difference(forecast_by, live, model):
    run = forecast_by(model)
    average = run.customers["clv"].mean()
    product = typical(run).drop("clv").prod()
    assert product == pytest.approx(average)
    for customer in run.customers.index[::110]:
        effect = tree_effect(run, live(model, customer))
        causes = drivers(run, customer, trees=effect.log if effect else 0.0)
        gap = run.customers.loc[customer, "clv"] - average
        assert causes["effect"].sum() == pytest.approx(gap, abs=1e-9 * average)


def test_a_customer_worth_nothing_has_finite_causes(forecast_by):
    run = forecast_by("bg_nbd")
    customers = run.customers.copy()
    customer = customers.index[0]
    customers.loc[customer, ["clv", "p_alive", "expected_purchases"]] = 0.0
    causes = drivers(dataclasses.replace(run, customers=customers), customer)
    assert np.isfinite(causes["effect"]).all()
    assert causes["effect"].sum() == pytest.approx(-customers["clv"].mean())


def test_the_trees_say_of_one_customer_what_they_said_in_the_forecast(forecast_by, live):
    run = forecast_by("lightgbm")
    c = run.customers
    base = c["expected_purchases"] * c["expected_purchase_value"]
    factor = np.log(c["clv"] / base)
    effects = {name: tree_effect(run, live("lightgbm", name)) for name in c.index[::60]}
    # the total is kept by one factor for all; beyond it, the trees alone moved each forecast
    rest = [factor[name] - effect.log for name, effect in effects.items()]
    assert np.ptp(rest) < 1e-6
    assert len({round(effect.log, 6) for effect in effects.values()}) > 3
    assert all(effect.weight == 1.0 for effect in effects.values())


def test_without_trees_there_is_nothing_to_say_of_them(forecast_by, live):
    run = forecast_by("bg_nbd")
    assert tree_effect(run, live("bg_nbd", run.customers.index[0])) is None


def test_the_trees_of_a_saved_run_can_be_read(forecast_by, live, tmp_path):
    run = forecast_by("lightgbm")
    save_run(run, tmp_path / "run")
    again = load_run(tmp_path / "run")
    assert again.state == run.state
    customer = run.customers.index[3]
    one, two = (tree_effect(each, live("lightgbm", customer)) for each in (run, again))
    pd.testing.assert_series_equal(one.groups, two.groups)
