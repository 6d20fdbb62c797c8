"""What the options take away stands in the ledger, and both identities hold."""

import datetime as dt
import math

import pytest

from clvcore.ingest import Mapping, read_raw, validate
from clvcore.ingest.options import IngestOptions
from clvcore.records.errors import ConfigError, DataError

MAPPING = Mapping(customer_id="customer", date="date", amount="amount", decimal=".")


def orders(*rows, header="customer,date,amount"):
    return read_raw("\n".join([header, *rows]).encode())


def balanced(quality):
    parts = [quality.amount_used, *quality.amount_dropped.values()]
    return (
        quality.rows_in == quality.rows_used + sum(quality.rows_dropped.values())
        and math.fsum(parts) == quality.amount_in
        and set(quality.rows_dropped) == set(quality.amount_dropped)
    )


def codes(transactions):
    return [notice.code for notice in transactions.quality.warnings]


SHOP = orders(
    "A,2024-01-05,10", "A,2024-01-05,10", "B,2024-02-05,20", "B,2024-03-05,0", "C,2024-04-05,400",
    "C,2024-05-05,-400", "D,2024-06-05,30",
)  # fmt: skip


def test_without_options_nothing_is_left_out_on_purpose():
    quality = validate(SHOP, MAPPING).quality
    assert quality.rows_dropped == {"returned": 1}
    assert balanced(quality)


def test_exact_duplicates_go_once_and_are_no_doubt_any_more():
    read = validate(SHOP, MAPPING, options=IngestOptions(drop_exact_duplicates=True))
    assert read.quality.rows_dropped == {"returned": 1, "duplicate_dropped": 1}
    assert read.quality.amount_dropped["duplicate_dropped"] == 10.0
    assert "DUPLICATE_ROWS" in codes(validate(SHOP, MAPPING))
    assert balanced(read.quality)


def test_dates_are_inclusive_at_both_ends():
    options = IngestOptions(first_date="2024-02-05", last_date=dt.date(2024, 4, 5))
    read = validate(SHOP, MAPPING, options=options)
    assert (read.first_day, read.last_day) == (dt.date(2024, 2, 5), dt.date(2024, 4, 5))
    assert read.quality.rows_dropped == {"outside_dates": 4}
    assert read.quality.amount_dropped["outside_dates"] == -350.0
    assert balanced(read.quality)


def test_zero_amounts_are_purchases_unless_dropped():
    assert validate(SHOP, MAPPING).quality.rows_used == 6
    read = validate(SHOP, MAPPING, options=IngestOptions(zero_amounts="drop"))
    assert read.quality.rows_dropped["zero_dropped"] == 1
    assert "ZERO_AMOUNTS" not in codes(read)
    assert balanced(read.quality)


def test_amounts_cut_at_a_quantile_keep_their_rows_and_list_the_money():
    read = validate(SHOP, MAPPING, options=IngestOptions(winsorize_at=0.8))
    assert read.to_pandas()["amount"].max() == 30.0
    assert read.quality.rows_dropped == {"returned": 1, "winsorised": 0}
    # 370 off the purchase and 370 off its refund
    assert read.quality.amount_dropped == {"returned": -30.0, "winsorised": 0.0}
    assert balanced(read.quality)


def test_the_money_taken_off_large_amounts_is_exact():
    rows = [f"c{n},2024-01-05,{n}.{n:02d}" for n in range(10, 60)] + ["x,2024-01-06,1e9"]
    read = validate(orders(*rows), MAPPING, options=IngestOptions(winsorize_at=0.95))
    money = read.quality
    assert money.amount_dropped["winsorised"] == pytest.approx(1e9, rel=1e-5)
    assert math.fsum([money.amount_used, *money.amount_dropped.values()]) == pytest.approx(
        money.amount_in, rel=1e-15
    )
    assert read.to_pandas()["amount"].max() < 60


def test_all_options_together_still_balance():
    options = IngestOptions(
        drop_exact_duplicates=True, winsorize_at=0.9, zero_amounts="drop", last_date="2024-05-31"
    )
    quality = validate(SHOP, MAPPING, options=options).quality
    assert set(quality.rows_dropped) == {
        "duplicate_dropped", "zero_dropped", "outside_dates", "returned",
    }  # fmt: skip
    assert balanced(quality)


def test_rows_left_out_by_choice_are_not_listed_as_unreadable():
    options = IngestOptions(last_date="2024-03-31", drop_exact_duplicates=True)
    raw = orders("A,2024-01-05,10", "A,2024-01-05,10", "B,soon,20", "C,2024-06-05,5")
    quality = validate(raw, MAPPING, options=options).quality
    assert quality.rejected["reason"].tolist() == ["unreadable_date"]
    assert quality.rejected["line"].tolist() == [4]


def test_options_that_leave_nothing_say_so():
    with pytest.raises(DataError, match="outside_dates: 7") as caught:
        validate(SHOP, MAPPING, options=IngestOptions(first_date="2030-01-01"))
    assert caught.value.code == "OPTIONS_LEAVE_NOTHING"


@pytest.mark.parametrize(
    ("choice", "code"),
    [
        ({"winsorize_at": 99}, "WINSORIZE_OUT_OF_RANGE"),
        ({"winsorize_at": 1.0}, "WINSORIZE_OUT_OF_RANGE"),
        ({"winsorize_at": 0.2}, "WINSORIZE_OUT_OF_RANGE"),
        ({"winsorize_at": True}, "WINSORIZE_OUT_OF_RANGE"),
        ({"winsorize_at": float("nan")}, "WINSORIZE_OUT_OF_RANGE"),
        ({"first_date": "2024-13-01"}, "DATE_UNREADABLE"),
        ({"first_date": "2024-06-01", "last_date": "2024-05-01"}, "DATES_REVERSED"),
        ({"zero_amounts": "maybe"}, "ZERO_AMOUNTS_UNKNOWN"),
    ],
)
def test_a_choice_out_of_range_teaches(choice, code):
    with pytest.raises(ConfigError) as caught:
        IngestOptions(**choice)
    assert caught.value.code == code


def test_a_currency_of_the_options_must_be_a_code():
    with pytest.raises(DataError, match="three letters"):
        IngestOptions(currency="euros")


def test_options_survive_json_and_refuse_what_they_do_not_know():
    options = IngestOptions(
        first_date="2024-01-01", winsorize_at=0.99, currency="eur", zero_amounts="drop"
    )
    assert IngestOptions.from_dict(options.to_dict()) == options
    assert options.to_dict()["first_date"] == "2024-01-01"
    assert options.currency == "EUR"
    with pytest.raises(ConfigError, match="winsor"):
        IngestOptions.from_dict({"winsor": 0.9})
