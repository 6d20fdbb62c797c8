"""``clv backtest``: how far each model was off on past dates, and what its ranges held."""

from __future__ import annotations

import pandas as pd
import pytest

from clvcore.sample import cdnow_sample


@pytest.fixture(scope="module")
def past(clv, strict_json, shop):
    done = clv("backtest", shop, "--horizon-days", 180, "--currency", "EUR", "--json")
    assert done.exit_code == 0, done.stderr
    assert done.stderr == ""
    return strict_json(done.stdout)


def test_the_scores_of_a_backtest_follow_from_its_totals(past):
    totals = pd.DataFrame(past["totals"])
    assert past["window_days"] == 180
    assert past["is_full_length"] is True
    assert past["origins"] == sorted(set(totals["origin"]))
    assert totals.groupby("origin")["actual"].nunique().eq(1).all()
    board = pd.DataFrame(past["leaderboard"]).set_index("model")
    assert board["rmse"].is_monotonic_increasing
    assert {"zero", "last_window", "past_rate", "cohort_mean", "ensemble", "bg_nbd"} <= set(
        board.index
    )
    bias = totals["forecast"] / totals["actual"] - 1
    for model in board.index:
        assert bias[totals["model"] == model].mean() == pytest.approx(board["bias"][model])
    assert board["bias"]["zero"] == -1


def test_the_scores_are_those_a_forecast_of_the_same_length_carries(clv, strict_json, past, shop):
    done = clv("forecast", shop, "--horizon-days", 180, "--json")
    carried = {row["model"]: row for row in strict_json(done.stdout)["leaderboard"]}
    alone = {row["model"]: row for row in past["leaderboard"]}
    assert set(carried) == set(alone)
    for model, row in alone.items():
        assert carried[model]["rmse"] == pytest.approx(row["rmse"], rel=1e-9)


def test_the_page_of_a_backtest_shows_every_score_and_total(clv, past, shop):
    done = clv("backtest", shop, "--horizon-days", 180, "--currency", "EUR")
    assert done.exit_code == 0
    for row in past["leaderboard"]:
        assert row["model"] in done.stdout
        assert f"{row['rmse']:,.2f}" in done.stdout
    for row in past["totals"]:
        assert f"{row['actual']:,.2f} EUR" in done.stdout
        assert f"180 days after {row['origin']}" in done.stdout
    assert "nan" not in done.stdout.lower()


def test_a_backtest_shows_what_each_range_held_and_the_past_totals(clv, past, shop):
    shares = {(row["key"], row["level"]): row for row in past["trust"]["coverage"]}
    assert past["model"] == "ensemble"
    assert past["trust"]["verdict"] in ("good", "fair", "weak")
    for (key, level), row in shares.items():
        assert row["coverage"] == pytest.approx(row["held"] / row["customers"]), (key, level)
        assert row["wilson_lower"] <= row["coverage"] <= row["wilson_upper"]
    page = clv("backtest", shop, "--horizon-days", 180, "--currency", "EUR").stdout
    said = " ".join(page.split())
    assert f"Trust: {past['trust']['verdict']}. " in said
    assert "has also learned from the last window; these figures leave it out." in said
    lines = page.splitlines()
    (everybody,) = [line.split() for line in lines if line.startswith(" everybody ")]
    assert everybody[1] == f"{shares['all', 0.5]['customers']:,}"
    assert everybody[2::2] == [
        f"{100 * shares['all', level]['coverage']:.1f}" for level in (0.5, 0.8, 0.9, 0.95)
    ]
    for row in past["trust"]["totals"]:
        if row["scope"] != "all":
            continue
        (line,) = [line for line in lines if line.startswith(f" {row['origin']}, everybody")]
        assert f"{row['actual']:,.0f}" in line
        assert f"{row['lower']:,.0f} to {row['upper']:,.0f}" in line
        assert ("inside" in line) == (row["lower"] <= row["actual"] <= row["upper"])


def test_a_backtest_over_shorter_windows_says_what_it_did_not_measure(clv, strict_json, shop):
    result = strict_json(clv("backtest", shop, "--horizon", 24, "--json").stdout)
    assert result["is_full_length"] is False
    assert result["window_days"] < 700
    assert "NOT_MEASURED_AT_HORIZON" in {notice["code"] for notice in result["warnings"]}
    assert "is not measured" in " ".join(clv("backtest", shop, "--horizon", 24).stdout.split())


def test_scores_are_compared_only_on_dates_on_which_every_model_could_be_fitted(
    clv, strict_json, tmp_path
):
    path = tmp_path / "cdnow.csv"
    cdnow_sample().to_pandas().to_csv(path, index=False)
    result = strict_json(clv("backtest", path, "--json").stdout)
    totals = pd.DataFrame(result["totals"])
    fitted = totals.groupby("origin")["model"].nunique()
    assert fitted.nunique() == 2
    last = totals[totals["origin"] == fitted.idxmax()].set_index("model")
    for row in result["leaderboard"]:
        ratio = last["forecast"][row["model"]] / last["actual"][row["model"]]
        assert row["bias"] == pytest.approx(ratio - 1)
    page = clv("backtest", path)
    assert "only the dates on which every model could be fitted" in page.stdout
    rows = [line.split() for line in page.stdout.splitlines() if line.startswith(" xgboost  ")]
    assert rows[1][1] == "-"


@pytest.mark.parametrize("days", [1, 60, 120])
def test_orders_without_a_past_date_are_refused(clv, strict_json, orders, days, tmp_path):
    path = tmp_path / "orders.csv"
    path.write_bytes(orders.text(orders.random(days)))
    done = clv("backtest", path, "--json")
    assert done.exit_code == 1
    assert strict_json(done.stdout)["error"] == "NO_PAST_DATE"
    assert "older orders" in done.stderr


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--horizon", "61"], "OUT_OF_RANGE"),
        (["--horizon", "3", "--horizon-days", "90"], "HORIZON_TWICE"),
        (["--as-of", "soon"], "AS_OF_UNREADABLE"),
    ],
)
def test_wrong_usage_of_a_backtest_ends_with_two_before_the_file_is_read(
    clv, strict_json, options, code, tmp_path
):
    done = clv("backtest", tmp_path / "nowhere.csv", *options, "--json")
    assert done.exit_code == 2
    assert strict_json(done.stdout)["error"] == code
