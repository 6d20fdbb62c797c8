"""The benchmark measures what it says: its peer is the published one, no verdict is given away."""

from __future__ import annotations

import datetime as dt
import math

import accuracy
import numpy as np
import pandas as pd
import pytest
from cases import AS_OF, CASES, HORIZON_DAYS, SHOPS, read_log
from tutorial import summarize, tutorial_forecast
from verdicts import FAIL, NOT_MEASURED, PASS, TARGETS, judge

import clvcore as clv
from clvcore.backtest.metrics import score
from clvcore.features import take_outcome, take_snapshot

SMALL = 400


@pytest.fixture(scope="module")
def stationary():
    return read_log("stationary", customers=SMALL)


@pytest.fixture(scope="module")
def measured(stationary):
    case = next(case for case in CASES if case.log == "stationary")
    return accuracy.measure(case, stationary, ["bg_nbd", "naive"])


@pytest.fixture(scope="module")
def winning():
    """A made-up table in which ``auto`` meets every target."""
    rows = []
    for case in CASES:
        for kind, name, ratio, ranking in (
            ("baseline", "zero", 1.5, 0.0),
            ("baseline", "past_rate", 1.2, 0.6),
            ("tutorial", "tutorial", 1.0, 0.7),
            ("model", "auto", 0.85 if case.real else 1.0, 0.72),
        ):
            rows.append(
                {
                    "case": case.name, "real": case.real, "forecaster": name, "kind": kind,
                    "rmse": 50 * ratio, "ratio": ratio, "bias": -0.05, "gini": ranking,
                    "spearman": ranking, "seconds": 0.1, "problem": "",
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def changed(table, case, **values):
    """The table with other numbers for ``auto`` on one case."""
    row = (table["kind"] == "model") & (table["case"] == CASES[case].name)
    return table.assign(
        **{
            name: table[name].where(~row, value(table.loc[row, name]) if callable(value) else value)
            for name, value in values.items()
        }
    )


def failed(table):
    return [k for k, verdict in enumerate(judge(table, "auto")) if verdict.status == FAIL]


def test_the_tutorial_gives_the_published_numbers(cdnow):
    """CDNOW sample, 39 + 39 weeks: Fader, Hardie & Lee (2005) and the gamma-gamma note (2013)."""
    snapshot = take_snapshot(cdnow, as_of=dt.date(1997, 9, 30))
    outcome = take_outcome(cdnow, snapshot, end=dt.date(1998, 6, 30))
    forecast = tutorial_forecast(
        snapshot.purchases, last_day=snapshot.history_days, horizon_days=273
    )
    published = {
        "r": 0.243,
        "alpha": 4.414,
        "a": 0.793,
        "b": 2.426,
        "p": 6.25,
        "q": 3.74,
        "v": 15.44,
    }
    assert forecast.parameters == pytest.approx(published, rel=2e-3)
    assert forecast.penalties == {"bg_nbd": 0.0, "gamma_gamma": 0.0}
    points = score(outcome.customers["revenue"].to_numpy(), forecast.revenue)
    assert points["rmse"] == pytest.approx(72.30, abs=0.05)
    assert points["mae"] == pytest.approx(30.41, abs=0.05)
    assert points["bias"] == pytest.approx(-0.156, abs=0.002)
    assert points["spearman"] == pytest.approx(0.4264, abs=0.002)
    assert points["gini"] == pytest.approx(0.638, abs=0.002)


def test_the_summary_by_hand_agrees_with_the_snapshot(stationary):
    snapshot = take_snapshot(stationary, as_of=AS_OF)
    summary = summarize(snapshot.purchases, snapshot.history_days)
    known = snapshot.customers[["frequency", "recency", "T", "monetary_value"]].to_numpy(float)
    assert summary.to_numpy() == pytest.approx(known / [1, 7, 7, 1])


def test_there_are_five_real_and_three_simulated_cases():
    assert [case.real for case in CASES] == [True] * 5 + [False] * 3
    assert len({case.name for case in CASES}) == 8
    days = [(case.as_of.isoformat(), case.horizon_days) for case in CASES[:5]]
    assert days == [
        ("1997-09-30", 273), ("1997-12-31", 181),
        ("2010-12-09", 365), ("2011-03-09", 275), ("2011-06-09", 183),
    ]  # fmt: skip


@pytest.mark.parametrize("log", list(SHOPS))
def test_a_simulated_shop_knows_all_customers_and_reaches_the_end_of_its_outcome(log):
    transactions = read_log(log, customers=SMALL)
    snapshot = take_snapshot(transactions, as_of=AS_OF)
    assert len(snapshot.customers) == SMALL
    end = AS_OF + dt.timedelta(days=HORIZON_DAYS)
    assert take_outcome(transactions, snapshot, end=end).newcomer_revenue == 0.0


def test_the_shops_are_what_their_names_say():
    once = {}
    for log in SHOPS:
        rows = read_log(log, customers=3_000).to_pandas()
        days = rows[rows["date"] <= pd.Timestamp(AS_OF)].groupby("customer_id")["date"].nunique()
        once[log] = (days == 1).mean()
    assert once["one_time"] > 0.75
    assert once["stationary"] < 0.45
    joined = read_log("seasonal_growing", customers=3_000).to_pandas()
    per_month = joined.groupby(joined["date"].dt.to_period("M")).size()
    assert per_month["2022-12"] > 1.3 * per_month["2023-02"]
    assert per_month["2023-12"] > 1.3 * per_month["2023-08"]


def test_every_forecaster_gets_a_row_with_every_number(measured):
    assert measured["forecaster"].tolist() == [
        "zero", "last_window", "past_rate", "cohort_mean", "tutorial", "bg_nbd", "naive",
    ]  # fmt: skip
    assert np.isfinite(measured[list(accuracy.NUMBERS)].to_numpy(dtype=float)).all()
    assert (measured["problem"] == "").all()
    rows = measured.set_index("forecaster")
    assert rows.loc["tutorial", "ratio"] == 1.0
    assert rows.loc["zero", ["bias", "gini", "spearman"]].tolist() == [-1.0, 0.0, 0.0]


def test_the_engine_and_the_tutorial_agree_on_the_model_they_share(measured):
    rows = measured.set_index("forecaster")
    assert rows.loc["bg_nbd", "ratio"] == pytest.approx(1.0, abs=1e-3)
    assert rows.loc["bg_nbd", "bias"] == pytest.approx(rows.loc["tutorial", "bias"], abs=1e-3)


def test_a_model_that_cannot_be_fitted_is_told_and_not_scored():
    case = next(case for case in CASES if case.log == "one_time")
    days = [f"2022-{month:02d}-01" for month in range(1, 13)] + ["2023-06-30", "2024-07-01"]
    names = [f"C{k:02d}" for k in range(12)] + ["C00", "C00"]
    few = pd.DataFrame({"customer_id": names, "date": days, "amount": 10.0})
    rows = accuracy.measure(case, clv.read_transactions(few), ["bg_nbd", "naive"])
    refused, carried_on = rows.set_index("forecaster").loc[["bg_nbd", "naive"]].to_dict("records")
    assert "bg_nbd needs" in refused["problem"]
    assert all(math.isnan(refused[name]) for name in accuracy.NUMBERS)
    assert carried_on["problem"] == ""
    assert math.isfinite(carried_on["rmse"])
    assert f"bg_nbd on {case.name}: bg_nbd needs" in accuracy.report(rows, ["bg_nbd"])


def test_a_model_that_meets_every_target_passes(winning):
    assert [verdict.status for verdict in judge(winning, "auto")] == [PASS] * len(TARGETS)


@pytest.mark.parametrize(
    ("case", "values", "missed"),
    [
        (1, {"ratio": 1.0}, [0]),
        (1, {"ratio": 0.9999}, [0]),
        (5, {"ratio": 1.011}, [2]),
        (3, {"gini": 0.694}, [4]),
        (3, {"spearman": 0.694}, [5]),
        (0, {"gini": 0.709}, [6]),
        (7, {"bias": 0.26}, [8]),
        (7, {"bias": -0.26}, [8]),
    ],
)
def test_one_miss_on_one_case_fails_its_target_and_no_other(winning, case, values, missed):
    assert failed(changed(winning, case, **values)) == missed


def test_the_targets_over_many_cases_fail_by_their_sum(winning):
    models = winning["kind"] == "model"
    higher = winning.assign(ratio=winning["ratio"].where(~(models & winning["real"]), 0.91))
    assert failed(higher) == [1]
    biased = winning.assign(bias=winning["bias"].where(~models, 0.08))
    assert failed(biased) == [7]
    two = changed(changed(winning, 6, rmse=60.0), 7, rmse=61.0)
    assert failed(two) == [3]
    assert failed(changed(winning, 7, rmse=61.0)) == []


def test_a_forecast_that_failed_is_missed_everywhere_it_counts(winning):
    gone = changed(
        winning, 0, rmse=math.nan, ratio=math.nan, bias=math.nan, gini=math.nan, spearman=math.nan
    )
    assert failed(gone) == [0, 1, 4, 5, 6, 7, 8]


def test_without_all_eight_cases_nothing_is_judged(winning):
    seven = winning[winning["case"] != CASES[7].name]
    assert {verdict.status for verdict in judge(seven, "auto")} == {NOT_MEASURED}


def test_the_report_is_one_table_and_a_list_per_model(winning):
    text = accuracy.report(winning, ["auto"])
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + len(winning)
    assert len({len(row) for row in rows}) == 1
    assert sum(line.startswith("- PASS") for line in text.splitlines()) == len(TARGETS)
    assert all(case.name in text for case in CASES)


def test_the_command_prints_the_table_and_writes_it(tmp_path, capsys):
    out = tmp_path / "accuracy.md"
    arguments = ["--cases", "one_time", "--customers", str(SMALL), "--models", "naive"]
    assert accuracy.main([*arguments, "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert out.read_text() == printed
    assert "cohort_mean" in printed
    assert "NOT MEASURED" in printed


def test_wrong_usage_is_told(capsys, monkeypatch):
    monkeypatch.delenv("CLV_DATA", raising=False)
    assert accuracy.main(["--cases", "atlantis"]) == 2
    assert accuracy.main(["--cases", "cdnow"]) == 2
    assert "CLV_DATA" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        accuracy.main(["--models", "astrology"])
    assert "astrology" in capsys.readouterr().err
