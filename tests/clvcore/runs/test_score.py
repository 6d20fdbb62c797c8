"""Scoring with a finished run: the very same numbers on its own orders, and nothing ever fitted."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import clvcore as clv
from clvcore.backtest import rolling as backtest
from clvcore.customer import life_of
from clvcore.features import take_outcome, take_snapshot
from clvcore.members import ensemble
from clvcore.members import past as origins
from clvcore.members.cohort import CohortModel
from clvcore.members.published import Chain
from clvcore.members.seasonal import Seasonal
from clvcore.models.clock import Clock
from clvcore.models.continued import clock_from_dict, clock_to_dict, continued
from clvcore.models.order_value import OrderValue
from clvcore.records.columns import CUSTOMERS_FRAME, DRIFT_FEATURES, DRIFT_FRAME
from clvcore.records.config import MODELS
from clvcore.runs import forecast as pipeline
from clvcore.runs.same_shop import orders_notices
from clvcore.sample import sample_orders

FITTED, LATER = dt.date(2024, 6, 30), dt.date(2024, 9, 30)
MAPPING = {
    "customer_id": "customer_id", "date": "date", "amount": "amount", "order_id": "order_id",
    "attributes": ("channel",),
}  # fmt: skip
SETTINGS = {"horizon_months": 6, "cohort_by": "year"}
EXACT = {"check_exact": False, "rtol": 1e-6}

every = pytest.mark.parametrize("model", MODELS)


def read(rows, currency="EUR"):
    return clv.read_transactions(rows, mapping=MAPPING, currency=currency)


def up_to(rows, day):
    return rows[rows["date"] <= pd.Timestamp(day)]


def told(run, code):
    """Return what the first notice of a code was made of."""
    return next(vars(notice)["values"] for notice in run.warnings if notice.code == code)


def codes(run):
    return {notice.code for notice in run.warnings}


@pytest.fixture(scope="module")
def rows():
    """Lines of a shop large enough for trees, and for cohorts with fits of their own."""
    return clv.read_transactions(sample_orders(1_000, seed=3)).to_pandas()


@pytest.fixture(scope="module")
def loaded(rows, tmp_path_factory):
    """Return a run of the shop as it was in June, saved and read back, by model."""
    made = {}

    def of(model):
        if model not in made:
            config = clv.ForecastConfig(model=model, **SETTINGS)
            run = clv.forecast(read(up_to(rows, FITTED)), config)
            folder = tmp_path_factory.mktemp("runs") / model
            clv.save_run(run, folder)
            made[model] = run, clv.load_run(folder)
        return made[model]

    return of


@pytest.fixture(scope="module")
def blend_run():
    """A shop whose ensemble gives the cohort member a weight, and its orders."""
    orders = clv.read_transactions(sample_orders(2_000, seed=1))
    config = clv.ForecastConfig(model="ensemble", horizon_months=6, cohort_by="year")
    return orders, clv.forecast(orders, config)


@every
def test_its_own_orders_give_the_very_run_back(rows, loaded, model):
    run, saved = loaded(model)
    scored = clv.score(saved, read(up_to(rows, FITTED)))
    assert scored.as_of == run.as_of
    for name in ("customers", "totals", "cohorts", "timeline", "distribution", "weights"):
        assert_frame_equal(getattr(scored, name), getattr(run, name), obj=name, **EXACT)
    assert scored.leaderboard.equals(saved.leaderboard)
    assert scored.model == run.model
    assert scored.cutoffs == pytest.approx(run.cutoffs)
    assert not scored.drift["drifted"].any()


def test_cohorts_that_are_blended_in_are_kept_and_scored(blend_run, tmp_path):
    orders, run = blend_run
    assert run.weights.set_index("model")["weight"]["cohort"] > 0
    assert run.state.learned["cohorts"]
    clv.save_run(run, tmp_path / "run")
    scored = clv.score(clv.load_run(tmp_path / "run"), replace(orders))
    assert_frame_equal(scored.customers, run.customers, **EXACT)


@pytest.mark.parametrize("model", ["ensemble", "probabilistic", "lightgbm", "bg_nbd", "naive"])
def test_other_parameters_give_other_numbers(rows, loaded, model):
    """The anchor above is worth something only if what is read back is what decides."""
    _, saved = loaded(model)
    name = {"naive": "naive", "bg_nbd": "bg_nbd"}.get(model, "seasonal_mbg")
    known = saved.state.learned["parameters"]
    first = next(iter(known[name]))
    moved = known | {name: known[name] | {first: 1.3 * known[name][first]}}
    other = replace(
        saved, state=replace(saved.state, learned=saved.state.learned | {"parameters": moved})
    )
    orders = read(up_to(rows, FITTED))
    changed = clv.score(other, orders).customers["clv"] / clv.score(saved, orders).customers["clv"]
    assert (np.abs(changed - 1.0) > 1e-3).mean() > 0.5


@every
def test_nothing_is_fitted(rows, loaded, model, monkeypatch):
    _, saved = loaded(model)

    def fit(*_, **__):
        raise AssertionError("something was fitted")

    for owner, name in (
        (Seasonal, "fit"), (OrderValue, "fit"), (CohortModel, "fit"), (Chain, "fit"),
        (origins, "train"), (ensemble, "fit_ensemble"), (ensemble, "_learn_blend"),
        (ensemble, "_learn_level"), (backtest, "run_backtest"), (pipeline, "run_backtest"),
    ):  # fmt: skip
        monkeypatch.setattr(owner, name, fit)
    scored = clv.score(saved, read(up_to(rows, LATER)))
    assert scored.as_of == up_to(rows, LATER)["date"].max().date()
    assert tuple(scored.customers.columns) == CUSTOMERS_FRAME
    assert np.isfinite(scored.customers.select_dtypes("number").to_numpy()).all()
    assert scored.totals["clv"].iloc[0] == pytest.approx(scored.customers["clv"].sum(), rel=1e-9)


@pytest.mark.parametrize("model", ["ensemble", "cohort", "pareto_nbd"])
def test_later_rows_change_nothing(rows, loaded, model):
    _, saved = loaded(model)
    future = rows.assign(amount=1e6)[rows["date"] > pd.Timestamp(LATER)]
    marked = pd.concat([up_to(rows, LATER), future])
    known = clv.score(saved, read(up_to(rows, LATER)), as_of=LATER)
    seen = clv.score(saved, read(marked), as_of=LATER.isoformat())
    for name in ("customers", "totals", "timeline", "cohorts", "drift"):
        assert_frame_equal(getattr(known, name), getattr(seen, name))


@pytest.mark.parametrize("model", ["ensemble", "mbg_nbd"])
def test_a_scored_total_stays_near_that_of_a_new_fit(rows, loaded, model):
    _, saved = loaded(model)
    scored = clv.score(saved, read(up_to(rows, LATER)))
    again = clv.forecast(read(up_to(rows, LATER)), clv.ForecastConfig(model=model, **SETTINGS))
    assert scored.customers["clv"].sum() == pytest.approx(again.customers["clv"].sum(), rel=0.15)
    both = scored.customers["clv"].corr(again.customers["clv"], method="spearman")
    assert both > 0.95


def test_the_clock_goes_on_as_the_forecast_said():
    speeds = np.random.default_rng(0).uniform(0.5, 2.0, 20)
    clock = Clock(edges=Clock.flat(600).edges, speeds=speeds)
    ahead = clock.ahead(500)
    later = continued(clock, 100)
    today = clock.weeks(np.array([600.0]))[0]
    days = np.arange(601.0, 701.0)
    assert later.weeks(days) - today == pytest.approx(ahead[:100])
    assert later.ahead(400) == pytest.approx(ahead[100:] - ahead[99])
    assert later.weeks(np.arange(601.0)) == pytest.approx(clock.weeks(np.arange(601.0)))
    for other in (continued(continued(clock, 30), 70), clock_from_dict(clock_to_dict(later))):
        assert other.ahead(400) == pytest.approx(later.ahead(400))
        assert other.weeks(days) == pytest.approx(later.weeks(days))
    assert continued(clock, 0) is clock


def test_a_scored_run_can_be_kept_and_looked_at(rows, loaded, tmp_path):
    _, saved = loaded("ensemble")
    orders = read(up_to(rows, LATER))
    scored = clv.score(saved, orders)
    clv.save_run(scored, tmp_path / "scored")
    again = clv.load_run(tmp_path / "scored")
    assert_frame_equal(again.drift, scored.drift)
    assert_frame_equal(again.customers, scored.customers)
    assert again.state == scored.state
    best = scored.customers["clv"].idxmax()
    alive = life_of(again, best, orders).alive()["p_alive"].iloc[-1]
    assert alive == pytest.approx(scored.customers["p_alive"][best], rel=1e-9)


def test_what_was_measured_then_says_so(rows, loaded):
    run, saved = loaded("ensemble")
    scored = clv.score(saved, read(up_to(rows, LATER)))
    assert scored.trust.coverage.equals(saved.trust.coverage)
    assert scored.trust.reasons[-1].code == "MEASURED_THEN"
    assert run.as_of.isoformat() in scored.trust.reasons[-1]
    assert scored.warnings[0].code == "SCORED"
    assert told(scored, "SCORED") == {"fitted": run.as_of, "days": 92}
    assert sum(notice.code == "SHORT_HISTORY" for notice in scored.warnings) == 1
    assert scored.trust.level_uncertainty >= saved.trust.level_uncertainty


def test_a_shop_that_went_on_as_before_has_not_drifted_in_what_it_spends(rows, loaded):
    _, saved = loaded("ensemble")
    orders = read(up_to(rows, LATER))
    drift = clv.score(saved, orders).drift
    assert tuple(drift.columns) == DRIFT_FRAME
    assert drift["measure"].tolist() == [*DRIFT_FEATURES, "spent"]
    spent = drift.set_index("measure").loc["spent"]
    assert spent["lower"] < 1.0 < spent["upper"]
    then = take_snapshot(orders, as_of=FITTED)
    happened = take_outcome(orders, then, end=orders.last_day).customers["revenue"].sum()
    assert spent["now"] == pytest.approx(happened)
    assert spent["value"] == pytest.approx(spent["now"] / spent["then"])
    months = saved.timeline[saved.timeline["kind"] == "forecast"]
    assert spent["then"] == pytest.approx(months["revenue"].iloc[:3].sum(), rel=0.02)


@pytest.mark.parametrize("factor", [0.3, 3.0])
def test_spending_outside_its_interval_is_warned_of(rows, loaded, factor):
    _, saved = loaded("ensemble")
    newer = up_to(rows, LATER)
    moved = newer.assign(
        amount=newer["amount"].where(
            newer["date"] <= pd.Timestamp(FITTED), factor * newer["amount"]
        )
    )
    scored = clv.score(saved, read(moved))
    assert scored.drift.set_index("measure")["drifted"]["spent"]
    said = told(scored, "DRIFT_SPENDING")
    assert not said["lower"] <= said["ratio"] <= said["upper"]


def test_other_customers_are_warned_of_by_feature(rows, loaded):
    """Everybody of a second, much busier shop joins: frequency moves, and is named."""
    _, saved = loaded("probabilistic")
    others = rows.assign(customer_id="B" + rows["customer_id"])
    busy = pd.concat(
        [others.assign(date=rows["date"] + pd.Timedelta(days=day)) for day in range(0, 40, 4)]
    )
    scored = clv.score(saved, read(up_to(pd.concat([rows, busy]), LATER)))
    drifted = scored.drift.set_index("measure")["drifted"]
    named = {
        vars(notice)["values"]["feature"]
        for notice in scored.warnings
        if notice.code == "DRIFT_CUSTOMERS"
    }
    assert drifted["frequency"]
    assert named == set(drifted[drifted].index) - {"spent"}


@pytest.mark.parametrize("model", ["probabilistic", "bg_nbd"])
def test_an_export_that_begins_later_keeps_the_clock_of_the_run(rows, loaded, model):
    """Whoever lost no order must be judged as before, though the log's first days are gone."""
    _, saved = loaded(model)
    whole = read(up_to(rows, LATER))
    cut = read(up_to(rows, LATER)[lambda lines: lines["date"] > "2023-01-20"])
    full, part = (clv.score(saved, orders).customers for orders in (whole, cut))
    same = full.index.intersection(part.index)
    same = same[(full.loc[same, "first_purchase"] == part.loc[same, "first_purchase"]).to_numpy()]
    assert 0.8 < len(same) / len(full) < 1.0
    assert part.loc[same, "p_alive"].to_numpy() == pytest.approx(
        full.loc[same, "p_alive"], rel=1e-9
    )


def refusal(run, orders, **settings):
    with pytest.raises(clv.ClvError) as refused:
        clv.score(run, orders, **settings)
    return type(refused.value), refused.value.code


def test_orders_of_something_else_are_refused(rows, loaded):
    _, saved = loaded("probabilistic")
    newer = up_to(rows, LATER)
    strangers = newer.assign(customer_id="X" + newer["customer_id"])
    only_new = newer[newer["date"] > pd.Timestamp(FITTED)]
    recent = newer[newer["date"] > "2024-03-31"]
    longer = pd.concat([newer, newer.assign(date=newer["date"] - pd.Timedelta(days=365))])
    assert refusal(saved, read(newer, "USD")) == (clv.DataError, "CURRENCIES_DIFFER")
    assert refusal(saved, read(up_to(rows, "2024-05-31"))) == (
        clv.DataError,
        "ENDS_BEFORE_FORECAST",
    )
    assert refusal(saved, read(newer), as_of="2024-06-29") == (
        clv.DataError,
        "ENDS_BEFORE_FORECAST",
    )
    assert refusal(saved, read(newer), as_of="soon") == (clv.ConfigError, "AS_OF_UNREADABLE")
    assert refusal(saved, read(strangers)) == (clv.DataError, "OTHER_SHOP")
    assert refusal(saved, read(only_new)) == (clv.DataError, "HISTORIES_CUT")
    assert refusal(saved, read(recent))[1] in ("OTHER_SHOP", "HISTORIES_CUT")
    assert refusal(saved, read(longer)) == (clv.DataError, "BEGINS_EARLIER")


def test_orders_without_the_attributes_of_the_trees_are_refused(rows, loaded):
    _, saved = loaded("lightgbm")
    bare = clv.read_transactions(
        rows.drop(columns="channel"), mapping={**MAPPING, "attributes": ()}
    )
    assert refusal(saved, bare) == (clv.DataError, "MISSING_ATTRIBUTES")


def test_runs_that_cannot_score_say_what_they_lack(rows, loaded):
    _, saved = loaded("ensemble")
    newer = read(up_to(rows, LATER))
    scored = clv.score(saved, newer)
    assert refusal(scored, newer) == (clv.StoreError, "RUN_IS_SCORED")
    for lost in (
        {"state": None},
        {"state": replace(saved.state, version=0)},
        {"state": replace(saved.state, member="oracle")},
        {"common": None},
        {"basis": None},
        {"basis": replace(saved.basis, full_window=None)},
    ):
        assert refusal(replace(saved, **lost), newer) == (clv.StoreError, "RUN_CANNOT_SCORE")


def test_what_the_orders_lack_a_little_is_doubted(rows, loaded):
    _, saved = loaded("probabilistic")
    newer = up_to(rows, LATER)
    gone = newer["customer_id"].isin(saved.customers.index[::8])
    scored = clv.score(saved, read(newer[~gone], currency=None))
    assert {"CUSTOMERS_MISSING", "CURRENCY_TAKEN_OVER"} <= codes(scored)
    assert scored.currency == "EUR"
    assert not {"CUSTOMERS_MISSING", "HISTORIES_SHORTER"} & codes(clv.score(saved, read(newer)))


def test_customers_who_lost_their_first_orders_are_doubted(rows, loaded):
    _, saved = loaded("bg_nbd")
    newer = up_to(rows, LATER)
    cut = newer.drop(newer.drop_duplicates("customer_id").index[::8])
    doubts = orders_notices(saved, take_snapshot(read(cut)), read(cut))
    assert "HISTORIES_SHORTER" in {notice.code for notice in doubts}
