"""The straight line: what a run says, what it refuses and what it doubts."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest

import clvcore as clv
from clvcore.records.horizon import latest_beginning

MAPPING = {"customer_id": "customer_id", "date": "date", "amount": "amount"}


def orders(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "date", "amount"])
    return clv.read_transactions(frame.assign(date=pd.to_datetime(frame["date"])), mapping=MAPPING)


def codes(run):
    return {notice.code for notice in run.warnings}


def test_steps_are_told_in_order_and_end_at_one(shop):
    steps = []
    clv.forecast(shop, clv.ForecastConfig(horizon_months=1), lambda *step: steps.append(step))
    assert [name for name, _ in steps] == [
        "snapshot", "backtest", "fit", "intervals", "segments", "done",
    ]  # fmt: skip
    shares = [share for _, share in steps]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_as_of_is_the_last_day_of_the_data_unless_named(shop):
    assert clv.forecast(shop).as_of == shop.last_day


def test_the_ledger_of_a_run_sets_later_rows_apart(shop):
    run = clv.forecast(shop, clv.ForecastConfig(as_of="2024-06-30"))
    report = run.quality
    assert report.rows_dropped["after_as_of"] > 0
    assert report.rows_in == report.rows_used + sum(report.rows_dropped.values())
    dropped = sum(report.amount_dropped.values())
    assert report.amount_in == pytest.approx(report.amount_used + dropped, rel=1e-12)
    assert report.amount_used == pytest.approx(run.customers["revenue_to_date"].sum())


def test_the_timeline_joins_history_and_forecast_without_a_gap(shop):
    run = clv.forecast(shop, clv.ForecastConfig(as_of="2024-06-30", horizon_months=3))
    months = pd.PeriodIndex(run.timeline["month"], freq="M")
    assert (np.diff(months.asi8) == 1).all()
    observed = run.timeline[run.timeline["kind"] == "observed"]
    assert observed["month"].max() == pd.Timestamp("2024-06-30")
    assert observed["revenue"].sum() <= run.customers["revenue_to_date"].sum() + 1e-6
    assert run.timeline["month"].max() == pd.Timestamp(run.horizon_end)


@pytest.mark.parametrize(
    ("cohort_by", "example"),
    [("month", "2023-01"), ("quarter", "2023-Q1"), ("year", "2023"), (None, "all")],
)
def test_cohorts_are_named_by_period(shop, cohort_by, example):
    run = clv.forecast(shop, clv.ForecastConfig(cohort_by=cohort_by))
    assert example in set(run.customers["cohort"])


def test_cohorts_may_be_an_attribute_of_the_first_purchase(shop):
    run = clv.forecast(shop, clv.ForecastConfig(cohort_by="channel"))
    assert set(run.customers["cohort"]) <= set(shop.to_pandas()["channel"]) | {"unknown"}
    assert len(set(run.customers["cohort"])) > 1


def test_a_cohort_column_that_is_not_there_is_named(shop):
    with pytest.raises(clv.DataError, match=r"'shoe_size'.*channel"):
        clv.forecast(shop, clv.ForecastConfig(cohort_by="shoe_size"))


def test_under_six_months_is_refused_unless_allowed(shop):
    short = clv.ForecastConfig(as_of="2023-06-30")
    with pytest.raises(clv.HistoryError, match="cover 179 days") as refused:
        clv.forecast(shop, short)
    assert refused.value.code == "INSUFFICIENT_HISTORY"
    allowed = clv.ForecastConfig(as_of="2023-06-30", allow_short_history=True)
    run = clv.forecast(shop, allowed)
    assert "SHORT_LOG" in codes(run)
    assert run.customers["short_history"].all()


@pytest.mark.parametrize(
    ("first", "last"),
    [("2017-01-01", "2017-06-30"), ("2016-08-31", "2017-02-28"), ("2023-08-31", "2024-02-29")],
)
def test_six_calendar_months_are_enough_and_a_day_less_is_not(first, last):
    begins, ends = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    days = (ends - begins).days
    rows = [(f"c{n % 30}", begins + dt.timedelta(days=n), 10.0 + n % 9) for n in range(days + 1)]
    log = orders(*rows)
    assert log.first_day == begins
    config = clv.ForecastConfig(model="naive", as_of=ends)
    run = clv.forecast(log, config)
    assert "SHORT_LOG" not in codes(run)
    # who came on the first day has six months behind him, whoever came later has not
    came = run.customers["first_purchase"].dt.date
    assert (run.customers["short_history"] == (came > latest_beginning(ends))).all()
    assert not run.customers["short_history"][came == begins].any()
    assert run.customers["short_history"].any()
    early = dataclasses.replace(config, as_of=ends - dt.timedelta(days=1))
    with pytest.raises(clv.HistoryError) as refused:
        clv.forecast(log, early)
    assert f"cover {days - 1} days" in str(refused.value)
    assert f"here {days} days" in str(refused.value)


def test_a_day_after_the_log_is_known_silence(shop):
    later = clv.forecast(shop, clv.ForecastConfig(as_of="2025-06-30"))
    assert "KNOWN_SILENCE" in codes(later)
    now = clv.forecast(shop)
    assert later.customers["p_alive"].mean() < now.customers["p_alive"].mean()


def test_one_time_buyers_have_a_chance_to_be_gone(cdnow):
    config = clv.ForecastConfig(as_of="1997-09-30", horizon_days=273, model="bg_nbd")
    run = clv.forecast(cdnow, config)
    once = run.customers[run.customers["frequency"] == 0]
    assert run.model == "bg_nbd"
    assert {"bg_nbd", "mbg_nbd", "gamma_gamma"} == set(run.parameters)
    assert once["p_alive"].between(0.2, 0.6).all()


def test_totals_nest_and_are_surer_than_their_parts(shop):
    run = clv.forecast(shop)
    totals = run.totals.set_index(["scope", "key"])
    assert (totals["clv_lower"] < totals["clv"]).all()
    assert (totals["clv"] < totals["clv_upper"]).all()
    whole = totals.loc[("all", "all")]
    width = np.log(totals["clv_upper"] / totals["clv"])
    assert (width.drop(("all", "all")) > width[("all", "all")]).all()
    for scope in ("segment", "cohort"):
        parts = totals.loc[scope]
        assert parts["clv"].sum() == pytest.approx(whole["clv"])
        # the whole is never surer than if its parts had nothing in common, nor less than their sum
        assert parts["clv_lower"].sum() <= whole["clv_lower"]
        assert parts["clv_upper"].sum() >= whole["clv_upper"]


def test_any_selection_has_an_interval_of_its_own(shop):
    run = clv.forecast(shop)
    whole = run.totals.set_index("scope").loc["all"]
    everyone = run.total(run.customers.index)
    assert everyone["clv_lower"] == pytest.approx(whole["clv_lower"])
    assert everyone["clv_upper"] == pytest.approx(whole["clv_upper"])
    high = run.customers.index[run.customers["segment"] == "high"]
    row = run.totals[(run.totals["scope"] == "segment") & (run.totals["key"] == "high")].iloc[0]
    assert run.total(high)["clv_upper"] == pytest.approx(row["clv_upper"])
    some = run.customers.index[:10]
    total = run.total(some)
    assert total["clv"] == pytest.approx(run.customers.loc[some, "clv"].sum())
    assert total["clv_upper"] / total["clv"] > everyone["clv_upper"] / everyone["clv"]


def test_a_total_counts_a_customer_once_and_names_an_unknown_id(shop):
    run = clv.forecast(shop)
    first = run.customers.index[0]
    assert run.total([first, first])["clv"] == pytest.approx(run.customers.loc[first, "clv"])
    with pytest.raises(clv.DataError, match="nobody"):
        run.total([first, "nobody"])


def test_auto_ships_the_ensemble_and_says_why(shop):
    run = clv.forecast(shop, clv.ForecastConfig(horizon_months=6))
    assert run.model == "ensemble"
    assert "CHOSEN_BY_BACKTEST" in codes(run)
    assert run.weights["weight"].sum() == pytest.approx(1.0)
    assert set(run.weights["model"]) >= {"seasonal_mbg", "lightgbm", "xgboost", "last_window"}


def test_a_lone_return_before_the_first_purchase_lengthens_no_history():
    days = pd.date_range("2024-01-01", periods=140, freq="D").strftime("%Y-%m-%d")
    rows = [(f"c{k % 40}", day, 10.0 + k) for k, day in enumerate(days)]
    with pytest.raises(clv.HistoryError, match="139 days"):
        clv.forecast(orders(*rows, ("x", "2022-06-01", -5.0)))


def test_doubts_about_later_rows_stay_out_of_an_earlier_ledger(shop):
    rows = shop.to_pandas()[["customer_id", "date", "amount"]]
    whale = pd.DataFrame(
        {"customer_id": "w", "date": pd.to_datetime(["2024-12-30"]), "amount": 1e9}
    )
    later = clv.read_transactions(pd.concat([rows, whale]), mapping=MAPPING)
    assert "ONE_LARGE_CUSTOMER" in {notice.code for notice in later.quality.warnings}
    run = clv.forecast(later, clv.ForecastConfig(as_of="2024-06-30", model="bg_nbd"))
    assert "ONE_LARGE_CUSTOMER" not in {notice.code for notice in run.quality.warnings}


def test_a_run_names_a_model_it_can_be_repeated_with(shop):
    for asked in ("auto", "probabilistic"):
        run = clv.forecast(shop, clv.ForecastConfig(horizon_months=2, model=asked))
        clv.ForecastConfig(model=run.model)


def test_nobody_is_worth_anything_where_nothing_was_ever_paid():
    run = clv.forecast(
        orders(*DEGENERATE["zero amounts only"]), clv.ForecastConfig(as_of="2024-06-30")
    )
    assert (run.customers["clv"] == 0).all()
    assert not (run.customers["segment"] == "high").any()


def test_the_leaderboard_holds_baselines_members_and_the_ensemble(shop):
    board = clv.forecast(shop, clv.ForecastConfig(horizon_months=6)).leaderboard
    baselines = {"zero", "last_window", "past_rate", "cohort_mean"}
    members = {"bg_nbd", "seasonal_mbg", "lightgbm", "xgboost", "ensemble"}
    assert set(board.index) >= baselines | members
    assert np.isfinite(board[["rmse", "mae", "bias", "gini", "spearman"]]).all(axis=None)
    assert board["rmse"].is_monotonic_increasing
    measured = board[["coverage_80", "coverage_95", "winkler_95"]]
    assert measured.loc[sorted(baselines)].isna().all(axis=None)
    held = measured.loc[sorted(members), ["coverage_80", "coverage_95"]]
    assert ((held > 0.5) & (held <= 1)).all(axis=None)
    assert (measured.loc[sorted(members), "winkler_95"] > 0).all()


def test_a_horizon_the_past_does_not_reach_is_called_unmeasured(shop):
    run = clv.forecast(shop, clv.ForecastConfig(as_of="2023-12-31", horizon_months=12))
    assert {"NOT_MEASURED_AT_HORIZON", "SEASON_SEEN_ONCE"} <= codes(run)


def test_a_season_ahead_that_was_never_seen_is_doubted(shop):
    run = clv.forecast(shop, clv.ForecastConfig(as_of="2023-08-31", horizon_months=6))
    assert "SEASON_NOT_SEEN" in codes(run)


def test_a_season_seen_before_is_not_doubted(shop):
    run = clv.forecast(shop, clv.ForecastConfig(horizon_months=3))
    doubts = {"NOT_MEASURED_AT_HORIZON", "SEASON_NOT_SEEN", "SEASON_SEEN_ONCE"}
    assert not doubts & codes(run)


# --- thin and degenerate logs: a typed refusal or a named, weaker forecast, never NaN ---------

YEAR = [f"2023-{month:02d}-15" for month in range(1, 13)]
DEGENERATE = {
    "one row": [("ann", "2023-01-01", 10.0)],
    "one customer": [("ann", day, 10.0 + k) for k, day in enumerate(YEAR)],
    "all buy once": [(f"c{k}", YEAR[k % 12], 10.0 + k) for k in range(60)],
    "everyone on one day": [(f"c{k}", "2023-01-01", 10.0 + k) for k in range(60)],
    "constant spend": [(f"c{k}", day, 20.0) for k in range(30) for day in YEAR[k % 6 :: 3]],
    "perfectly regular": [(f"c{k}", day, 20.0 + k) for k in range(30) for day in YEAR],
    "zero amounts only": [(f"c{k}", day, 0.0) for k in range(20) for day in YEAR[k % 4 :: 4]],
    "one absurd order": [(f"c{k}", day, 10.0 + k) for k in range(30) for day in YEAR[k % 5 :: 4]]
    + [("c1", "2023-11-01", 1e12)],
    "tiny amounts": [(f"c{k}", day, 1e-6 * (k + 1)) for k in range(30) for day in YEAR[k % 5 :: 4]],
    "a year of silence": [(f"c{k}", day, 10.0 + k) for k in range(30) for day in YEAR[:3]],
}


@pytest.mark.parametrize("model", ["auto", "naive"])
@pytest.mark.parametrize("case", DEGENERATE)
def test_a_degenerate_log_ends_in_finite_numbers(case, model):
    config = clv.ForecastConfig(as_of="2024-06-30", model=model)
    run = clv.forecast(orders(*DEGENERATE[case]), config)
    numbers = run.customers.select_dtypes("number").to_numpy()
    assert np.isfinite(numbers).all()
    assert (numbers >= 0).all()
    assert (run.customers["clv_lower"] <= run.customers["clv_upper"]).all()


@pytest.mark.parametrize("case", ["one row", "one customer", "all buy once", "everyone on one day"])
def test_where_repeats_are_too_few_auto_names_the_weaker_model(case):
    run = clv.forecast(orders(*DEGENERATE[case]), clv.ForecastConfig(as_of="2024-06-30"))
    assert run.model == "naive"
    assert {"MODEL_FELL_BACK", "SPEND_FELL_BACK", "P_ALIVE_NOT_IDENTIFIED"} <= codes(run)
    assert list(run.weights["model"]) == ["naive"]


@pytest.mark.parametrize("model", ["bg_nbd", "mbg_nbd", "pareto_nbd", "ensemble", "probabilistic"])
@pytest.mark.parametrize("case", ["one row", "one customer", "all buy once", "everyone on one day"])
def test_a_model_asked_for_by_name_is_refused_there(case, model):
    with pytest.raises(clv.ModelError, match=model) as refused:
        clv.forecast(orders(*DEGENERATE[case]), clv.ForecastConfig(as_of="2024-06-30", model=model))
    assert refused.value.code == "TOO_FEW_REPEAT_BUYERS"


def test_where_no_time_has_passed_nothing_can_be_said():
    config = clv.ForecastConfig(allow_short_history=True)
    with pytest.raises(clv.ModelError) as refused:
        clv.forecast(orders(*DEGENERATE["everyone on one day"]), config)
    assert refused.value.code == "NO_TIME_PASSED"


def test_constant_spend_is_expected_to_stay_constant():
    run = clv.forecast(
        orders(*DEGENERATE["constant spend"]), clv.ForecastConfig(as_of="2024-06-30")
    )
    assert run.customers["expected_purchase_value"].to_numpy() == pytest.approx(20.0, rel=1e-3)


def test_a_log_of_returns_only_is_refused():
    rows = [("ann", "2023-01-01", -10.0), ("bob", "2023-09-01", -5.0)]
    with pytest.raises(clv.DataError):
        clv.forecast(orders(*rows))


@pytest.mark.data
def test_online_retail_is_accounted_for_to_the_last_row(real_logs):
    transactions = clv.read_transactions(real_logs / "online_retail_ii.parquet", currency="GBP")
    run = clv.forecast(transactions, clv.ForecastConfig(as_of="2010-12-09"))
    report = run.quality
    assert report.rows_in == 1_044_847
    assert report.rows_used + sum(report.rows_dropped.values()) == 1_044_847
    assert len(run.customers) == 4300
    assert np.isfinite(run.customers.select_dtypes("number").to_numpy()).all()


@pytest.mark.data
def test_pareto_nbd_copes_with_a_log_in_which_nobody_is_seen_to_leave(real_logs):
    transactions = clv.read_transactions(real_logs / "online_retail_ii.parquet", currency="GBP")
    config = clv.ForecastConfig(as_of="2010-12-09", model="pareto_nbd")
    run = clv.forecast(transactions, config)
    assert "DROPOUT_NOT_VISIBLE" in codes(run)
    assert run.customers["expected_purchases"].sum() == pytest.approx(19_000, rel=0.1)
