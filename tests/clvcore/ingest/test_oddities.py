"""What looks odd is counted and said, and nothing else happens to it."""

import datetime as dt

from clvcore.ingest import read_transactions

START = dt.date(2024, 1, 1)


def notices(*rows):
    data = "\n".join(["customer_id,date,amount", *rows]).encode()
    read = read_transactions(data)
    assert read.quality.rows_in == len(rows)
    return {notice.code: notice for notice in read.quality.warnings}


def daily(days, *, who="c{}", amount="1{}.50"):
    return [
        f"{who.format(n % 15)},{START + dt.timedelta(days=n)},{amount.format(n % 10)}"
        for n in days
    ]  # fmt: skip


def test_ordinary_orders_raise_no_doubt():
    assert notices(*daily(range(60))) == {}


def test_amounts_far_above_the_others_are_counted():
    found = notices(*daily(range(60)), "c1,2024-01-09,999999.99", "c2,2024-01-09,5000.10")
    assert found["OUTLIERS"].values["rows"] == 2
    assert found["OUTLIERS"].values["largest"] == 999999.99


def test_a_long_silence_is_named_with_both_ends():
    found = notices(*daily([*range(40), *range(400, 440)]))
    assert found["GAPS_IN_TIME"].values["gaps"] == 1
    assert (found["GAPS_IN_TIME"].values["first"], found["GAPS_IN_TIME"].values["last"]) == (
        "2024-02-09", "2025-02-04",
    )  # fmt: skip


def test_a_shop_that_sells_once_a_month_is_not_silent():
    assert "GAPS_IN_TIME" not in notices(*daily(range(0, 900, 30)))


def test_ids_of_nobody_in_particular_are_named():
    found = notices(
        *daily(range(30)), "Guest,2024-03-01,9.50", "Guest,2024-03-02,8.50", "N/A,2024-03-02,3.50",
        "consumidor final,2024-03-02,3.50", "-,2024-03-02,3.50",
    )  # fmt: skip
    assert found["GUEST_IDS"].values["rows"] == 5
    assert found["GUEST_IDS"].values["ids"] == 4
    assert found["GUEST_IDS"].values["named"].startswith("Guest")


def test_real_short_ids_are_nobody_s_business():
    assert "GUEST_IDS" not in notices(*daily(range(30), who="{}1"))


def test_customers_who_returned_more_than_they_bought_are_counted():
    found = notices(*daily(range(30)), "c1,2024-03-01,-500.50", "c2,2024-03-01,-1.50")
    assert found["NEGATIVE_CUSTOMERS"].values["customers"] == 1
    assert "RETURNS" in found
