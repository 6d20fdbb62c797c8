"""The command says what it found, or why not, with the exit code scripts rely on."""

import datetime as dt
import json
import math
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from clvcore.cli import app
from clvcore.cli.trust import trust_line
from clvcore.promises import Trust
from clvcore.sample import cdnow_sample, sample_orders
from clvcore.store import load_run

HEADER = "customer_id,date,amount\n"
START = dt.date(2023, 1, 1)


def clv(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def strict_json(text):
    def refuse(name):
        raise AssertionError(f"{name} is no JSON")

    return json.loads(text, parse_constant=refuse)


def numbers_in(document):
    if isinstance(document, dict):
        document = list(document.values())
    if isinstance(document, list):
        return [number for item in document for number in numbers_in(item)]
    return [document] if isinstance(document, float) else []


def orders_text(rows):
    lines = "".join(
        f"{who},{START + dt.timedelta(days=int(day))},{amount}\n" for who, day, amount in rows
    )
    return (HEADER + lines).encode()


def random_rows(days, seed=0, amount=None):
    generator = np.random.default_rng(seed)
    return [
        (
            f"C{generator.integers(60)}",
            generator.integers(days),
            amount or round(float(generator.gamma(2, 10)), 2),
        )
        for _ in range(300)
    ]


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    path = tmp_path_factory.mktemp("orders") / "orders.csv"
    sample_orders(250, seed=2).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def document(shop):
    done = clv("forecast", shop, "--horizon", 6, "--currency", "EUR", "--json")
    assert done.exit_code == 0, done.stderr
    return strict_json(done.stdout)


def test_the_document_holds_the_forecast_of_every_customer(document, shop):
    customers = document["customers"]
    assert all(isinstance(row["customer_id"], str) for row in customers)
    assert document["totals"][0]["scope"] == "all"
    total = document["totals"][0]["clv"]
    assert math.fsum(row["clv"] for row in customers) == pytest.approx(total, rel=1e-9)
    assert document["totals"][0]["clv_lower"] < total < document["totals"][0]["clv_upper"]
    assert document["currency"] == "EUR"
    assert document["config"]["horizon_months"] == 6
    assert document["saved_as"] is None
    assert all(row["clv_lower"] <= row["clv"] <= row["clv_upper"] for row in customers)
    assert {row["first_purchase"][:2] for row in customers} == {"20"}
    assert all(len(row["last_purchase"]) == 10 for row in customers)
    assert {notice["code"] for notice in document["warnings"]} >= {"FIRST_COHORT_CENSORED"}


def test_the_ledger_of_the_document_adds_up(document):
    ledger = document["quality"]
    assert ledger["rows_in"] == ledger["rows_used"] + sum(ledger["rows_dropped"].values())
    dropped = math.fsum(ledger["amount_dropped"].values())
    assert ledger["amount_in"] == pytest.approx(ledger["amount_used"] + dropped, abs=1e-6)


def test_the_page_shows_the_same_forecast_as_the_document(document, shop):
    done = clv("forecast", shop, "--horizon", 6, "--currency", "EUR")
    assert done.exit_code == 0
    assert f"{document['totals'][0]['clv']:,.2f} EUR" in done.stdout
    best = max(document["customers"], key=lambda row: row["clv"])
    assert f"{best['clv']:,.2f} EUR" in done.stdout
    assert best["customer_id"] in done.stdout
    for heading in ("Ledger", "Value groups", "Next steps", "most valuable", "Doubts"):
        assert heading in done.stdout
    assert "nan" not in done.stdout.lower()
    assert done.stderr == ""


def test_the_page_shows_the_weights_and_the_best_models_of_the_past(document, shop):
    page = clv("forecast", shop, "--horizon", 6, "--currency", "EUR").stdout
    board = sorted(document["leaderboard"], key=lambda row: row["rmse"])
    shown = [row["model"] for row in board[:5]]
    assert "EUR per customer" in page
    for row in board[:5]:
        assert f"{row['rmse']:,.2f}" in page
    assert f"{document['model']} (shipped)" in page
    tail = page[page.index("Past dates") : page.index("Doubts")]
    hidden = [row["model"] for row in board[5:] if row["model"] != document["model"]]
    assert hidden
    assert all(f" {name} " in tail for name in shown if name != document["model"])
    assert not any(f" {name} " in tail for name in hidden)
    assert math.fsum(row["weight"] for row in document["weights"]) == pytest.approx(1.0)
    weighted = [row for row in document["weights"] if row["weight"] > 0]
    assert ("Weight of each model" in page) == (len(weighted) > 1)


def test_a_forecast_says_how_far_to_trust_it(document, shop):
    trust = document["trust"]
    assert trust["window_days"] == 181
    assert trust["verdict"] in ("good", "fair", "weak")
    words = " ".join(reason["message"] for reason in trust["reasons"])
    page = " ".join(clv("forecast", shop, "--horizon", 6, "--currency", "EUR").stdout.split())
    assert f"Trust: {trust['verdict']}. {words}" in page
    assert len(trust["calibration"]) == len(trust["pit"]) == 10
    assert math.fsum(row["share"] for row in trust["pit"]) == pytest.approx(1.0)


def test_a_run_without_any_past_says_so_in_one_line():
    assert trust_line(Trust()) == (
        "Trust: not measured, no past date of this horizon could be checked."
    )


def test_a_forecast_without_a_past_of_its_length_says_that_it_is_not_measured(shop):
    page = clv("forecast", shop, "--horizon", 24).stdout
    assert "Trust: not measured. " in page
    short = strict_json(clv("forecast", shop, "--horizon", 24, "--json").stdout)
    assert short["trust"]["verdict"] == "not_measured"
    assert short["trust"]["is_full_length"] is False


def test_the_saved_run_is_the_run_that_was_shown(document, shop, tmp_path):
    out = tmp_path / "run"
    done = clv("forecast", shop, "--horizon", 6, "--currency", "EUR", "--out", out, "--json")
    assert done.exit_code == 0
    saved = load_run(out)
    shown = {row["customer_id"]: row["clv"] for row in strict_json(done.stdout)["customers"]}
    assert shown == saved.customers["clv"].to_dict()
    assert shown == {row["customer_id"]: row["clv"] for row in document["customers"]}


def test_a_folder_in_use_is_refused_before_any_work(shop, tmp_path):
    (tmp_path / "keep.txt").write_text("mine")
    done = clv("forecast", shop, "--out", tmp_path, "--json")
    assert done.exit_code == 1
    assert strict_json(done.stdout)["error"] == "RUN_FOLDER_IN_USE"
    assert [path.name for path in tmp_path.iterdir()] == ["keep.txt"]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--confidence", "95"], "LEVEL_IN_PERCENT"),
        (["--horizon", "61"], "OUT_OF_RANGE"),
        (["--horizon-days", "0"], "OUT_OF_RANGE"),
        (["--horizon", "3", "--horizon-days", "90"], "HORIZON_TWICE"),
        (["--model", "oracle"], "UNKNOWN_MODEL"),
        (["--as-of", "soon"], "AS_OF_UNREADABLE"),
        (["--gross-margin", "0"], "MARGIN_ZERO"),
        (["--discount-rate", "nan"], "OUT_OF_RANGE"),
        (["--seed", "-1"], "OUT_OF_RANGE"),
        (["--engine", "oracle"], "UNKNOWN_ENGINE"),
    ],
)
def test_wrong_usage_ends_with_two(shop, options, code):
    done = clv("forecast", shop, *options, "--json")
    assert done.exit_code == 2
    refusal = strict_json(done.stdout)
    assert refusal["error"] == code
    assert refusal["message"] in done.stderr.replace("Error: ", "")


@pytest.mark.parametrize(
    "arguments", [["forecast"], ["nonsense"], ["forecast", "x.csv", "--horizon", "twelve"]]
)
def test_usage_the_parser_refuses_ends_with_two_as_well(arguments):
    done = clv(*arguments)
    assert done.exit_code == 2
    assert done.stdout == ""


REFUSED = {
    "empty file": (b"", "empty"),
    "header only": (HEADER.encode(), "no row"),
    "one row": (orders_text([("C1", 0, 10)]), "0 days"),
    "everyone on one day": (orders_text([(f"C{n % 40}", 0, 5 + n % 7) for n in range(90)]), "days"),
    "under six months": (orders_text(random_rows(100)), "182"),
    "unreadable file": (bytes(range(256)) * 8, "binary"),
    "broken workbook": (b"PK\x03\x04" + bytes(range(200)), "damaged"),
    "no readable date": (orders_text([("C1", 0, 5)]).replace(b"2023-01-01", b"soon"), "unreadable"),
    "returns only": (orders_text(random_rows(300, amount=-5)), "returned"),
}

WEAK = {
    "one customer": orders_text([("C1", 30 * n, 10 + n) for n in range(12)]),
    "all one-time buyers": orders_text([(f"C{n}", 3 * n, 10 + n % 7) for n in range(120)]),
    "constant spend": orders_text(random_rows(400, amount=20)),
    "all amounts zero": orders_text(random_rows(400, amount="0.00")),
}


@pytest.mark.parametrize("case", REFUSED)
def test_orders_that_carry_no_forecast_are_refused_with_a_reason(case, tmp_path):
    content, reason = REFUSED[case]
    path = tmp_path / "orders.csv"
    path.write_bytes(content)
    for extra in ([], ["--json"]):
        done = clv("forecast", path, *extra)
        assert done.exit_code == 1
        assert isinstance(done.exception, SystemExit)
        assert reason in done.stderr
        assert str(tmp_path) not in done.stderr
    assert set(strict_json(done.stdout)) == {"error", "message"}


@pytest.mark.parametrize("case", WEAK)
def test_weak_orders_give_a_weaker_forecast_that_says_so(case, tmp_path):
    path = tmp_path / "orders.csv"
    path.write_bytes(WEAK[case])
    done = clv("forecast", path, "--json")
    assert done.exit_code == 0, done.stderr
    result = strict_json(done.stdout)
    assert len(result["warnings"]) >= 2
    assert all(value is not None for row in result["customers"] for value in row.values())
    assert all(math.isfinite(number) for number in numbers_in(result))
    page = clv("forecast", path)
    assert page.exit_code == 0
    assert " nan" not in page.stdout.lower()


def test_a_short_history_can_be_allowed(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_bytes(orders_text(random_rows(100)))
    done = clv("forecast", path, "--allow-short-history", "--json")
    assert done.exit_code == 0
    codes = {notice["code"] for notice in strict_json(done.stdout)["warnings"]}
    assert "SHORT_LOG" in codes


@pytest.mark.parametrize("command", ["forecast", "check", "backtest"])
def test_a_file_that_is_not_there_is_refused_by_its_name_only(command, tmp_path):
    done = clv(command, tmp_path / "nowhere.csv")
    assert done.exit_code == 1
    assert "nowhere.csv" in done.stderr
    assert str(tmp_path) not in done.stderr


def test_columns_named_by_the_user_win(tmp_path):
    path = tmp_path / "export.csv"
    frame = sample_orders(120, seed=1)
    frame = frame.rename(
        columns={"customer_id": "k", "order_date": "t", "amount": "z", "order_id": "n"}
    )
    frame.to_csv(path, index=False)
    options = ["--customer-column", "k", "--date-column", "t", "--amount-column", "z"]
    done = clv("check", path, *options, "--order-column", "n", "--json")
    assert done.exit_code == 0, done.stderr
    mapping = strict_json(done.stdout)["mapping"]
    assert (mapping["customer_id"], mapping["date"], mapping["amount"], mapping["order_id"]) == (
        "k", "t", "z", "n",
    )  # fmt: skip


def test_a_column_that_is_not_there_is_refused_with_those_that_are(shop):
    done = clv("forecast", shop, "--customer-column", "kunde")
    assert done.exit_code == 1
    assert "kunde" in done.stderr
    assert "customer_id" in done.stderr


@pytest.mark.parametrize(
    ("cohort_by", "expected"),
    [("country", {"ES", "PT", "FR", "DE", "IT", "IE"}), ("year", {"2023", "2024"})],
)
def test_cohorts_follow_the_option(shop, cohort_by, expected):
    done = clv("forecast", shop, "--cohort-by", cohort_by, "--json")
    assert done.exit_code == 0, done.stderr
    assert {row["cohort"] for row in strict_json(done.stdout)["customers"]} <= expected


def test_check_says_what_the_orders_can_carry(shop):
    done = clv("check", shop, "--json")
    assert done.exit_code == 0
    result = strict_json(done.stdout)
    frame = pd.read_csv(shop, dtype=str)
    assert result["quality"]["rows_in"] == len(frame)
    assert result["mapping"]["date"] == "order_date"
    assert result["enough_history"] is True
    assert [finding["code"] for finding in result["findings"]] == ["HISTORY_TESTABLE", "CAME_BACK"]
    page = clv("check", shop)
    assert page.exit_code == 0
    assert f"{result['customers']:,} customers" in page.stdout
    assert f"{result['quality']['rows_in']:,}" in page.stdout


@pytest.mark.parametrize(
    ("rows", "codes"),
    [
        ([("C1", 0, 1), ("C2", 100, 1)], ["HISTORY_TOO_SHORT", "NOBODY_CAME_BACK"]),
        ([("C1", 0, 1), ("C1", 190, 1)], ["HISTORY_UNTESTABLE", "CAME_BACK"]),
        ([("C1", 0, 1), ("C1", 0, 2), ("C2", 400, 1)], ["HISTORY_TESTABLE", "NOBODY_CAME_BACK"]),
    ],
)
def test_check_judges_small_logs(rows, codes, tmp_path):
    path = tmp_path / "orders.csv"
    path.write_bytes(orders_text(rows))
    result = strict_json(clv("check", path, "--json").stdout)
    assert [finding["code"] for finding in result["findings"]] == codes


def test_what_a_file_says_cannot_steer_the_terminal(tmp_path):
    path = tmp_path / "orders.csv"
    rows = random_rows(400) + [("[red]x[/red]", 30 * n, 900) for n in range(12)]
    content = orders_text(rows).replace(b"customer_id,", b"customer_id \x1b[2J\xe2\x80\xae,")
    path.write_bytes(content)
    page = clv("forecast", path)
    assert page.exit_code == 0, page.stderr
    assert "[red]x[/red]" in page.stdout
    shown = (
        page.stdout + clv("check", path).stdout + clv("check", path, "--date-column", "x").stderr
    )
    assert "customer_id" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown


@pytest.fixture(scope="module")
def past(shop):
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


def test_the_scores_are_those_a_forecast_of_the_same_length_carries(past, shop):
    done = clv("forecast", shop, "--horizon-days", 180, "--json")
    carried = {row["model"]: row for row in strict_json(done.stdout)["leaderboard"]}
    alone = {row["model"]: row for row in past["leaderboard"]}
    assert set(carried) == set(alone)
    for model, row in alone.items():
        assert carried[model]["rmse"] == pytest.approx(row["rmse"], rel=1e-9)


def test_the_page_of_a_backtest_shows_every_score_and_total(past, shop):
    done = clv("backtest", shop, "--horizon-days", 180, "--currency", "EUR")
    assert done.exit_code == 0
    for row in past["leaderboard"]:
        assert row["model"] in done.stdout
        assert f"{row['rmse']:,.2f}" in done.stdout
    for row in past["totals"]:
        assert f"{row['actual']:,.2f} EUR" in done.stdout
        assert f"180 days after {row['origin']}" in done.stdout
    assert "nan" not in done.stdout.lower()


def test_a_backtest_shows_what_each_range_held_and_the_past_totals(past, shop):
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


def test_a_backtest_over_shorter_windows_says_what_it_did_not_measure(shop):
    result = strict_json(clv("backtest", shop, "--horizon", 24, "--json").stdout)
    assert result["is_full_length"] is False
    assert result["window_days"] < 700
    assert "NOT_MEASURED_AT_HORIZON" in {notice["code"] for notice in result["warnings"]}
    assert "is not measured" in " ".join(clv("backtest", shop, "--horizon", 24).stdout.split())


def test_scores_are_compared_only_on_dates_on_which_every_model_could_be_fitted(tmp_path):
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
def test_orders_without_a_past_date_are_refused(days, tmp_path):
    path = tmp_path / "orders.csv"
    path.write_bytes(orders_text(random_rows(days)))
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
def test_wrong_usage_of_a_backtest_ends_with_two_before_the_file_is_read(options, code, tmp_path):
    done = clv("backtest", tmp_path / "nowhere.csv", *options, "--json")
    assert done.exit_code == 2
    assert strict_json(done.stdout)["error"] == code


def test_every_step_of_a_forecast_has_words_in_the_progress_bar(shop):
    from clvcore.cli.console import _STEPS
    from clvcore.ingest import read_transactions
    from clvcore.pipeline import forecast

    steps = []
    forecast(read_transactions(shop), on_step=lambda step, _: steps.append(step))
    assert list(dict.fromkeys(steps)) == list(_STEPS)


def test_sample_writes_the_generated_shop(tmp_path):
    out = tmp_path / "orders.csv"
    done = clv("sample", "--customers", 30, "--seed", 5, "--out", out, "--json")
    assert done.exit_code == 0
    frame = pd.read_csv(out, dtype=str, keep_default_na=False)
    assert strict_json(done.stdout)["rows"] == len(frame)
    expected = sample_orders(30, seed=5).fillna("")
    assert frame.to_numpy().tolist() == expected.to_numpy().tolist()


def test_sample_never_overwrites_a_file(tmp_path):
    out = tmp_path / "orders.csv"
    out.write_text("mine")
    done = clv("sample", "--out", out)
    assert done.exit_code == 1
    assert out.read_text() == "mine"
    assert "Name another file" in done.stderr


def test_sample_into_a_folder_that_is_not_there_is_refused(tmp_path):
    done = clv("sample", "--customers", 5, "--out", tmp_path / "no" / "orders.csv")
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)


def test_a_shop_without_customers_is_wrong_usage(tmp_path):
    assert clv("sample", "--customers", 0, "--out", tmp_path / "x.csv").exit_code == 2
    assert not (tmp_path / "x.csv").exists()


def test_a_real_process_prints_one_document_and_nothing_else(shop):
    command = [sys.executable, "-W", "error::RuntimeWarning", "-c"]
    script = "from clvcore.cli import app; app(prog_name='clv')"
    done = subprocess.run(
        [*command, script, "forecast", str(shop), "--json"], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert strict_json(done.stdout)["customers"]
    assert done.stderr == b""
    refused = subprocess.run(
        [*command, script, "check", "nowhere.csv"], capture_output=True, check=False
    )
    assert refused.returncode == 1
    assert refused.stdout == b""
    assert b"Traceback" not in refused.stderr


def test_a_real_process_survives_a_narrow_code_page(shop, tmp_path):
    path = tmp_path / "orders.csv"
    path.write_bytes(shop.read_bytes().replace(b"C00001", "Zoë–→".encode()))
    script = "from clvcore.cli import app; app(prog_name='clv')"
    done = subprocess.run(
        [sys.executable, "-c", script, "forecast", str(path)],
        capture_output=True,
        check=False,
        env={"PYTHONIOENCODING": "ascii", "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr
    assert b"Ledger" in done.stdout
