from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clvcore.ingest.amounts.amounts import read_amounts
from clvcore.ingest.ledger import REASONS
from clvcore.records.errors import DataError


def read(*cells, decimal=None, kind=None, what="amount"):
    column = pa.chunked_array([pa.array(list(cells), kind or pa.string())])
    return read_amounts(column, name="paid", decimal=decimal, what=what)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("5", 5.0),
        ("5.25", 5.25),
        ("5,25", 5.25),
        (".5", 0.5),
        ("5.", 5.0),
        ("+3.5", 3.5),
        ("-3.5", -3.5),
        ("\u22123.5", -3.5),
        ("3.5-", -3.5),
        ("(3.50)", -3.5),
        ("($3.50)", -3.5),
        ("-$3.50", -3.5),
        ("$-3.50", -3.5),
        ("-0", 0.0),
        ("1e3", 1000.0),
        ("1.5E-2", 0.015),
        ("0.123", 0.123),
        ("1234.567", 1234.567),
        ("1,234.56", 1234.56),
        ("1.234,56", 1234.56),
        ("1,234,567", 1234567.0),
        ("12,34,567.50", 1234567.5),
        ("1 234,56", 1234.56),
        ("1\u00a0234,56 €", 1234.56),
        ("1\u202f234\u202f567,8", 1234567.8),
        ("1'234.50", 1234.5),
        ("1’234.50", 1234.5),
        ("€5.00", 5.0),
        ("5,00 EUR", 5.0),
        ("R$ 1.234,56", 1234.56),
        ("US$7.50", 7.5),
        ("CHF 5.00", 5.0),
        ("5,50 kr", 5.5),
        ("12,50 zł", 12.5),
        ("１２.５", 12.5),
        ("999999999999999", 999999999999999.0),
    ],
)
def test_a_number_in_any_coat_is_that_number(cell, value):
    reading = read(cell)
    assert [REASONS[fault] for fault in reading.faults] == [""]
    assert reading.amounts.tolist() == [value]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (None, "missing_amount"),
        ("  ", "missing_amount"),
        ("free", "unreadable_amount"),
        ("NA", "missing_amount"),
        ("-", "missing_amount"),
        ("--5", "unreadable_amount"),
        ("(-5)", "unreadable_amount"),
        ("(5", "unreadable_amount"),
        ("1.2.3", "unreadable_amount"),
        ("12 34", "unreadable_amount"),
        ("5 apples", "unreadable_amount"),
        ("1,5", "unreadable_amount"),
        ("#DIV/0!", "unreadable_amount"),
        ("inf", "non_finite_amount"),
        ("-Infinity", "non_finite_amount"),
        ("NaN", "missing_amount"),
        ("1e400", "non_finite_amount"),
        ("1e16", "implausible_amount"),
    ],
)
def test_a_cell_that_is_no_amount_has_its_reason_and_counts_as_nothing(cell, reason):
    reading = read("1.50", cell, decimal=".")
    assert [REASONS[fault] for fault in reading.faults] == ["", reason]
    assert reading.amounts.tolist() == [1.5, 0.0]


@pytest.mark.parametrize("cells", [["1.234"], ["1,234", "2,345"], ["5", "1.234", "12"]])
def test_thousands_that_may_be_decimals_are_a_question_with_both_readings(cells):
    with pytest.raises(DataError, match="decimal") as caught:
        read(*cells)
    assert caught.value.code == "AMBIGUOUS_NUMBER_FORMAT"
    assert "1.234" in str(caught.value)
    assert "1,234" in str(caught.value)


@pytest.mark.parametrize(("decimal", "value"), [(".", 1.234), (",", 1234.0)])
def test_a_stated_decimal_mark_answers_the_question(decimal, value):
    assert read("1.234", decimal=decimal).amounts.tolist() == [value]


@pytest.mark.parametrize("decisive", ["1,5", "0,123", "1.234.567", "1.234,5", "12345,678"])
def test_one_decisive_row_settles_the_decimal_mark_of_all(decisive):
    assert read("1.234", decisive).amounts[0] == 1234.0


def test_numbers_that_contradict_each_other_are_refused():
    with pytest.raises(DataError) as caught:
        read("12,50", "1.50")
    assert caught.value.code == "MIXED_NUMBER_FORMATS"


def test_a_slip_in_one_row_of_hundreds_does_not_block_the_file():
    faults = read(*["1.50"] * 200, "2.50", "1,5").faults
    assert [REASONS[fault] for fault in faults[-2:]] == ["", "unreadable_amount"]


def test_currencies_are_not_added():
    with pytest.raises(DataError, match="EUR: 2, GBP: 1") as caught:
        read("€5", "5 EUR", "£5")
    assert caught.value.code == "MIXED_CURRENCIES"


@pytest.mark.parametrize(
    ("cells", "currency"),
    [
        (["5 €", "6"], "EUR"),
        (["R$ 5,00"], "BRL"),
        (["$5"], None),
        (["$5", "6 USD"], "USD"),
        (["5 kr"], None),
        (["5"], None),
    ],
)
def test_the_currency_is_known_where_the_cells_say_whose_it_is(cells, currency):
    assert read(*cells).currency == currency


def test_native_numbers_are_taken_as_they_are():
    assert read(1.234, None, kind=pa.float64()).amounts.tolist() == [1.234, 0.0]
    assert read(Decimal("1.25"), kind=pa.decimal128(5, 2)).amounts.tolist() == [1.25]
    faults = read(float("nan"), float("inf"), 1.0, kind=pa.float64(), what="quantity").faults
    assert [REASONS[fault] for fault in faults] == ["non_finite_quantity"] * 2 + [""]


def test_a_column_of_truth_values_is_no_money():
    with pytest.raises(DataError) as caught:
        read(True, kind=pa.bool_())
    assert caught.value.code == "NOT_NUMBERS"


MONEY = st.decimals(-10_000_000, 10_000_000, places=2)
LOCALES = {
    "en": (",", "."), "es": (".", ","), "fr": ("\u202f", ","), "ch": ("’", "."), "plain": ("", "."),
}  # fmt: skip


@given(st.lists(MONEY, min_size=1, max_size=20), st.sampled_from(sorted(LOCALES)))
def test_money_written_in_a_countrys_way_is_read_as_written(amounts, locale):
    group, point = LOCALES[locale]
    cells = [
        f"{amount:,.2f}".replace(",", "_").replace(".", point).replace("_", group)
        for amount in amounts
    ]
    assert read(*cells).amounts.tolist() == [float(amount) + 0.0 for amount in amounts]
