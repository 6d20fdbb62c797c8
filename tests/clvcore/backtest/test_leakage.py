"""A forecast made on a day in the past is scored on a future that it could not have seen."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import clvcore as clv
from clvcore.backtest.rolling import SCORED, reported_days, run_backtest
from clvcore.backtest.selection import horizon_notices
from clvcore.features import take_outcome, take_snapshot
from clvcore.members import ensemble
from clvcore.members import past as origins
from clvcore.members.past import Past, label_window, training_days
from clvcore.members.published import create
from clvcore.members.registry import make
from clvcore.members.seasonal import Seasonal
from clvcore.records.horizon import Grid
from clvcore.sample import sample_orders

DAY = dt.date(2024, 6, 30)
HORIZON = 90
GRID = Grid(as_of=DAY, days=(HORIZON,), months=(3.0,))
MARKED_AMOUNT = 1e6
MAPPING = {"customer_id": "customer_id", "date": "date", "amount": "amount", "order_id": "order_id"}


def read(rows):
    return clv.read_transactions(rows, mapping=MAPPING)


@pytest.fixture(scope="module")
def log():
    return clv.read_transactions(sample_orders(1_200, seed=8))


@pytest.fixture(scope="module")
def known(log):
    """Rows up to ``DAY``, those of returns included."""
    rows = log.lines.select(list(MAPPING)).to_pandas()
    rows["date"] = pd.to_datetime(rows["date"])
    return rows[rows["date"] <= pd.Timestamp(DAY)].reset_index(drop=True)


@pytest.fixture(scope="module")
def marked(known):
    """The same rows, and after ``DAY`` a future turned over.

    The customers who had bought least spend a million each, every second order is refunded, and
    the log runs on for a year.
    """
    bought = known[known["amount"] > 0]
    tomorrow = pd.Timestamp(DAY) + pd.Timedelta(days=1)
    back = bought.iloc[::2]
    refunds = back.assign(date=tomorrow, amount=-back["amount"])
    spent = bought.groupby("customer_id")["amount"].sum().sort_values()
    poorest = bought[bought["customer_id"].isin(spent.index[: len(spent) // 2])]
    spree = poorest.drop_duplicates("customer_id").assign(
        date=tomorrow, amount=MARKED_AMOUNT, order_id="MARKER"
    )
    last = spree.assign(date=pd.Timestamp(DAY) + pd.Timedelta(days=365))
    return pd.concat([known, refunds, spree, last], ignore_index=True)


@pytest.fixture(scope="module")
def blind(known):
    """What could be done on ``DAY`` itself."""
    return Past(read(known), as_of=DAY, cohort_by="quarter")


@pytest.fixture
def hindsight(marked):
    """The same day, looked back at from a year later."""
    later = DAY + dt.timedelta(days=365)
    return Past(read(marked), as_of=later, cohort_by="quarter")


@pytest.fixture(scope="module")
def honest(blind):
    """What each member says on ``DAY``."""
    return {name: make(name, blind, GRID) for name in SCORED}


def test_the_past_holds_enough_to_train_on(honest):
    """Otherwise the tests below would compare members that learned nothing."""
    weights = honest["ensemble"].fitted.weights()
    assert weights["lightgbm"] > 0.05
    assert weights["xgboost"] > 0.05


@pytest.mark.parametrize("member", SCORED)
def test_a_forecast_made_in_the_past_knows_nothing_of_what_followed(hindsight, honest, member):
    forecast = make(member, hindsight, GRID)
    assert forecast.prediction.index.equals(honest[member].prediction.index)
    for part in ("revenue", "purchases", "p_alive", "p_purchase", "purchase_value"):
        seen, expected = (getattr(f.prediction, part) for f in (forecast, honest[member]))
        assert np.array_equal(seen, expected), part
    assert forecast.fitted.state() == honest[member].fitted.state()


@pytest.mark.parametrize("member", ["lightgbm", "xgboost", "ensemble"])
def test_training_on_the_reported_window_is_seen(hindsight, honest, monkeypatch, member):
    """Planted: the origin that is reported is among those trained on."""
    for room in (ensemble, origins):
        monkeypatch.setattr(room, "training_days", lambda day, *_rest, **_more: [day])
    cheating = make(member, hindsight, GRID).prediction.revenue
    assert not np.allclose(cheating, honest[member].prediction.revenue, rtol=1e-3)


@pytest.mark.parametrize("member", ["lightgbm", "ensemble"])
def test_training_windows_that_reach_into_the_reported_one_are_seen(
    hindsight, honest, monkeypatch, member
):
    """Planted: origins half a window back, whose labels overlap the window that is scored."""

    def overlapping(day, first_day, window, **more):
        half = dt.timedelta(days=window // 2)
        return [origin + half for origin in training_days(day, first_day, window, **more)]

    for room in (ensemble, origins):
        monkeypatch.setattr(room, "training_days", overlapping)
    cheating = make(member, hindsight, GRID).prediction.revenue
    assert not np.allclose(cheating, honest[member].prediction.revenue, rtol=1e-3)


@pytest.mark.parametrize("member", ["seasonal_mbg", "lightgbm", "xgboost", "ensemble"])
def test_a_base_fitted_on_later_orders_is_seen(hindsight, honest, monkeypatch, member):
    """Planted: the parameters that every origin's forecast and features rest on are today's."""
    today = Seasonal().fit(hindsight.snapshot(hindsight.as_of))
    at_origin = hindsight.base(DAY)
    later = replace(at_origin, amounts=today.amounts)
    monkeypatch.setattr(Past, "base", lambda _bench, _day: later)
    cheating = make(member, hindsight, GRID).prediction.revenue
    assert not np.allclose(cheating, honest[member].prediction.revenue, rtol=1e-3)


days = st.dates(dt.date(2020, 1, 1), dt.date(2026, 12, 31))
lengths = st.integers(1, 1_826)


@given(days, st.integers(0, 2_500), lengths, st.integers(1, 12))
def test_every_training_window_ends_before_the_forecast_begins(first_day, history, window, most):
    day = first_day + dt.timedelta(days=history)
    origins = training_days(day, first_day, window, most=most)
    assert len(origins) <= most
    assert origins == sorted(set(origins), reverse=True)
    for origin in origins:
        assert first_day < origin
        assert origin + dt.timedelta(days=window) <= day


@given(st.integers(0, 3_000), lengths)
def test_a_past_window_is_never_longer_than_the_horizon(history, horizon):
    assert 1 <= label_window(history, horizon) <= horizon


@pytest.mark.parametrize("window", [30, 60, 90, 180])
def test_reported_windows_end_by_today_and_do_not_overlap(blind, window):
    reported = reported_days(blind, window)
    assert reported
    ends = [day + dt.timedelta(days=window) for day in reported]
    assert ends[0] <= blind.as_of
    for day, earlier_end in zip(reported, ends[1:], strict=False):
        assert earlier_end <= day


def test_a_window_that_reaches_beyond_today_is_refused_though_the_log_runs_on(marked):
    bench = Past(read(marked), as_of=DAY)
    bench.outcome(DAY - dt.timedelta(days=30), 30)
    with pytest.raises((clv.DataError, ValueError)):
        bench.outcome(DAY - dt.timedelta(days=30), 31)


def test_orders_after_today_change_no_score(known, marked):
    boards = [
        run_backtest(
            Past(read(rows), as_of=DAY, cohort_by="quarter"),
            horizon_days=HORIZON,
            members=("seasonal_mbg", "ensemble"),
        )
        for rows in (known, marked)
    ]
    assert {"cohort_mean", "ensemble"} <= set(boards[0].leaderboard.index)
    assert_frame_equal(boards[0].leaderboard, boards[1].leaderboard, check_exact=True)
    assert_frame_equal(boards[0].totals, boards[1].totals, check_exact=True)


def test_everyone_known_at_an_origin_is_scored_whether_he_bought_again_or_not(blind):
    backtest = run_backtest(blind, horizon_days=HORIZON, members=("bg_nbd",))
    totals = backtest.totals.set_index(["origin", "model"])
    for day in reported_days(blind, backtest.window_days):
        snapshot = take_snapshot(blind.transactions, as_of=day)
        outcome = take_outcome(
            blind.transactions, snapshot, end=day + dt.timedelta(days=backtest.window_days)
        ).customers
        assert (outcome["purchases"] == 0).any()
        assert totals.loc[(day, "bg_nbd"), "actual"] == pytest.approx(outcome["revenue"].sum())
        forecast = create_alone("bg_nbd", snapshot, backtest.window_days)
        assert totals.loc[(day, "bg_nbd"), "forecast"] == pytest.approx(forecast)
    assert backtest.leaderboard.loc["zero", "bias"] == -1.0


def create_alone(name, snapshot, days):
    """The total a fresh fit on the snapshot expects: no state is shared with the backtest."""
    fitted = create(name).fit(snapshot)
    grid = Grid(as_of=snapshot.as_of, days=(days,), months=(days / 30.4375,))
    return fitted.expected(snapshot, grid).revenue.sum()


def test_the_order_of_rows_changes_no_score(known, blind):
    shuffled = Past(read(known.sample(frac=1, random_state=5)), as_of=DAY, cohort_by="quarter")
    boards = [
        run_backtest(bench, horizon_days=HORIZON, members=("ensemble",)).leaderboard
        for bench in (blind, shuffled)
    ]
    assert_frame_equal(boards[0], boards[1], rtol=1e-6)


@pytest.mark.parametrize(
    ("as_of", "said"),
    [
        ("2023-09-01", {"SEASON_NOT_SEEN", "NOT_MEASURED_AT_HORIZON"}),
        ("2024-06-30", {"SEASON_SEEN_ONCE", "NOT_MEASURED_AT_HORIZON"}),
        ("2024-12-31", set()),
    ],
)
def test_windows_of_other_seasons_are_no_replicates_and_that_is_said(log, as_of, said):
    bench = Past(log, as_of=dt.date.fromisoformat(as_of))
    year = Grid(as_of=bench.as_of, days=(365,), months=(12.0,))
    backtest = run_backtest(bench, horizon_days=365, members=())
    assert {notice.code for notice in horizon_notices(bench, year, backtest)} == said
