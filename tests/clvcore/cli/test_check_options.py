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
    assert "cut: largest amounts" in check(orders, "--winsorize-at", "0.5").stdout


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


@pytest.mark.parametrize("command", ["check", "forecast", "backtest"])
def test_every_command_takes_the_options_and_repeats_them(shop, command):
    chosen = ["--drop-duplicates", "--first-date", "2023-03-01", "--winsorize-at", "0.99"]
    model = ["--model", "naive"] if command == "forecast" else []
    done = CliRunner().invoke(app, [command, str(shop), *chosen, *model, "--json"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["options"] == {
        "drop_exact_duplicates": True, "winsorize_at": 0.99, "first_date": "2023-03-01",
        "last_date": None, "currency": None, "zero_amounts": "keep",
    }  # fmt: skip
    assert said["mapping"]["customer_id"] == "customer_id"
    if command != "backtest":
        assert said["quality"]["rows_dropped"]["outside_dates"] > 0


def test_tax_and_shipping_are_left_out_of_a_known_export(tmp_path):
    export = tmp_path / "shop.csv"
    export.write_text(
        "Name,Email,Financial Status,Currency,Subtotal,Shipping,Taxes,Total,Created at,"
        "Lineitem quantity,Lineitem name,Lineitem price\n"
        "#1,a@x.example,paid,EUR,10,5,2,17,2024-01-20,1,mug,10\n"
    )
    for chosen, amount in (([], 17.0), (["--no-include-tax"], 15.0)):
        said = json.loads(check(export, *chosen, "--no-include-shipping", "--json").stdout)
        assert said["quality"]["amount_used"] == amount - 5
    assert "left out" in check(export, "--no-include-tax").stdout


def test_tax_cannot_be_left_out_of_a_file_that_does_not_state_it(orders):
    done = check(orders, "--no-include-tax")
    assert done.exit_code == 1
    assert "known platforms only" in " ".join(done.stderr.split())


def test_of_several_currencies_the_one_named_is_used(tmp_path):
    file = tmp_path / "orders.csv"
    file.write_text("customer_id,date,amount\nA,2024-01-20,5 EUR\nB,2024-01-21,6 GBP\n")
    refused = check(file)
    assert refused.exit_code == 1
    assert "Choose one of them as the currency" in " ".join(refused.stderr.split())
    said = json.loads(check(file, "--currency", "GBP", "--json").stdout)
    assert (said["currency"], said["quality"]["rows_dropped"]) == ("GBP", {"other_currency": 1})
