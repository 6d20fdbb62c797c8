"""``clv forecast``: the page, the document and the saved run tell the same numbers."""

from __future__ import annotations

import math

import pytest

from clvcore.cli.console import _STEPS
from clvcore.cli.trust import trust_line
from clvcore.ingest import read_transactions
from clvcore.records.trust import Trust
from clvcore.runs import forecast as pipeline
from clvcore.store import load_run


@pytest.fixture(scope="module")
def document(clv, strict_json, shop):
    done = clv("forecast", shop, "--horizon", 6, "--currency", "EUR", "--json")
    assert done.exit_code == 0, done.stderr
    return strict_json(done.stdout)


@pytest.fixture(scope="module")
def page(clv, shop):
    done = clv("forecast", shop, "--horizon", 6, "--currency", "EUR")
    assert (done.exit_code, done.stderr) == (0, "")
    return done.stdout


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


def test_the_page_shows_the_same_forecast_as_the_document(document, page):
    assert f"{document['totals'][0]['clv']:,.2f} EUR" in page
    best = max(document["customers"], key=lambda row: row["clv"])
    assert f"{best['clv']:,.2f} EUR" in page
    assert best["customer_id"] in page
    for heading in ("Ledger", "Value groups", "Next steps", "most valuable", "Doubts"):
        assert heading in page
    assert "nan" not in page.lower()


def test_the_page_shows_the_weights_and_the_best_models_of_the_past(document, page):
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


def test_a_forecast_says_how_far_to_trust_it(document, page):
    trust = document["trust"]
    assert trust["window_days"] == 181
    assert trust["verdict"] in ("good", "fair", "weak")
    words = " ".join(reason["message"] for reason in trust["reasons"])
    assert f"Trust: {trust['verdict']}. {words}" in " ".join(page.split())
    assert len(trust["calibration"]) == len(trust["pit"]) == 10
    assert math.fsum(row["share"] for row in trust["pit"]) == pytest.approx(1.0)


def test_a_run_without_any_past_says_so_in_one_line():
    assert trust_line(Trust()) == (
        "Trust: not measured, no past date of this horizon could be checked."
    )


def test_a_forecast_without_a_past_of_its_length_says_that_it_is_not_measured(
    clv, strict_json, shop
):
    page = clv("forecast", shop, "--horizon", 24).stdout
    assert "Trust: not measured. " in page
    short = strict_json(clv("forecast", shop, "--horizon", 24, "--json").stdout)
    assert short["trust"]["verdict"] == "not_measured"
    assert short["trust"]["is_full_length"] is False


def test_the_saved_run_is_the_run_that_was_shown(clv, strict_json, document, shop, tmp_path):
    out = tmp_path / "run"
    done = clv("forecast", shop, "--horizon", 6, "--currency", "EUR", "--out", out, "--json")
    assert done.exit_code == 0
    saved = load_run(out)
    shown = {row["customer_id"]: row["clv"] for row in strict_json(done.stdout)["customers"]}
    assert shown == saved.customers["clv"].to_dict()
    assert shown == {row["customer_id"]: row["clv"] for row in document["customers"]}


def test_a_folder_in_use_is_refused_before_any_work(clv, strict_json, shop, tmp_path):
    (tmp_path / "keep.txt").write_text("mine")
    done = clv("forecast", shop, "--out", tmp_path, "--json")
    assert done.exit_code == 1
    assert strict_json(done.stdout)["error"] == "RUN_FOLDER_IN_USE"
    assert [path.name for path in tmp_path.iterdir()] == ["keep.txt"]


def test_a_short_history_can_be_allowed(clv, strict_json, orders, tmp_path):
    path = tmp_path / "orders.csv"
    path.write_bytes(orders.text(orders.random(100)))
    done = clv("forecast", path, "--allow-short-history", "--json")
    assert done.exit_code == 0
    codes = {notice["code"] for notice in strict_json(done.stdout)["warnings"]}
    assert "SHORT_LOG" in codes


@pytest.mark.parametrize(
    ("cohort_by", "expected"),
    [("country", {"ES", "PT", "FR", "DE", "IT", "IE"}), ("year", {"2023", "2024"})],
)
def test_cohorts_follow_the_option(clv, strict_json, shop, cohort_by, expected):
    done = clv("forecast", shop, "--cohort-by", cohort_by, "--json")
    assert done.exit_code == 0, done.stderr
    assert {row["cohort"] for row in strict_json(done.stdout)["customers"]} <= expected


def test_every_step_of_a_forecast_has_words_in_the_progress_bar(shop):
    steps = []
    pipeline.forecast(read_transactions(shop), on_step=lambda step, _: steps.append(step))
    assert list(dict.fromkeys(steps)) == list(_STEPS)
