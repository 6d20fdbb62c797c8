"""Line and sheet can be named, and what was not read is said, also where nothing comes of it."""

import csv
import datetime as dt
import io
import json

import openpyxl
import pytest

FIRST = dt.date(2023, 1, 2)
NAMES = ["customer_id", "order_date", "amount"]
ORDERS = [(f"C{n * n % 211}", FIRST + dt.timedelta(days=2 * n), 10 + n % 7) for n in range(600)]


def book(parts):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, rows in parts.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@pytest.fixture
def two_sheets(tmp_path):
    """A workbook whose first sheet has seven weeks, and another one of another shape the rest."""
    path = tmp_path / "orders.xlsx"
    rest = [(*order, "web") for order in ORDERS[26:]]
    path.write_bytes(book({"New": [NAMES, *ORDERS[:26]], "Old": [[*NAMES, "shop"], *rest]}))
    return path


@pytest.mark.parametrize("command", ["forecast", "backtest"])
def test_a_refusal_says_that_only_a_part_was_read(clv, two_sheets, command):
    done = clv(command, two_sheets, "--horizon", 3)
    assert done.exit_code == 1
    error, *notes = done.stderr.splitlines()
    assert error.startswith("Error: ")
    assert any("Not read: Old" in note for note in notes)
    document = json.loads(clv(command, two_sheets, "--horizon", 3, "--json").stdout)
    assert any("Not read: Old" in note for note in document["notes"])


def test_a_refusal_says_how_many_rows_were_used(clv, tmp_path):
    path = tmp_path / "orders.csv"
    bad = [(who, "soon", amount) for who, _, amount in ORDERS[20:]]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([NAMES, *ORDERS[:20], *bad])
    done = clv("forecast", path, "--date-column", "order_date")
    assert done.exit_code == 1
    assert "Note: 20 of 600 rows were used." in done.stderr


def test_a_refusal_of_a_whole_file_has_no_notes(clv, tmp_path):
    path = tmp_path / "orders.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([NAMES, *ORDERS[:20]])
    assert "notes" not in json.loads(clv("forecast", path, "--json").stdout)


@pytest.mark.parametrize("command", ["check", "forecast", "backtest"])
def test_the_sheet_can_be_named(clv, two_sheets, command):
    horizon = [] if command == "check" else ["--horizon", 3]
    done = clv(command, two_sheets, "--sheet", "Old", "--json", *horizon)
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["sheet"] == "Old"
    assert "Not read" not in done.stdout


@pytest.mark.parametrize("command", ["check", "forecast", "backtest"])
def test_the_line_of_names_can_be_named(clv, tmp_path, command):
    path = tmp_path / "orders.csv"
    names, horizon = ["buyer", "day", "paid"], [] if command == "check" else ["--horizon", 3]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([NAMES, *ORDERS[:3], names, *ORDERS[3:]])
    done = clv(
        command, path, "--header-row", 5, "--customer-column", "buyer", "--date-column", "day",
        "--amount-column", "paid", "--json", *horizon,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["header_row"] == 5
    assert document.get("quality", {"rows_in": 597})["rows_in"] == 597


@pytest.mark.parametrize(
    ("option", "value", "code"),
    [("--header-row", -1, "HEADER_ROW_INVALID"), ("--sheet", " ", "SHEET_INVALID"),
     ("--sheet", "Orders", "SHEET_MISSING"), ("--header-row", 900, "HEADER_ROW_MISSING")],
)  # fmt: skip
def test_a_wrong_name_is_refused(clv, two_sheets, option, value, code):
    done = clv("check", two_sheets, option, value, "--json")
    assert done.exit_code != 0
    assert json.loads(done.stdout)["error"] == code


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([("A", "2024-01-05", "free"), ("B", "2024-01-06", "gratis")], "unreadable_amount"),
        ([("", "2024-01-05", "3"), ("", "2024-01-06", "4")], "missing_customer_id"),
        ([("A", "", "3"), ("B", "", "4"), ("C", " ", "4")], "missing_date"),
    ],
)
def test_rejected_rows_are_written_when_none_is_left(clv, tmp_path, rows, reason):
    path, rejected = tmp_path / "orders.csv", tmp_path / "rejected.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([NAMES, *rows])
    done = clv("check", path, "--rejected", rejected, "--customer-column", "customer_id")
    assert done.exit_code == 1
    found = list(csv.DictReader(rejected.read_text().splitlines()))
    assert [(int(row["line"]), row["reason"]) for row in found] == [
        (line, reason) for line in range(2, 2 + len(rows))
    ]


def test_rejected_rows_are_written_when_only_returns_are_left(clv, tmp_path):
    path, rejected = tmp_path / "orders.csv", tmp_path / "rejected.csv"
    path.write_text("customer_id,date,amount\nA,2024-01-05,-3\nB,2024-01-06,free\n")
    assert clv("check", path, "--rejected", rejected).exit_code == 1
    assert "free" in rejected.read_text()
