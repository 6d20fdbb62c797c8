"""The verdict is counted from past dates, by the rule that is printed beside it."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest

import clvcore as clv
from clvcore.backtest.coverage import LEVELS, distance, measure_trust
from clvcore.backtest.rolling import ScoredBacktest, ScoredOrigin
from clvcore.records.columns import (
    CALIBRATION_FRAME,
    COVERAGE_FRAME,
    LEADERBOARD_FRAME,
    PAST_TOTALS_FRAME,
    PIT_FRAME,
)
from clvcore.records.config import Segmentation
from clvcore.records.horizon import Grid
from clvcore.sample import sample_orders
from clvcore.uncertainty import Future, Hurdle, Shape, customers_at, timeline_at, totals_at

CUSTOMERS = 20_000
FUTURE = Future(
    grid=Grid(as_of=dt.date(2024, 12, 31), days=(365,), months=(12.0,)),
    history_days=1_400,
    full_window=True,
    level=0.95,
)


def origin(*, scale=1.0, level=1.0, buys=0.6, seed=1):
    """Outcomes drawn from a known hurdle, forecast with spread and level off by the factors."""
    rng = np.random.default_rng(seed)
    truth = np.exp(rng.normal(3.0, 1.0, CUSTOMERS))
    chance = np.full(CUSTOMERS, buys)
    bought = rng.random(CUSTOMERS) < chance
    # midway between the two families is not drawn easily; a gamma is close enough
    actual = np.where(bought, rng.gamma(1.0, size=CUSTOMERS) * truth / chance, 0.0)
    shape = Shape(buys=chance, spread=np.full(CUSTOMERS, scale))
    mean = level * truth
    return ScoredOrigin(
        day=dt.date(2023, 12, 31),
        history_days=1_000,
        customers=pd.DataFrame(
            {
                "actual": actual,
                "frequency": rng.integers(0, 8, CUSTOMERS),
                "cohort": np.where(rng.random(CUSTOMERS) < 0.5, "2022", "2023"),
            },
            index=pd.Index([f"c{k}" for k in range(CUSTOMERS)], name="customer_id"),
        ),
        baselines={},
        members={"ensemble": Hurdle(mean=mean, shape=shape, usual=mean / chance)},
    )


def trust_of(*origins, full=True):
    backtest = ScoredBacktest(
        window_days=365,
        is_full_length=full,
        leaderboard=pd.DataFrame(columns=list(LEADERBOARD_FRAME)),
        totals=pd.DataFrame(),
        origins=origins,
    )
    return measure_trust(backtest, "ensemble", future=FUTURE, segmentation=Segmentation())


def test_a_true_forecast_is_called_good():
    trust = trust_of(origin())
    assert trust.verdict == "good"
    everyone = trust.coverage.query("scope == 'all'").set_index("level")
    # nobody can be held less often than he buys nothing: 40 % of zeros leave 50 % over-covered
    assert everyone.loc[[0.8, 0.9, 0.95], "coverage"].to_numpy() == pytest.approx(
        [0.8, 0.9, 0.95], abs=0.03
    )
    assert (everyone["wilson_lower"] <= everyone["coverage"]).all()
    assert (everyone["coverage"] <= everyone["wilson_upper"]).all()
    assert everyone["zeros"].to_numpy() == pytest.approx(0.4, abs=0.02)


def test_too_narrow_a_spread_is_called_weak():
    assert trust_of(origin(scale=0.1)).verdict == "weak"


def test_a_past_total_outside_its_interval_is_never_good():
    trust = trust_of(origin(level=0.55))
    whole = trust.totals.query("scope == 'all'").iloc[0]
    assert whole["actual"] > whole["upper"]
    assert trust.verdict != "good"
    assert trust.reasons[1].code == "PAST_TOTAL_OUTSIDE"


def test_zeros_above_the_level_are_no_fault():
    """With 97 % of zeros an interval from nothing holds 97 % at any level."""
    trust = trust_of(origin(buys=0.03))
    row = trust.coverage.query("scope == 'all' and level == 0.8").iloc[0]
    assert row["coverage"] > 0.95
    assert trust.verdict == "good"


def test_windows_shorter_than_the_horizon_measure_nothing():
    trust = trust_of(origin(), full=False)
    assert trust.verdict == "not_measured"
    assert not trust.coverage.empty
    assert "SHORTER_WINDOWS" in {reason.code for reason in trust.reasons}


def test_without_a_past_date_there_is_nothing_to_show():
    trust = trust_of()
    assert trust.verdict == "not_measured"
    assert trust.coverage.empty
    assert trust.level_uncertainty > 0


def test_the_transform_of_a_true_forecast_is_even_and_that_of_a_narrow_one_is_not():
    even = trust_of(origin()).pit["share"].to_numpy()
    narrow = trust_of(origin(scale=0.1)).pit["share"].to_numpy()
    assert even.sum() == pytest.approx(1.0)
    assert even == pytest.approx(np.full(10, 0.1), abs=0.04)
    assert np.abs(narrow - 0.1).max() > 0.08


def test_calibration_pairs_forecast_and_outcome_by_tenth():
    table = trust_of(origin()).calibration
    assert table["tenth"].tolist() == list(range(1, 11))
    assert table["customers"].sum() == CUSTOMERS
    assert table["forecast"].is_monotonic_increasing
    assert table["actual"].to_numpy() == pytest.approx(table["forecast"].to_numpy(), rel=0.12)


def test_every_table_has_its_columns_and_every_scope_counts_everyone():
    trust = trust_of(origin(seed=1), dataclasses.replace(origin(seed=2), day=dt.date(2022, 12, 31)))
    for table, columns in (
        (trust.coverage, COVERAGE_FRAME), (trust.totals, PAST_TOTALS_FRAME),
        (trust.pit, PIT_FRAME), (trust.calibration, CALIBRATION_FRAME),
    ):  # fmt: skip
        assert tuple(table.columns) == columns
    counts = trust.coverage.groupby(["scope", "level"])["customers"].sum()
    assert (counts == 2 * CUSTOMERS).all()
    assert set(trust.coverage["level"]) == set(LEVELS)
    assert set(trust.coverage.query("scope == 'origin'")["key"]) == {"2022-12-31", "2023-12-31"}


# --- in a run ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run():
    return clv.forecast(
        clv.read_transactions(sample_orders(900, seed=4)),
        clv.ForecastConfig(horizon_months=3, confidence_level=0.9),
    )


def test_a_run_carries_its_proof(run):
    assert run.trust.verdict in {"good", "fair", "weak"}
    board = run.leaderboard.loc["ensemble"]
    both = run.trust.coverage.query("scope == 'origin' and level == 0.95")["coverage"]
    assert board["coverage_95"] == pytest.approx(both.mean())


def test_another_level_is_read_off_without_a_fit(run, monkeypatch):
    def no_fit(*_args, **_kwargs):
        raise AssertionError("something was fitted")

    monkeypatch.setattr("clvcore.models.seasonal_mbg.fit_mode", no_fit)
    monkeypatch.setattr("clvcore.members.past.train", no_fit)
    monkeypatch.setattr("clvcore.members.past.Past.__init__", no_fit)
    with pytest.raises(AssertionError, match="fitted"):
        clv.forecast(clv.read_transactions(sample_orders(60, seed=1)))
    same = customers_at(run, 0.9)
    assert same["clv_lower"].to_numpy() == pytest.approx(run.customers["clv_lower"].to_numpy())
    assert same["clv_upper"].to_numpy() == pytest.approx(run.customers["clv_upper"].to_numpy())
    pd.testing.assert_frame_equal(totals_at(run, 0.9), run.totals)
    months = run.timeline[run.timeline["kind"] == "forecast"].set_index("month")
    pd.testing.assert_frame_equal(timeline_at(run, 0.9), months[["lower", "upper"]])
    assert (timeline_at(run, 0.5)["upper"] < timeline_at(run, 0.8)["upper"]).all()
    assert (timeline_at(run, 0.99)["lower"] < months["lower"]).all()
    wide = customers_at(run, 0.99)
    assert (wide["clv_upper"] >= same["clv_upper"] - 1e-9).all()
    assert (totals_at(run, 0.5)["clv_upper"] < run.totals["clv_upper"]).all()


def test_a_level_outside_its_range_is_refused(run):
    with pytest.raises(clv.ConfigError, match=r"0\.95"):
        customers_at(run, 95)


# --- the rule ----------------------------------------------------------------------------------


def rows_with(coverage, *, zeros=0.3, least=0.8):
    return pd.DataFrame(
        {"coverage": [coverage], "level": [0.8], "zeros": [zeros], "least": [least]}
    )


@pytest.mark.parametrize(
    ("coverage", "least", "off"),
    [(0.77, 0.8, -0.03), (0.83, 0.8, 0.03), (0.9, 0.87, 0.03), (0.86, 0.87, 0.0)],
)
def test_distance_counts_from_the_level_or_from_what_zeros_force(coverage, least, off):
    assert distance(rows_with(coverage, least=least))[0] == pytest.approx(off)


@pytest.mark.parametrize(
    ("scale", "verdicts"), [(1.0, {"good"}), (0.36, {"fair"}), (0.1, {"weak"})]
)
def test_the_further_off_the_spread_the_worse_the_verdict(scale, verdicts):
    assert trust_of(origin(scale=scale)).verdict in verdicts


@pytest.mark.parametrize("beta", [(0.4, 0.8), (1.0, 1.0), (2.0, 1.0)])
def test_truth_is_good_however_unequal_the_chances_to_buy(beta):
    """Outcomes drawn from the very hurdle that is scored, everyone with a chance of his own."""
    rng = np.random.default_rng(3)
    buys = np.clip(rng.beta(*beta, CUSTOMERS), 0.001, 0.999)
    shape = Shape(buys=buys, spread=np.ones(CUSTOMERS))
    mean = np.exp(rng.normal(3.0, 1.0, CUSTOMERS))
    actual = shape.quantile(rng.random(CUSTOMERS)) * mean
    one = origin()
    customers = one.customers.assign(actual=actual)
    hurdle = Hurdle(mean=mean, shape=shape, usual=mean / buys)
    true = dataclasses.replace(one, customers=customers, members={"ensemble": hurdle})
    assert trust_of(true).verdict == "good"


def test_totals_are_judged_at_95_whatever_the_level_of_the_run():
    past = origin(level=0.9)
    verdicts = set()
    for level in (0.5, 0.95, 0.99):
        future = dataclasses.replace(FUTURE, level=level)
        backtest = ScoredBacktest(
            window_days=365, is_full_length=True, totals=pd.DataFrame(), origins=(past,),
            leaderboard=pd.DataFrame(columns=list(LEADERBOARD_FRAME)),
        )  # fmt: skip
        verdicts.add(
            measure_trust(backtest, "ensemble", future=future, segmentation=Segmentation()).verdict
        )
    assert len(verdicts) == 1


def test_where_nobody_spent_nothing_is_proved():
    past = origin()
    silent = dataclasses.replace(past, customers=past.customers.assign(actual=0.0))
    trust = trust_of(silent)
    assert trust.verdict == "not_measured"
    assert trust.reasons[0].code == "NOTHING_SPENT"
