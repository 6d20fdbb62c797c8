import datetime as dt
import io
import pickle

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from clvcore.ingest import Mapping, read_raw, read_transactions, validate
from clvcore.ingest.validate import MAX_REJECTED
from clvcore.records.errors import DataError

DIRTY = b"""customer_id,date,amount,order_id,channel
A,2024-01-05,10.00,1,web
A,2024-01-05,5.50,1,web
,2024-01-06,3.00,2,web
B,,4.00,3,shop
B,2024-02-30,4.00,3,shop
B,1970-01-01,4.00,3,shop
B,2024-01-07,,4,shop
B,2024-01-07,free,4,shop
B,2024-01-07,inf,4,shop
B,2024-01-08,20.00,5,shop
B,2024-01-08,20.00,5,shop
C,2024-01-09,-7.25,6,web
D,2024-01-10,0,7,web
E,2024-01-11,1.00
"""


def codes(transactions):
    return [notice.code for notice in transactions.quality.warnings]


def orders(*rows, header="customer_id,date,amount"):
    return "\n".join([header, *rows]).encode()


def test_every_row_and_every_cent_is_used_or_dropped_for_a_reason():
    quality = read_transactions(DIRTY).quality
    assert quality.rows_in == 14
    assert quality.rows_used == 5
    assert quality.rows_dropped == {
        "ragged_row": 1, "missing_customer_id": 1, "missing_date": 1, "unreadable_date": 1,
        "implausible_date": 1, "missing_amount": 1, "unreadable_amount": 1,
        "non_finite_amount": 1, "returned": 1,
    }  # fmt: skip
    assert quality.amount_used == 55.5
    assert quality.amount_dropped["missing_customer_id"] == 3.0
    assert quality.amount_dropped["unreadable_date"] == 4.0
    assert quality.amount_dropped["returned"] == -7.25
    assert quality.amount_dropped["ragged_row"] == 0.0
    assert quality.amount_in == quality.amount_used + sum(quality.amount_dropped.values())
    assert (quality.customers_in, quality.customers_used) == (4, 3)


def test_rejected_rows_are_listed_as_they_stand_in_the_file():
    rejected = read_transactions(DIRTY).quality.rejected
    assert rejected.columns.tolist() == [
        "line", "reason", "customer_id", "date", "amount", "order_id",
    ]  # fmt: skip
    by_line = rejected.set_index("line")
    assert by_line.loc[6, ["reason", "date"]].tolist() == ["unreadable_date", "2024-02-30"]
    assert by_line.loc[9, ["reason", "amount"]].tolist() == ["unreadable_amount", "free"]
    assert by_line.loc[15, "reason"] == "ragged_row"
    assert "returned" not in set(rejected["reason"])


def test_lines_keep_their_place_and_columns():
    transactions = read_transactions(DIRTY, currency="eur")
    assert transactions.lines["line"].to_pylist() == [2, 3, 11, 12, 13, 14]
    assert transactions.lines["kept"].to_pylist() == [True, True, True, True, False, True]
    assert transactions.currency == "EUR"
    assert transactions.attributes == ("channel",)
    assert transactions.to_pandas().columns.tolist() == [
        "customer_id", "date", "amount", "order_id", "channel",
    ]  # fmt: skip
    assert (transactions.first_day, transactions.last_day) == (
        dt.date(2024, 1, 5),
        dt.date(2024, 1, 10),
    )


def test_doubts_about_the_lines_are_said():
    assert codes(read_transactions(DIRTY)) == [
        "RAGGED_ROWS", "DUPLICATE_ROWS", "RETURNS", "REFUNDS_NOT_LINKED", "ZERO_AMOUNTS",
        "CUSTOMERS_WITHOUT_PURCHASE",
    ]  # fmt: skip


def test_duplicates_are_counted_once_less_than_they_occur_and_kept():
    transactions = read_transactions(orders(*["A,2024-01-05,1.50"] * 3, "B,2024-01-05,1.50"))
    notice = next(n for n in transactions.quality.warnings if n.code == "DUPLICATE_ROWS")
    assert "2 rows" in notice
    assert "3.00" in notice
    assert transactions.quality.rows_used == 4


def test_one_customer_with_a_third_of_the_revenue_is_pointed_out():
    small = [f"c{number},2024-01-05,1.50" for number in range(20)]
    assert codes(read_transactions(orders(*small))) == []
    assert codes(read_transactions(orders(*small, "big,2024-01-06,20.5"))) == ["ONE_LARGE_CUSTOMER"]


def test_a_readable_return_and_its_purchase_on_one_day_leave_no_purchase():
    with pytest.raises(DataError, match="returned: 2"):
        read_transactions(orders("A,2024-01-05,10.50", "A,2024-01-05,-10.50"))


def test_no_usable_row_is_an_error_that_counts_the_reasons():
    with pytest.raises(DataError, match="None of the 2 rows") as caught:
        read_transactions(orders("A,soon,1.5", ",2024-01-05,1.5"))
    assert caught.value.code == "NO_USABLE_ROWS"
    assert "(missing_customer_id: 1, unreadable_date: 1)" in str(caught.value)


def test_one_row_is_enough_to_be_read():
    transactions = read_transactions(orders("A,2024-01-05,1.5"))
    assert transactions.quality.rows_used == 1
    assert transactions.first_day == transactions.last_day


def test_rejected_rows_are_cut_at_ten_thousand_and_that_is_said():
    bad = [",2024-01-05,1.5"] * (MAX_REJECTED + 5)
    quality = read_transactions(orders("A,2024-01-05,1.5", *bad)).quality
    assert len(quality.rejected) == MAX_REJECTED
    assert quality.rows_dropped == {"missing_customer_id": MAX_REJECTED + 5}
    assert [notice.code for notice in quality.warnings] == [
        "MANY_ROWS_LOST", "REJECTED_SHORTENED",
    ]  # fmt: skip


def test_ragged_rows_have_no_say_in_how_dates_are_written():
    transactions = read_transactions(
        orders("A,13/04/2024,1.5", "B,03/04/2024,2.5", "C,04/13/2024,3.5,extra")
    )
    assert transactions.to_pandas()["date"].dt.month.tolist() == [4, 4]


def test_missing_pieces_have_their_own_reason():
    raw = read_raw(orders("A,2024-01-05,1.5,2", "A,2024-01-06,1.5,", header="c,d,p,q"))
    mapping = Mapping(customer_id="c", date="d", amount="p", quantity="q")
    transactions = validate(raw, mapping)
    assert transactions.quality.rows_dropped == {"missing_quantity": 1}
    assert transactions.quality.amount_used == 3.0


@pytest.mark.parametrize("currency", ["euro", "12$", "€"])
def test_a_currency_is_three_letters(currency):
    with pytest.raises(DataError) as caught:
        read_transactions(DIRTY, currency=currency)
    assert caught.value.code == "UNKNOWN_CURRENCY"


def test_the_currency_of_the_cells_is_used_unless_another_is_given():
    data = b"customer_id;date;amount\nA;2024-01-05;1,50 EUR\n"
    assert read_transactions(data).currency == "EUR"
    assert read_transactions(data, currency="CHF").currency == "CHF"


def test_shuffled_rows_have_the_same_content_and_other_rows_do_not():
    head, *rows = DIRTY.decode().splitlines()[:-1]
    same = read_transactions("\n".join([head, *rows[::-1]]).encode())
    assert same.content_hash == read_transactions(DIRTY).content_hash
    for old, new in (("5.50", "5.51"), ("A,", "Z,"), (",web", ",app"), (",1,", ",9,")):
        changed = read_transactions(DIRTY.replace(old.encode(), new.encode()))
        assert changed.content_hash != same.content_hash


def test_neighboring_texts_cannot_run_together_in_the_hash():
    one, other = (
        read_transactions(orders(f"{a},2024-01-05,1.5", f"{b},2024-01-05,1.5")).content_hash
        for a, b in (("ab", "c"), ("a", "bc"))
    )
    assert one != other


def test_csv_workbook_parquet_and_frame_give_the_same_lines():
    frame = pd.DataFrame(
        {
            "customer_id": ["007", "A", "A"],
            "date": pd.to_datetime(["2024-01-05 00:00", "2024-01-06 10:30", "2024-01-07 00:00"]),
            "amount": [1.125, 20.0, 3.5],
            "order_id": ["x1", None, "x3"],
        }
    )
    workbook, parquet = io.BytesIO(), io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(frame.columns.tolist())
    for row in frame.itertuples(index=False):
        book.active.append([None if pd.isna(cell) else cell for cell in row])
    book.save(workbook)
    frame.to_parquet(parquet)
    sources = [
        frame, workbook.getvalue(), parquet.getvalue(), frame.to_csv(index=False).encode(),
        frame.to_csv(index=False, sep="\t").encode("utf-16"),
    ]  # fmt: skip
    read = [read_transactions(source) for source in sources]
    assert pq.read_table(io.BytesIO(parquet.getvalue())).num_rows == 3
    assert len({transactions.content_hash for transactions in read}) == 1
    for transactions in read[1:]:
        pd.testing.assert_frame_equal(transactions.to_pandas(), read[0].to_pandas())


def test_transactions_survive_the_trip_from_a_worker_process():
    transactions = read_transactions(DIRTY)
    copy = pickle.loads(pickle.dumps(transactions))  # noqa: S301
    assert copy.lines.equals(transactions.lines)
    assert [notice.code for notice in copy.quality.warnings] == codes(transactions)
