"""The interval benchmark measures what it says: rivals are what they claim, no verdict is given."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace

import intervals
import numpy as np
import pandas as pd
import pytest
import rivals
from cases import AS_OF, CASES, HORIZON_DAYS, read_log
from interval_tables import markdown
from interval_verdicts import OURS, SPEED_TARGETS, TARGETS, Measured, Speed, judge_intervals
from tutorial import summarize, tutorial_forecast
from verdicts import FAIL, NOT_MEASURED, PASS

import clvcore as clv
from clvcore.members.past import Past
from clvcore.records.columns import FREQUENCY_CLASSES

SMALL = 700
CASE = next(case for case in CASES if case.log == "stationary")
NAMES = [OURS, *rivals.RIVALS]


@pytest.fixture(scope="module")
def stationary():
    return read_log("stationary", customers=SMALL)


@pytest.fixture(scope="module")
def bench(stationary):
    return Past(stationary, as_of=AS_OF)


@pytest.fixture(scope="module")
def run(stationary):
    return intervals.forecast_case(stationary, CASE, "probabilistic")


@pytest.fixture(scope="module")
def measured(stationary, run):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(intervals, "CLASS_CUSTOMERS", 150)
        patch.setattr(intervals, "COHORT_CUSTOMERS", 90)
        return intervals.measure(CASE, stationary, run)


@pytest.fixture
def winning():
    """A made-up measurement in which our intervals meet every target."""
    customers, classes, totals = [], [], []
    for case in CASES:
        for level in intervals.LEVELS:
            for name in NAMES:
                row = {
                    "case": case.name, "forecaster": name, "level": level, "zeros": 0.5,
                    "coverage": level + 0.01, "winkler": 70.0 if name == OURS else 100.0,
                    "in_band": True, "problem": "",
                }  # fmt: skip
                customers.append(row)
                classes += [row | {"class": label, "customers": 900} for label in FREQUENCY_CLASSES]
        keys = [("all", "all"), *(("segment", key) for key in ("high", "low", "medium"))]
        keys += [("cohort", f"2022-Q{k}") for k in (1, 2, 3, 4)]
        totals += [
            {
                "case": case.name, "scope": scope, "key": key, "customers": 900, "actual": 110.0,
                "origin": "2023-06-30", "past": False, "forecast": 100.0, "lower": 70.0,
                "upper": 130.0, "hit": True, "half_width": 0.3,
            }
            for scope, key in keys
        ]  # fmt: skip
    totals = pd.DataFrame(totals)
    # 90 to 99 %: intervals that never miss are too wide
    totals.loc[totals.index[-1], "hit"] = False
    return Measured(
        customers=pd.DataFrame(customers),
        classes=pd.DataFrame(classes),
        totals=totals,
        speed=Speed(customers=100_000, bounds=0.2, total=0.01),
    )


def changed(table, count, *, where=None, **values):
    """The table with other values in the first ``count`` of our rows that qualify."""
    rows = table["forecaster"] == OURS if "forecaster" in table else table["key"] != ""
    rows = table.index[rows if where is None else rows & where(table)][:count]
    table = table.copy()
    for name, value in values.items():
        table.loc[rows, name] = value
    return table


def missed(measured):
    return [k for k, verdict in enumerate(judge_intervals(measured)) if verdict.status == FAIL]


def at(level):
    return lambda table: table["level"] == level


def in_scope(scope):
    return lambda table: table["scope"] == scope


# --- rivals ---------------------------------------------------------------------------------


def test_simulated_spend_has_the_mean_the_tutorial_forecasts(bench):
    snapshot = bench.snapshot(AS_OF)
    forecast = tutorial_forecast(
        snapshot.purchases, last_day=snapshot.history_days, horizon_days=HORIZON_DAYS
    )
    rfm = summarize(snapshot.purchases, snapshot.history_days).to_numpy(dtype=float)
    rng = np.random.default_rng(1)
    spend = rivals.draw_spend(forecast.parameters, rfm, HORIZON_DAYS / 7, 3_000, rng)
    assert spend.sum(axis=0).mean() == pytest.approx(forecast.revenue.sum(), rel=0.01)
    error = spend.std(axis=1) / math.sqrt(3_000)
    # five standard errors: amounts have fat tails
    assert (np.abs(spend.mean(axis=1) - forecast.revenue) < 5 * error).mean() > 0.99


@pytest.mark.parametrize("name", list(rivals.RIVALS))
def test_a_rival_bounds_every_customer_and_repeats_itself(bench, name):
    bounds, again = (rivals.RIVALS[name](bench, HORIZON_DAYS, (0.8, 0.95)) for _ in range(2))
    for level, (lower, upper) in bounds.items():
        assert len(lower) == len(upper) == SMALL
        assert (lower >= 0).all()
        assert (lower <= upper).all()
        assert np.array_equal(lower, again[level][0])
        assert np.array_equal(upper, again[level][1])
    assert np.mean(bounds[0.95][1]) > np.mean(bounds[0.8][1])


def test_a_past_window_shorter_than_the_horizon_is_scaled_by_the_base(bench):
    day = bench.training_days(AS_OF, 218)[0]
    lesson = rivals.Lesson.of(bench, HORIZON_DAYS)
    spent = bench.outcome(day, 218).customers["revenue"].to_numpy()
    growth = lesson.spend[spent > 0] / spent[spent > 0]
    assert (lesson.spend[spent == 0] == 0).all()
    assert ((growth > 1) & (growth < HORIZON_DAYS / 218)).all()
    whole = rivals.Lesson.of(bench, 180)
    same = bench.outcome(AS_OF - dt.timedelta(180), 180).customers["revenue"].to_numpy()
    assert np.array_equal(whole.spend, same)


def test_rivals_see_nothing_after_today(stationary, bench):
    rows = stationary.to_pandas()
    known = clv.read_transactions(rows[rows["date"] <= pd.Timestamp(AS_OF)])
    cut = Past(known, as_of=AS_OF)
    for rival in rivals.RIVALS.values():
        full, short = (rival(each, HORIZON_DAYS, (0.9,))[0.9] for each in (bench, cut))
        assert np.array_equal(full, short)


def test_conformal_rivals_hold_their_level_where_past_and_today_are_alike(monkeypatch):
    rng = np.random.default_rng(2)
    traits = rng.normal(size=(8_000, 3))
    amount = rng.gamma(2.0, np.exp(3.0 + traits[:, 0]))  # no zeros: ties would be held for free
    lesson = rivals.Lesson(past=traits[:4_000], spend=amount[:4_000], today=traits[4_000:])
    monkeypatch.setattr(rivals.Lesson, "of", lambda *_: lesson)
    for rival in (rivals.cqr, rivals.mondrian_cps):
        for level, (lower, upper) in rival(None, 0, intervals.LEVELS).items():
            held = np.mean((lower <= amount[4_000:]) & (amount[4_000:] <= upper))
            assert held == pytest.approx(level, abs=0.02), rival.__name__


def test_categories_too_small_for_a_level_are_infinite_and_count_as_out(bench, monkeypatch):
    monkeypatch.setattr(rivals, "BIN_CUSTOMERS", 15)
    bounds = rivals.mondrian_cps(bench, HORIZON_DAYS, (0.95,))
    spent = bench.snapshot(AS_OF).customers["revenue_to_date"].to_numpy()
    assert np.isinf(bounds[0.95][1]).any()
    rows, _ = intervals._scored(spent, {}, lambda: bounds | {0.8: bounds[0.95], 0.9: bounds[0.95]})
    assert np.isinf(rows["winkler"]).all()
    assert not rows["in_band"].any()


# --- measuring ------------------------------------------------------------------------------


def test_everyone_gets_finite_numbers_at_every_level(measured):
    table = measured.customers
    assert table["forecaster"].drop_duplicates().tolist() == NAMES
    assert table["level"].tolist() == list(intervals.LEVELS) * len(NAMES)
    assert np.isfinite(table[["zeros", "coverage", "winkler"]].to_numpy()).all()
    assert (table["problem"] == "").all()
    assert (table["zeros"] == table["zeros"].iloc[0]).all()
    assert (table["coverage"] > 0.6).all()


def test_our_bounds_are_those_a_run_at_that_level_ships(stationary, run):
    config = replace(run.config, confidence_level=0.8)
    other = clv.forecast(stationary, config)
    customers = other.customers.index[::-1]
    lower, upper = intervals._shipped(run, customers)[0.8]
    assert lower == pytest.approx(other.customers["clv_lower"][customers].to_numpy())
    assert upper == pytest.approx(other.customers["clv_upper"][customers].to_numpy())


def test_classes_are_counted_apart_and_only_where_large(measured):
    ours = measured.classes[measured.classes["forecaster"] == OURS]
    assert (ours["customers"] >= 150).all()
    assert ours["class"].isin(FREQUENCY_CLASSES).all()
    assert len(measured.classes) == len(NAMES) * len(ours)
    assert len(ours) >= 2 * len(intervals.LEVELS)


def test_totals_add_up_to_the_whole(measured):
    totals = measured.totals[~measured.totals["past"].astype(bool)]
    whole = totals[totals["scope"] == "all"].iloc[0]
    segments = totals[totals["scope"] == "segment"]
    for value in ("customers", "actual", "forecast"):
        assert segments[value].sum() == pytest.approx(whole[value])
    cohorts = totals[totals["scope"] == "cohort"]
    assert len(cohorts) > 0
    assert (cohorts["customers"] >= 90).all()


def test_totals_are_hit_within_their_bounds_only(run):
    totals = run.totals
    bounds = {"clv_lower": 0.8 * totals["clv"], "clv_upper": totals["clv"]}
    bounded = replace(run, totals=totals.assign(**bounds))
    for share, hit in ((0.79, False), (0.81, True), (0.99, True), (1.01, False)):
        held = intervals.hold_totals(bounded, share * run.customers["clv"])
        assert (held["hit"] == hit).all()
        assert held["half_width"].to_numpy() == pytest.approx(0.1)


def test_totals_without_bounds_are_never_hit(run):
    bare = replace(run, totals=run.totals.assign(clv_lower=math.nan, clv_upper=math.nan))
    assert not intervals.hold_totals(bare, run.customers["clv"])["hit"].any()


def test_a_forecaster_that_fails_is_told_and_counts_as_out(bench):
    def refuse():
        raise clv.ModelError("NO_PAST_WINDOW", "too short")

    spent = np.ones(10)
    rows, parts = intervals._scored(spent, {"few": np.ones(10, dtype=bool)}, refuse)
    assert rows["problem"].tolist() == ["too short"] * 3
    assert rows["coverage"].isna().all()
    assert parts["coverage"].isna().all()
    assert not rows["in_band"].any()


# --- verdicts -------------------------------------------------------------------------------


def test_intervals_that_meet_every_target_pass(winning):
    assert [verdict.status for verdict in judge_intervals(winning)] == [PASS] * len(TARGETS)


@pytest.mark.parametrize(
    ("table", "count", "values", "where", "expected"),
    [
        ("customers", 1, {"coverage": 0.779}, None, [0]),
        ("customers", 1, {"coverage": 0.78}, None, []),
        ("customers", 1, {"coverage": math.nan}, None, [0]),
        ("customers", 6, {"in_band": False}, at(0.8), []),
        ("customers", 7, {"in_band": False}, at(0.9), [1]),
        ("customers", 2, {"in_band": False}, at(0.95), [2]),
        ("customers", 4, {"winkler": 101.0}, None, []),
        ("customers", 5, {"winkler": 101.0}, None, [4]),
        ("customers", 5, {"winkler": 100.0}, None, []),
        ("customers", 5, {"winkler": math.nan}, None, [4, 5, 6]),
        ("customers", 24, {"winkler": 86.0}, None, [5, 6]),
        ("customers", 24, {"winkler": 81.0}, None, [6]),
        ("classes", 10, {"coverage": 0.6}, None, []),
        ("classes", 11, {"coverage": 0.6}, None, [3]),
        ("classes", 11, {"coverage": 0.86, "zeros": 0.7}, at(0.8), [3]),
        ("classes", 11, {"coverage": 0.86, "zeros": 0.75}, at(0.8), []),
        ("totals", 6, {"hit": False}, in_scope("cohort"), [7]),
        ("totals", 1, {"hit": False}, in_scope("all"), []),
        ("totals", 2, {"hit": False}, in_scope("all"), [8]),
        ("totals", 5, {"half_width": 0.33}, in_scope("all"), [9]),
        ("totals", 13, {"half_width": 0.51}, in_scope("segment"), [10]),
        ("totals", 64, {"hit": True}, None, [7]),
    ],
)
def test_a_miss_fails_its_target_and_no_other(winning, table, count, values, where, expected):
    worse = changed(getattr(winning, table), count, where=where, **values)
    assert missed(replace(winning, **{table: worse})) == expected


def test_only_rivals_in_band_have_to_be_beaten(winning):
    rows = winning.customers
    better = rows.assign(
        winkler=rows["winkler"].where(rows["forecaster"] != "plug_in", 60.0),
        in_band=rows["in_band"] & (rows["forecaster"] != "plug_in"),
    )
    assert missed(replace(winning, customers=better)) == []
    assert missed(replace(winning, customers=better.assign(in_band=True))) == [4]


def test_an_infinite_rival_wins_nothing_for_us(winning):
    rows = winning.customers
    endless = (rows["forecaster"] == "cqr") & (rows["level"] == 0.95)
    scores = rows["winkler"].where(~endless, math.inf)
    scores = scores.where((rows["forecaster"] != OURS) | (rows["level"] == 0.95), 86.0)
    verdict = judge_intervals(replace(winning, customers=rows.assign(winkler=scores)))[5]
    assert (verdict.status, verdict.measured) == (FAIL, "0.860 over 16 of 24")


def test_too_few_totals_prove_nothing(winning):
    assert missed(replace(winning, totals=winning.totals.iloc[-39:])) == [7, 8]


def test_totals_without_bounds_fail(winning):
    bare = winning.totals.assign(lower=math.nan, upper=math.nan, half_width=math.nan, hit=False)
    assert missed(replace(winning, totals=bare)) == [7, 8, 9, 10]


def test_what_was_not_timed_is_not_judged(winning):
    statuses = [verdict.status for verdict in judge_intervals(replace(winning, speed=None))]
    assert statuses == [PASS] * 11 + [NOT_MEASURED] * 2


def test_slow_bounds_and_totals_fail(winning):
    slow = Speed(customers=100_000, bounds=0.26, total=0.021)
    assert missed(replace(winning, speed=slow)) == [11, 12]


def test_without_all_eight_cases_only_speed_is_judged(winning):
    rows = winning.customers
    seven = replace(winning, customers=rows[rows["case"] != CASES[7].name])
    verdicts = judge_intervals(seven)
    open_targets = len(TARGETS) - len(SPEED_TARGETS)
    assert [v.status for v in verdicts] == [NOT_MEASURED] * open_targets + [PASS] * 2


# --- report ---------------------------------------------------------------------------------


def test_the_report_is_three_tables_and_the_verdicts(winning):
    text = intervals.report(winning)
    tables = [block for block in text.split("\n\n") if block.startswith("|")]
    assert [len(table.splitlines()) - 2 for table in tables] == [24, 24, 64]
    for table in tables:
        assert len({len(line) for line in table.splitlines()}) == 1
    assert text.count("- PASS: ") == len(TARGETS)


def test_a_table_names_each_case_once():
    rows = [["a", "1"], ["a", "22"], ["b", "3"]]
    assert markdown(["case", "n"], rows).splitlines() == [
        "| case |  n |", "| ---- | -: |", "| a    |  1 |", "|      | 22 |", "| b    |  3 |",
    ]  # fmt: skip


def test_the_command_prints_the_tables_and_writes_them(tmp_path, capsys):
    out = tmp_path / "intervals.md"
    arguments = ["--cases", "stationary", "--customers", "300", "--speed", "300"]
    arguments += ["--model", "probabilistic"]
    assert intervals.main([*arguments, "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert out.read_text() == printed
    assert all(name in printed for name in NAMES)
    assert "NOT MEASURED" in printed


def test_wrong_usage_is_told(capsys, monkeypatch):
    monkeypatch.delenv("CLV_DATA", raising=False)
    assert intervals.main(["--cases", "atlantis"]) == 2
    assert intervals.main(["--cases", "cdnow"]) == 2
    assert "CLV_DATA" in capsys.readouterr().err
