"""What cannot be forecast is refused with a reason and the exit code scripts rely on."""

from __future__ import annotations

import math

import pytest

REFUSED = {
    "empty file": "empty",
    "header only": "no row",
    "one row": "0 days",
    "everyone on one day": "days",
    "under six months": "six calendar months, here 180 days",
    "unreadable file": "binary",
    "broken workbook": "damaged",
    "no readable date": "unreadable",
    "returns only": "returned",
}
WEAK = ("one customer", "all one-time buyers", "constant spend", "all amounts zero")


@pytest.fixture(scope="module")
def files(orders) -> dict[str, bytes]:
    return {
        "empty file": b"",
        "header only": orders.header,
        "one row": orders.text([("C1", 0, 10)]),
        "everyone on one day": orders.text([(f"C{n % 40}", 0, 5 + n % 7) for n in range(90)]),
        "under six months": orders.text(orders.random(100)),
        "unreadable file": bytes(range(256)) * 8,
        "broken workbook": b"PK\x03\x04" + bytes(range(200)),
        "no readable date": orders.text([("C1", 0, 5)]).replace(b"2023-01-01", b"soon"),
        "returns only": orders.text(orders.random(300, amount=-5)),
        "one customer": orders.text([("C1", 30 * n, 10 + n) for n in range(12)]),
        "all one-time buyers": orders.text([(f"C{n}", 3 * n, 10 + n % 7) for n in range(120)]),
        "constant spend": orders.text(orders.random(400, amount=20)),
        "all amounts zero": orders.text(orders.random(400, amount="0.00")),
    }


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
def test_wrong_usage_ends_with_two(clv, strict_json, shop, options, code):
    done = clv("forecast", shop, *options, "--json")
    assert done.exit_code == 2
    refusal = strict_json(done.stdout)
    assert refusal["error"] == code
    assert refusal["message"] in done.stderr.replace("Error: ", "")


@pytest.mark.parametrize(
    "arguments", [["forecast"], ["nonsense"], ["forecast", "x.csv", "--horizon", "twelve"]]
)
def test_usage_the_parser_refuses_ends_with_two_as_well(clv, arguments):
    done = clv(*arguments)
    assert done.exit_code == 2
    assert done.stdout == ""


@pytest.mark.parametrize("case", REFUSED)
def test_orders_that_carry_no_forecast_are_refused_with_a_reason(
    clv, strict_json, files, tmp_path, case
):
    path = tmp_path / "orders.csv"
    path.write_bytes(files[case])
    for extra in ([], ["--json"]):
        done = clv("forecast", path, *extra)
        assert done.exit_code == 1
        assert isinstance(done.exception, SystemExit)
        assert REFUSED[case] in done.stderr
        assert str(tmp_path) not in done.stderr
    assert set(strict_json(done.stdout)) == {"error", "message"}


def numbers_in(document):
    if isinstance(document, dict):
        document = list(document.values())
    if isinstance(document, list):
        return [number for item in document for number in numbers_in(item)]
    return [document] if isinstance(document, float) else []


@pytest.mark.parametrize("case", WEAK)
def test_weak_orders_give_a_weaker_forecast_that_says_so(clv, strict_json, files, tmp_path, case):
    path = tmp_path / "orders.csv"
    path.write_bytes(files[case])
    done = clv("forecast", path, "--json")
    assert done.exit_code == 0, done.stderr
    result = strict_json(done.stdout)
    assert len(result["warnings"]) >= 2
    assert all(value is not None for row in result["customers"] for value in row.values())
    assert all(math.isfinite(number) for number in numbers_in(result))
    page = clv("forecast", path)
    assert page.exit_code == 0
    assert " nan" not in page.stdout.lower()


@pytest.mark.parametrize("command", ["forecast", "check", "backtest"])
def test_a_file_that_is_not_there_is_refused_by_its_name_only(clv, command, tmp_path):
    done = clv(command, tmp_path / "nowhere.csv")
    assert done.exit_code == 1
    assert "nowhere.csv" in done.stderr
    assert str(tmp_path) not in done.stderr


def test_a_column_that_is_not_there_is_refused_with_those_that_are(clv, shop):
    done = clv("forecast", shop, "--customer-column", "kunde")
    assert done.exit_code == 1
    assert "kunde" in done.stderr
    assert "customer_id" in done.stderr


def test_what_a_file_says_cannot_steer_the_terminal(clv, orders, tmp_path):
    path = tmp_path / "orders.csv"
    rows = orders.random(400) + [("[red]x[/red]", 30 * n, 900) for n in range(12)]
    content = orders.text(rows).replace(b"customer_id,", b"customer_id \x1b[2J\xe2\x80\xae,")
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
