"""Money in several currencies is never added."""

import pytest

from clvcore.ingest import Mapping, read_raw, validate
from clvcore.ingest.amounts.currencies import currency_column
from clvcore.ingest.options import IngestOptions
from clvcore.records.errors import DataError

MAPPING = Mapping(customer_id="customer", date="date", amount="amount", decimal=".")


def table(*rows, header="customer,date,amount,currency"):
    return read_raw("\n".join([header, *rows]).encode())


MIXED = table(
    "A,2024-01-05,10.5,EUR", "A,2024-01-06,20.5,usd", "B,2024-01-07,30.5,EUR",
    "B,2024-01-08,40.5,", "C,2024-01-09,900,JPY",
)  # fmt: skip


def notices(transactions):
    return {notice.code: notice for notice in transactions.quality.warnings}


def test_several_currencies_are_refused_unless_one_is_chosen():
    with pytest.raises(DataError, match="EUR: 2, JPY: 1, USD: 1") as caught:
        validate(MIXED, MAPPING)
    assert caught.value.code == "SEVERAL_CURRENCIES"


@pytest.mark.parametrize(
    "choice", [{"currency": "EUR"}, {"options": IngestOptions(currency="eur")}]
)
def test_rows_in_other_currencies_are_left_out_and_counted(choice):
    read = validate(MIXED, MAPPING, **choice)
    assert read.currency == "EUR"
    assert read.quality.rows_dropped == {"other_currency": 3}
    assert read.quality.amount_in == read.quality.amount_used == 41.0
    assert "JPY: 1, USD: 1, none: 1" in notices(read)["OTHER_CURRENCIES"]
    assert read.quality.rejected.empty


def test_a_column_of_one_currency_says_what_the_amounts_are():
    raw = table("A,2024-01-05,10.5,GBP", "B,2024-01-06,20.5,", "B,2024-01-07,1.5,gbp ")
    read = validate(raw, MAPPING)
    assert (read.currency, read.quality.rows_used) == ("GBP", 3)


def test_stating_another_currency_than_the_file_is_said_and_choosing_it_leaves_nothing():
    raw = table("A,2024-01-05,10.5,GBP", "B,2024-01-06,20.5,GBP")
    stated = validate(raw, MAPPING, currency="EUR")
    assert stated.currency == "EUR"
    assert "CURRENCY_DIFFERS" in notices(stated)
    with pytest.raises(DataError, match="other_currency: 2"):
        validate(raw, MAPPING, options=IngestOptions(currency="EUR"))
    with pytest.raises(DataError) as caught:
        validate(raw, MAPPING, currency="EUR", options=IngestOptions(currency="GBP"))
    assert caught.value.code == "CURRENCY_CONTRADICTION"


def test_signs_beside_the_amounts_are_chosen_among_too():
    raw = read_raw("customer;date;amount\nA;2024-01-05;€1.50\nB;2024-01-06;$2.50\n"
                   "B;2024-01-07;US$ 3.50\nC;2024-01-08;4.50\n".encode())  # fmt: skip
    with pytest.raises(DataError, match="EUR"):
        validate(raw, MAPPING)
    read = validate(raw, MAPPING, currency="USD")
    assert read.quality.amount_used == 6.0
    assert read.quality.rows_dropped == {"other_currency": 2}


@pytest.mark.parametrize(
    ("header", "row", "column"),
    [
        ("customer,date,amount,currency", "A,2024-01-05,1.5,XOF", "currency"),
        ("customer,date,amount,Währung", "A,2024-01-05,1.5,chf", "Währung"),
        ("customer,date,amount,note", "A,2024-01-05,1.5,USD", "note"),
        ("customer,date,amount,note", "A,2024-01-05,1.5,new", None),
        ("customer,date,amount,currency", "A,2024-01-05,1.5,euro", None),
        ("customer,date,amount,channel", "A,2024-01-05,1.5,", None),
    ],
)
def test_a_column_of_codes_is_told_by_its_values_and_its_name(header, row, column):
    assert currency_column(table(row, header=header), MAPPING) == column


def test_of_two_columns_of_codes_the_one_named_like_the_amount_counts():
    raw = table(
        "A,2024-01-05,1.5,USD,1.4,EUR",
        header="customer,date,amount,Currency,Converted Amount,Converted Currency",
    )
    assert currency_column(raw, MAPPING) == "Currency"
    converted = Mapping(customer_id="customer", date="date", amount="Converted Amount")
    assert currency_column(raw, converted) == "Converted Currency"
