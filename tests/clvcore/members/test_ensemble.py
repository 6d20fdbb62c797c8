"""The ensemble keeps totals, earns its weights and learns only from windows that had ended."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest

import clvcore as clv
from clvcore.backtest.rolling import reported_days, run_backtest
from clvcore.members.ensemble import fit_ensemble
from clvcore.members.past import Past, label_window, training_days
from clvcore.records.horizon import forecast_grid
from clvcore.sample import ShopParameters, sample_orders, simulate_shop

TODAY = dt.date(2024, 12, 31)


@pytest.fixture(scope="module")
def bench():
    return Past(clv.read_transactions(sample_orders(900, seed=4)), as_of=TODAY, cohort_by="quarter")


@pytest.fixture(scope="module")
def fitted(bench):
    return fit_ensemble(bench, day=TODAY, horizon_days=181)


def test_the_weights_sum_to_one(fitted):
    assert sum(fitted.weights().values()) == pytest.approx(1.0)
    assert min(fitted.weights().values()) >= 0


def test_trees_and_blend_move_money_between_customers_not_the_total(bench, fitted):
    grid = forecast_grid(clv.ForecastConfig(horizon_days=181), TODAY)
    snapshot = bench.snapshot(TODAY)
    level = dataclasses.replace(fitted, level=1.0)
    prediction = level.predict(snapshot, grid).prediction
    base = bench.base(TODAY).expected(snapshot, grid)
    assert prediction.revenue[:, -1].sum() == pytest.approx(base.revenue[:, -1].sum(), rel=1e-3)
    assert np.abs(prediction.revenue[:, -1] / base.revenue[:, -1] - 1).mean() > 0.02


def test_windows_of_training_origins_end_by_the_day_of_the_forecast():
    first, day = dt.date(2021, 1, 1), dt.date(2024, 1, 1)
    for window in (60, 183, 365):
        for origin in training_days(day, first, window):
            assert origin + dt.timedelta(days=window) <= day
            assert (origin - first).days >= 90


def test_reported_windows_do_not_overlap(bench):
    window = label_window(bench.history(TODAY), 181)
    days = reported_days(bench, window)
    assert len(days) == 2
    assert days[0] + dt.timedelta(days=window) == TODAY
    assert days[1] + dt.timedelta(days=window) <= days[0]


def test_a_short_log_is_scored_over_shorter_windows(bench):
    year = Past(bench.transactions, as_of=dt.date(2023, 12, 31), cohort_by="quarter")
    backtest = run_backtest(year, horizon_days=366, members=("bg_nbd",))
    assert not backtest.is_full_length
    assert backtest.window_days < 366
    assert not backtest.leaderboard.empty


def test_the_level_waits_for_two_seasons(bench, fitted):
    assert fitted.level == 1.0


@pytest.mark.slow
def test_a_steady_decline_is_seen_after_two_seasons():
    parameters = ShopParameters(
        customers=5000, first_day=dt.date(2018, 1, 1), last_day=TODAY, annual_price_trend=-0.25
    )
    mapping = {"customer_id": "customer_id", "date": "date", "amount": "amount"}
    shop = clv.read_transactions(simulate_shop(parameters, seed=2), mapping=mapping)
    long = Past(shop, as_of=dt.date(2023, 12, 31), cohort_by="year")
    assert fit_ensemble(long, day=long.as_of, horizon_days=365).level < 0.95


def test_a_member_scored_at_one_origin_only_is_not_averaged_with_others_at_two():
    # nobody comes back before day 165, so no rate of coming back can be fitted on day 160
    first, day, rng = dt.date(2023, 1, 1), dt.timedelta(days=1), np.random.default_rng(0)
    days = [(who, 3 * (who % 50)) for who in range(150)]
    days += [(who, later) for who in range(150) for later in rng.integers(165, 340, size=3)]
    lines = "".join(f"C{who},{first + int(at) * day},{10 + who % 7}\n" for who, at in days)
    shop = clv.read_transactions(f"customer_id,date,amount\n{lines}".encode())
    late = Past(shop, as_of=first + 340 * day, cohort_by=None)
    backtest = run_backtest(late, horizon_days=90, members=("bg_nbd",))
    totals = backtest.totals.assign(bias=lambda t: t["forecast"] / t["actual"] - 1)
    earlier, latest = (rows.set_index("model")["bias"] for _, rows in totals.groupby("origin"))
    assert set(latest.index) - set(earlier.index) == {"bg_nbd"}
    board = backtest.leaderboard["bias"]
    assert board.to_dict() == pytest.approx(latest.to_dict())
    assert abs(board["past_rate"] - (earlier["past_rate"] + latest["past_rate"]) / 2) > 0.01
