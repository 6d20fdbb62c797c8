"""Retention and value by cohort: exact where lived through, continuous and true ahead."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import clvcore as clv
from clvcore.features import cohort_labels, left_censored, observed_retention, take_snapshot
from clvcore.members.published import create
from clvcore.records.columns import COHORTS_FRAME, FORECAST, OBSERVED
from clvcore.records.horizon import Grid, forecast_grid
from clvcore.records.prediction import Prediction
from clvcore.records.snapshot import Snapshot
from clvcore.runs.cohorts import build_cohorts, regroup
from clvcore.sample import ShopParameters, simulate_shop
from clvcore.uncertainty import Future

MAPPING = {"customer_id": "customer_id", "date": "date", "amount": "amount"}
KEYS = ["cohort", "month_index"]
MONTH = 365.25 / 12


def orders(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "date", "amount"])
    return clv.read_transactions(frame.assign(date=pd.to_datetime(frame["date"])), mapping=MAPPING)


def snapshot_of(*rows, as_of):
    return take_snapshot(orders(*rows), as_of=dt.date.fromisoformat(as_of))


def slowly(snapshot, labels):
    """The observed table, one customer and month at a time."""
    days = dict(list(snapshot.purchases.groupby("customer")))
    rows = []
    for name in sorted(set(labels)):
        members = np.flatnonzero((labels == name).to_numpy())
        month = 0
        while all(snapshot.customers["T"].iloc[who] + 1 >= (month + 1) * MONTH for who in members):
            active, money = 0, 0.0
            for who in members:
                since = days[who]["day"] - days[who]["day"].min()
                within = (since >= month * MONTH) & (since < (month + 1) * MONTH)
                active += bool(within.any())
                money += days[who]["amount"][since < (month + 1) * MONTH].sum()
            rows.append((name, len(members), month, active / len(members), money / len(members)))
            month += 1
    columns = ["cohort", "customers", *KEYS[1:], "retention", "cumulative_value_per_customer"]
    return pd.DataFrame(rows, columns=columns)


@pytest.mark.parametrize("cohort_by", ["month", "quarter", "year", "channel", None])
def test_the_observed_table_is_what_counting_one_by_one_gives(shop, cohort_by):
    snapshot = take_snapshot(shop, as_of=dt.date(2024, 3, 10))
    labels = cohort_labels(snapshot, cohort_by)
    pd.testing.assert_frame_equal(
        observed_retention(snapshot, labels), slowly(snapshot, labels), check_dtype=False
    )


def test_a_purchase_on_the_day_a_month_ends_belongs_to_the_next_one():
    rows = [("ann", "2024-01-01", 10.0), ("ann", "2024-01-31", 5.0), ("ann", "2024-02-01", 7.0)]
    # month 0 holds days 0 to 30 after the first purchase, so 1 February opens month 1
    table = observed_retention(*_with_labels(snapshot_of(*rows, as_of="2024-03-31")))
    assert table["cumulative_value_per_customer"].tolist() == [15.0, 22.0]
    assert table["retention"].tolist() == [1.0, 1.0]


def test_a_month_is_observed_once_the_youngest_has_lived_through_it():
    rows = [("ann", "2024-01-01", 10.0), ("bob", "2024-03-01", 30.0)]
    before = observed_retention(*_with_labels(snapshot_of(*rows, as_of="2024-03-30")))
    after = observed_retention(*_with_labels(snapshot_of(*rows, as_of="2024-03-31")))
    assert len(before) == 0
    assert after["month_index"].tolist() == [0]
    assert after["retention"].tolist() == [1.0]
    assert after["cumulative_value_per_customer"].tolist() == [20.0]


def _with_labels(snapshot, cohort_by=None):
    return snapshot, cohort_labels(snapshot, cohort_by)


@pytest.mark.parametrize(
    ("cohort_by", "first"), [("month", "2023-01"), ("quarter", "2023-Q1"), ("year", "2023")]
)
def test_the_first_period_of_the_log_is_named_as_cut_off(shop, cohort_by, first):
    assert left_censored(*_with_labels(take_snapshot(shop), cohort_by)) == first


@pytest.mark.parametrize("cohort_by", ["channel", None])
def test_cohorts_that_are_no_periods_have_no_first_one(shop, cohort_by):
    assert left_censored(*_with_labels(take_snapshot(shop), cohort_by)) is None


# --- observed and forecast together ------------------------------------------------------------


@pytest.fixture(scope="module")
def parts(shop):
    """Snapshot, grid and prediction of the shop, half a year before its log ends."""
    snapshot = take_snapshot(shop, as_of=dt.date(2024, 6, 30))
    grid = forecast_grid(clv.ForecastConfig(horizon_months=12), snapshot.as_of)
    return snapshot, grid, create("mbg_nbd").fit(snapshot).expected(snapshot, grid)


def cohorts_of(parts, cohort_by="quarter"):
    snapshot, grid, prediction = parts
    return built(snapshot, cohort_labels(snapshot, cohort_by), grid, prediction)


def built(snapshot, labels, grid, prediction):
    """Cohorts of a forecast whose every customer is as uncertain as his own mean is large."""
    future = Future(grid=grid, history_days=snapshot.history_days, full_window=True, level=0.95)
    return build_cohorts(snapshot, labels, future, prediction, np.ones(len(labels)))


@pytest.mark.parametrize("cohort_by", ["month", "quarter", "year", "channel", None])
def test_every_cohort_runs_from_its_first_month_to_the_horizon_without_a_gap(parts, cohort_by):
    frame = cohorts_of(parts, cohort_by)
    assert list(frame.columns) == list(COHORTS_FRAME)
    snapshot, grid, _ = parts
    labels = cohort_labels(snapshot, cohort_by)
    youngest = snapshot.customers["T"].groupby(labels.to_numpy()).min()
    for name, cohort in frame.groupby("cohort"):
        assert cohort["month_index"].tolist() == list(range(len(cohort)))
        assert len(cohort) == (youngest[name] + 1 + grid.horizon_days) // MONTH
        kinds = cohort["kind"].tolist()
        assert kinds == sorted(kinds, key=[OBSERVED, FORECAST].index)
        assert (cohort["customers"] == (labels == name).sum()).all()
    assert set(frame["cohort"]) == set(labels)


@pytest.mark.parametrize("cohort_by", ["month", "quarter", "year", "channel", None])
def test_value_never_falls_and_retention_is_a_share(parts, cohort_by):
    frame = cohorts_of(parts, cohort_by)
    steps = frame.groupby("cohort")["cumulative_value_per_customer"].diff().dropna()
    assert (steps >= 0).all()
    assert frame["retention"].between(0, 1).all()
    assert (frame.loc[frame["month_index"] == 0, "retention"] == 1.0).all()
    observed = frame["kind"] == OBSERVED
    assert frame.loc[observed, ["lower", "upper"]].isna().all(axis=None)
    ahead = frame[~observed]
    assert (ahead["lower"] <= ahead["cumulative_value_per_customer"]).all()
    assert (ahead["cumulative_value_per_customer"] <= ahead["upper"]).all()
    widths = (ahead["upper"] - ahead["lower"]).groupby(ahead["cohort"]).agg(["first", "last"])
    assert (widths["last"] > widths["first"]).all()


def test_the_observed_rows_are_those_of_the_history(parts):
    snapshot = parts[0]
    frame = cohorts_of(parts)
    observed = frame[frame["kind"] == OBSERVED].reset_index(drop=True)
    alone = observed_retention(snapshot, cohort_labels(snapshot, "quarter"))
    pd.testing.assert_frame_equal(observed[alone.columns], alone, check_dtype=False)


def test_expectations_are_read_customer_by_customer_between_the_steps():
    """Two customers at different ages: each contributes what is known and what is expected."""
    snapshot = snapshot_of(
        ("ann", "2024-01-01", 100.0), ("bob", "2024-02-01", 50.0), as_of="2024-02-29"
    )
    grid = Grid(as_of=snapshot.as_of, days=(31, 61), months=(1.0, 2.0))
    prediction = Prediction(
        index=snapshot.customers.index,
        purchases=np.array([[1.0, 2.0], [0.5, 1.0]]),
        revenue=np.array([[31.0, 61.0], [62.0, 122.0]]),  # 1 and 2 a day
        p_alive=np.array([1.0, 0.5]),
        p_purchase=np.array([0.8, 0.4]),
        purchase_value=np.array([30.5, 122.0]),
    )
    frame = built(*_with_labels(snapshot), grid, prediction)
    # ann is 59 days old, bob 28; months of life end on days 30, 60, 91 (the last counted day)
    assert frame["kind"].tolist() == [FORECAST] * 2
    assert frame["cumulative_value_per_customer"].tolist() == pytest.approx(
        [(100 + 50 + 2 * 2) / 2, (100 + 1 + 50 + 2 * 32) / 2]
    )
    ann = 1 - np.exp(-1 / 31)
    bob = 0.5 * (1 - np.exp(-(0.5 + 0.5 / 30 - 0.5 * 2 / 31) / 0.5))
    assert frame["retention"].tolist() == pytest.approx([1.0, (ann + bob) / 2])


def test_a_cohort_of_one_day_ends_with_all_that_is_expected():
    rows = [(f"c{k}", "2024-01-01", 10.0 + k) for k in range(4)]
    rows += [(f"c{k}", "2024-02-10", 5.0) for k in range(2)]
    snapshot = snapshot_of(*rows, as_of="2024-06-30")
    age = int(snapshot.customers["T"].iloc[0])
    end = int(np.ceil(9 * MONTH)) - 1 - age  # the horizon closes month 8
    grid = Grid(as_of=snapshot.as_of, days=(30, end), months=(1.0, 3.0))
    revenue = np.array([[3.0, 8.0]] * 4) * np.arange(1, 5)[:, None]
    prediction = Prediction(
        index=snapshot.customers.index, purchases=revenue / 10, revenue=revenue,
        p_alive=np.full(4, 0.5), p_purchase=np.full(4, 0.3), purchase_value=np.full(4, 10.0),
    )  # fmt: skip
    frame = built(*_with_labels(snapshot), grid, prediction)
    known = snapshot.customers["revenue_to_date"].sum()
    assert frame["cumulative_value_per_customer"].iloc[-1] * 4 == pytest.approx(
        known + revenue[:, -1].sum()
    )


def test_who_is_surely_gone_buys_in_no_month_ahead(parts):
    snapshot, grid, prediction = parts
    gone = replace(
        prediction,
        purchases=np.zeros_like(prediction.purchases),
        revenue=np.zeros_like(prediction.revenue),
        p_alive=np.zeros_like(prediction.p_alive),
    )
    frame = built(snapshot, cohort_labels(snapshot, "quarter"), grid, gone)
    assert np.isfinite(frame["retention"]).all()
    last = frame.groupby("cohort").tail(1)
    money = snapshot.customers["revenue_to_date"].groupby(
        cohort_labels(snapshot, "quarter").to_numpy()
    )
    assert (last["retention"] == 0).all()
    assert last["cumulative_value_per_customer"].tolist() == pytest.approx(money.mean().tolist())


def test_the_forecast_meets_a_truth_that_is_known():
    """A stationary shop, a year ahead: money within 3 %, retention a little high at most."""
    parameters = ShopParameters(
        customers=15_000, dropout_at_first=True, r=0.8, alpha=8.0, a=0.5, b=3.0,
        last_day=dt.date(2025, 6, 30), last_join_day=dt.date(2024, 5, 1),
    )  # fmt: skip
    log = clv.read_transactions(simulate_shop(parameters, seed=1), mapping=MAPPING)
    snapshot, later = take_snapshot(log, as_of=dt.date(2024, 6, 30)), take_snapshot(log)
    grid = forecast_grid(clv.ForecastConfig(horizon_months=12), snapshot.as_of)
    prediction = create("mbg_nbd").fit(snapshot).expected(snapshot, grid)
    frame = cohorts_of((snapshot, grid, prediction))
    truth = observed_retention(later, cohort_labels(later, "quarter"))
    both = frame[frame["kind"] == FORECAST].merge(truth, on=[*KEYS, "customers"])
    assert len(both) > 60
    money = both["cumulative_value_per_customer_x"] / both["cumulative_value_per_customer_y"]
    assert money.to_numpy() == pytest.approx(1.0, abs=0.03)
    assert 1.0 < both["retention_x"].mean() / both["retention_y"].mean() < 1.1


def test_names_and_order_of_customers_play_no_part(shop, parts):
    snapshot, grid, prediction = parts
    order = np.random.default_rng(1).permutation(len(snapshot.customers))
    row = np.argsort(order)
    purchases = snapshot.purchases.assign(customer=row[snapshot.purchases["customer"]])
    turned = Snapshot(
        as_of=snapshot.as_of,
        first_day=snapshot.first_day,
        customers=snapshot.customers.iloc[order],
        purchases=purchases.sort_values(["customer", "day"], ignore_index=True),
    )
    shuffled = Prediction(
        index=turned.customers.index,
        **{
            name: getattr(prediction, name)[order]
            for name in ("purchases", "revenue", "p_alive", "p_purchase", "purchase_value")
        },
    )
    pd.testing.assert_frame_equal(
        cohorts_of((turned, grid, shuffled)), cohorts_of(parts), rtol=1e-12
    )


def test_nothing_given_is_changed(parts):
    snapshot, _, prediction = parts
    customers, purchases = snapshot.customers.copy(), snapshot.purchases.copy()
    counted, revenue = prediction.purchases.copy(), prediction.revenue.copy()
    cohorts_of(parts)
    pd.testing.assert_frame_equal(snapshot.customers, customers)
    pd.testing.assert_frame_equal(snapshot.purchases, purchases)
    assert (prediction.purchases == counted).all()
    assert (prediction.revenue == revenue).all()


@pytest.mark.parametrize("horizon", [{"horizon_days": 1}, {"horizon_months": 60}])
def test_a_run_carries_its_cohorts_at_any_horizon(shop, horizon):
    run = clv.forecast(shop, clv.ForecastConfig(cohort_by="month", **horizon))
    months = run.cohorts.groupby("cohort").size()
    history = (shop.last_day - shop.first_day).days
    ahead = (run.horizon_end - run.as_of).days
    assert months.max() <= (history + ahead + 1) / MONTH
    assert set(run.cohorts["cohort"]) <= set(run.customers["cohort"])


def test_a_hundred_thousand_customers_take_a_fraction_of_a_second(parts):
    snapshot, grid, prediction = parts
    times = 100_000 // len(snapshot.customers) + 1
    customers = pd.concat([snapshot.customers] * times, ignore_index=True)
    rows = len(snapshot.customers)
    purchases = pd.concat(
        [snapshot.purchases.assign(customer=snapshot.purchases["customer"] + k * rows)
         for k in range(times)], ignore_index=True,
    )  # fmt: skip
    large = Snapshot(
        as_of=snapshot.as_of, first_day=snapshot.first_day,
        customers=customers, purchases=purchases,
    )  # fmt: skip
    stacked = Prediction(
        index=customers.index,
        **{
            name: np.concatenate([getattr(prediction, name)] * times)
            for name in ("purchases", "revenue", "p_alive", "p_purchase", "purchase_value")
        },
    )
    labels = cohort_labels(large, "quarter")
    began = time.process_time()  # not what other programs take
    frame = built(large, labels, grid, stacked)
    assert time.process_time() - began < 0.5
    one = cohorts_of(parts)
    assert frame["retention"].to_numpy() == pytest.approx(one["retention"].to_numpy())


@pytest.mark.parametrize("by", ["year", "channel"])
def test_regrouping_a_run_gives_what_a_run_grouped_so_holds(shop, by):
    config = clv.ForecastConfig(horizon_months=4, model="mbg_nbd", cohort_by="quarter")
    run = clv.forecast(shop, config)
    other = clv.forecast(shop, replace(config, cohort_by=by))
    snapshot = take_snapshot(shop, as_of=run.as_of)
    frame = regroup(run, run.prediction, snapshot, by)
    pd.testing.assert_frame_equal(frame, other.cohorts)


def test_regrouping_by_other_orders_is_refused(shop):
    run = clv.forecast(shop, clv.ForecastConfig(horizon_months=1, model="naive"))
    snapshot = take_snapshot(shop, as_of=shop.first_day + dt.timedelta(days=200))
    with pytest.raises(clv.DataError, match="other orders"):
        regroup(run, run.prediction, snapshot, "year")
