"""``clv check`` takes the options of the intake and hands out the rows it could not read."""

import csv
import json
import math

import pytest
from typer.testing import CliRunner

from clvcore.cli import app

ORDERS = b"""customer_id,order_date,total
A,2024-01-05,10.50
A,2024-01-05,10.50
B,2024-02-05,0
B,soon,20.50
C,2024-03-05,900.50
=1+1,2024-03-06,free
D,2024-06-05,30.50
"""


@pytest.fixture
def orders(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_bytes(ORDERS)
    return path


def check(*arguments):
    return CliRunner().invoke(app, ["check", *map(str, arguments)])


def test_every_option_has_its_line_in_the_ledger(orders):
    done = check(
        orders, "--drop-duplicates", "--zero-amounts", "drop", "--last-date", "2024-05-31",
        "--winsorize-at", "0.5", "--json",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    ledger = json.loads(done.stdout)["quality"]
    assert ledger["rows_dropped"] == {
        "unreadable_date": 1, "unreadable_amount": 1, "duplicate_dropped": 1, "zero_dropped": 1,
        "outside_dates": 1, "winsorised": 0,
    }  # fmt: skip
    assert ledger["amount_dropped"]["winsorised"] == 890.0
    parts = [ledger["amount_used"], *ledger["amount_dropped"].values()]
    assert math.fsum(parts) == ledger["amount_in"]
    assert "cut: winsorised" in check(orders, "--winsorize-at", "0.5").stdout


def test_rejected_rows_are_written_with_line_and_reason(orders, tmp_path):
    rejected = tmp_path / "rejected.csv"
    assert check(orders, "--rejected", rejected).exit_code == 0
    rows = list(csv.DictReader(rejected.read_text().splitlines()))
    assert [(row["line"], row["reason"]) for row in rows] == [
        ("5", "unreadable_date"), ("7", "unreadable_amount"),
    ]  # fmt: skip
    assert rows[0]["date"] == "soon"
    assert not rows[1]["customer_id"].startswith("=")
    again = check(orders, "--rejected", rejected)
    assert again.exit_code == 1
    assert "already there" in again.stderr


def test_what_the_orders_carry_is_one_sentence_with_its_reasons(orders):
    carries = json.loads(check(orders, "--json").stdout)["carries"]
    assert (carries["longest_months"], carries["seasons"], carries["trees"]) == (0, False, False)
    assert [finding["code"] for finding in carries["findings"]] == [
        "CARRIES_NO_CHECK", "CARRIES_NO_SEASON", "CARRIES_NO_TREES",
    ]  # fmt: skip
    assert carries["message"].count(".") == 1
    assert carries["message"].startswith("These 152 days")


def test_a_wrong_option_is_refused_with_the_way_out(orders):
    done = check(orders, "--winsorize-at", "99")
    assert done.exit_code == 2
    assert "write 0.99" in " ".join(done.stderr.split())
