"""``clv score``: a saved forecast meets a newer file."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from clvcore.sample import sample_orders
from clvcore.store import load_run

SETTINGS = ("--horizon", 6, "--model", "bg_nbd", "--currency", "EUR")


@pytest.fixture(scope="module")
def files(clv, tmp_path_factory):
    """A file as it was in September, the forecast made of it, and the file as it is now."""
    folder = tmp_path_factory.mktemp("score")
    rows = sample_orders(250, seed=2)
    day = pd.to_datetime(rows["order_date"], format="mixed", errors="coerce", utc=True)
    rows.to_csv(folder / "new.csv", index=False)
    rows[day < "2024-10-01"].to_csv(folder / "old.csv", index=False)
    done = clv("forecast", folder / "old.csv", *SETTINGS, "--out", folder / "run")
    assert done.exit_code == 0, done.stderr
    return folder


def test_the_document_is_a_forecast_with_its_drift(clv, strict_json, files):
    done = clv("score", files / "run", files / "new.csv", "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    document = strict_json(done.stdout)
    assert document["as_of"] > "2024-10-01"
    assert document["currency"] == "EUR"
    assert document["config"]["horizon_months"] == 6
    assert document["warnings"][0]["code"] == "SCORED"
    measures = {row["measure"]: row for row in document["drift"]}
    assert measures["spent"]["statistic"] == "actual_to_forecast"
    assert measures["frequency"]["value"] >= 0
    total = math.fsum(row["clv"] for row in document["customers"])
    assert document["totals"][0]["clv"] == pytest.approx(total, rel=1e-9)


def test_the_page_shows_the_drift_and_the_folder_holds_the_run(clv, files, tmp_path):
    done = clv("score", files / "run", files / "new.csv", "--out", tmp_path / "scored")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "Drift since the forecast was fitted" in done.stdout
    assert "spent since" in done.stdout
    assert "nothing was learned" in done.stdout
    run = load_run(tmp_path / "scored")
    assert len(run.drift) == 7
    assert run.parameters == load_run(files / "run").parameters
    again = clv("score", tmp_path / "scored", files / "new.csv")
    assert again.exit_code == 1
    assert "itself scored" in again.stderr


@pytest.mark.parametrize(
    ("more", "exit_code", "code"),
    [
        (("--currency", "USD"), 1, "CURRENCIES_DIFFER"),
        (("--as-of", "2024-06-30"), 1, "ENDS_BEFORE_FORECAST"),
        (("--as-of", "soon"), 2, "AS_OF_UNREADABLE"),
    ],
)
def test_refusals_have_a_code_and_an_exit_code(clv, strict_json, files, more, exit_code, code):
    done = clv("score", files / "run", files / "new.csv", *more, "--json")
    assert done.exit_code == exit_code
    assert strict_json(done.stdout)["error"] == code
    assert done.stderr.startswith("Error: ")


def test_a_folder_that_is_no_run_and_a_place_that_is_taken_are_refused(clv, files, tmp_path):
    missing = clv("score", tmp_path, files / "new.csv")
    assert (missing.exit_code, "holds no saved forecast" in missing.stderr) == (1, True)
    taken = clv("score", files / "run", files / "new.csv", "--out", files)
    assert (taken.exit_code, "is not an empty folder" in taken.stderr) == (1, True)
