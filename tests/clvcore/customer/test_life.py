"""One customer's chance through time: the run's own at the end, the published formula before."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from lifetimes import BetaGeoFitter, ParetoNBDFitter

from clvcore.customer import life_of
from clvcore.records.errors import DataError

MODELS = ("ensemble", "bg_nbd", "pareto_nbd")
FITTERS = {"bg_nbd": BetaGeoFitter, "pareto_nbd": ParetoNBDFitter}


def _some(run, n=6):
    """Customers of every kind: one-time, frequent, young and old."""
    ranked = run.customers.sort_values(["frequency", "T"])
    return ranked.iloc[np.linspace(0, len(ranked) - 1, n).astype(int)]


@pytest.mark.parametrize("model", MODELS)
def test_the_curve_ends_at_the_chance_of_the_run(forecast_by, live, model):
    run = forecast_by(model)
    for customer, row in _some(run).iterrows():
        alive = live(model, customer).alive()
        assert alive["date"].iloc[-1].date() == run.as_of
        assert alive["date"].iloc[0] == row["first_purchase"]
        assert alive["p_alive"].iloc[-1] == pytest.approx(row["p_alive"], abs=1e-12)
        assert alive["p_alive"].between(0, 1).all()


@pytest.mark.parametrize("model", FITTERS)
def test_each_day_agrees_with_lifetimes(forecast_by, live, model):
    run = forecast_by(model)
    fitter = FITTERS[model]()
    fitter.params_ = run.parameters[model]
    for customer in _some(run).query("frequency > 1").index[:3]:
        life = live(model, customer)
        days = np.arange(life.days[1], int(run.customers.loc[customer, "T"]) + 1, 17)
        x = np.searchsorted(life.days, days, side="right") - 1
        theirs = fitter.conditional_probability_alive(x, life.days[x] / 7, days / 7)
        assert life.p_alive_on(days) == pytest.approx(np.asarray(theirs), abs=1e-9)


def test_a_past_day_does_not_know_what_came_later(forecast_by, live):
    run = forecast_by("ensemble")
    customer = run.customers["frequency"].idxmax()
    life = live("ensemble", customer)
    half = len(life.days) // 2
    known = dataclasses.replace(life.snapshot, purchases=life.snapshot.purchases[:half])
    before = dataclasses.replace(life, snapshot=known)
    days = np.arange(life.days[half - 1], life.days[half])
    assert (before.p_alive_on(days) == life.p_alive_on(days)).all()


def test_silence_lowers_the_chance_and_a_purchase_raises_it(forecast_by, live):
    run = forecast_by("ensemble")
    customer = run.customers.query("frequency >= 3 and recency > 200").index[0]
    life = live("ensemble", customer)
    last = int(life.days[-1])
    eve, day = life.p_alive_on(np.array([last - 1, last]))
    assert day > eve
    silent = life.p_alive_on(np.arange(last, int(run.customers.loc[customer, "T"]) + 1))
    assert (np.diff(silent) <= 1e-12).all()


def test_the_orders_of_another_log_are_refused(forecast_by, orders):
    run = forecast_by("ensemble")
    other = dataclasses.replace(orders, content_hash="another")
    with pytest.raises(DataError) as caught:
        life_of(run, run.customers.index[0], other)
    assert caught.value.code == "OTHER_ORDERS"


def test_a_customer_nobody_knows_is_refused(forecast_by, orders):
    with pytest.raises(DataError) as caught:
        life_of(forecast_by("ensemble"), "<b>nobody", orders)
    assert caught.value.code == "UNKNOWN_CUSTOMER"


def test_a_run_saved_without_its_clock_says_so(forecast_by, orders):
    run = dataclasses.replace(forecast_by("ensemble"), state=None)
    with pytest.raises(DataError) as caught:
        life_of(run, run.customers.index[0], orders)
    assert caught.value.code == "NO_CLOCK"


def test_only_what_was_known_at_as_of_counts(forecast_by, live, orders):
    run = forecast_by("ensemble")
    assert run.as_of < orders.last_day
    for customer, row in _some(run).iterrows():
        bought = live("ensemble", customer).purchases()
        assert len(bought) == row["frequency"] + 1
        assert bought["amount"].sum() == pytest.approx(row["revenue_to_date"])
        assert bought["date"].max().date() <= run.as_of
