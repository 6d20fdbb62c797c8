"""What a file leaves open is asked on its own rows, and what is left out is chosen."""

from __future__ import annotations

import datetime as dt

import pytest

from app.services import datasets
from app.words.text import LANGUAGES, words_for
from clvcore.ingest import IngestOptions

ROWS = [("A", "02/01/2024"), ("B", "03/01/2024"), ("A", "01/02/2024"), ("C", "11/12/2024")]
DATES = "customer_id,date,amount\n" + "".join(f"{who},{day},10.5\n" for who, day in ROWS)
NUMBERS = "customer_id;date;amount\nA;2024-01-20;1.234\nB;2024-02-20;2.500\nA;2024-03-20;3.750\n"
MONEY = (
    "customer_id,date,amount,currency\nA,2024-01-20,5,EUR\nB,2024-01-21,6,USD\nA,2024-02-22,7,EUR\n"
)
SHOPIFY = (
    "Name,Email,Financial Status,Currency,Subtotal,Shipping,Taxes,Total,Created at,"
    "Lineitem quantity,Lineitem name,Lineitem price\n"
    "#1,a@x.example,paid,EUR,10,5,2,17,2024-01-20,1,mug,10\n"
    "#2,b@x.example,paid,EUR,20,5,4,29,2024-02-20,1,pot,20\n"
)


@pytest.fixture
def drop(empty_home, open_page, reads_here):
    """Open the page with a file dropped on it."""

    def drop_(content: str, **how: str):
        page = open_page("data", **how)
        page.file_uploader[0].upload("orders.csv", content.encode(), "text/csv").run()
        assert not page.exception
        return page

    return drop_


@pytest.mark.parametrize("language", LANGUAGES)
def test_dates_that_read_two_ways_are_asked_on_real_rows(drop, language):
    page, w = drop(DATES, language=language), words_for(language)
    assert page.button(key="use-data").disabled
    assert page.titles == [w("One question, and this file can be used.")]
    first, second = (table.value for table in page.dataframe[:2])
    assert list(first[w("In the file")]) == [day for _, day in ROWS]
    assert first[w("Read as")].iloc[0] == w.date(dt.date(2024, 1, 2))
    assert second[w("Read as")].iloc[0] == w.date(dt.date(2024, 2, 1))
    assert page.said.count(w("Its rows are then in order of time, as exports mostly are.")) == 1
    page.button(key="answer-date_order-dmy").click().run()
    assert not page.exception
    assert page.selectbox(key="mapper-date_order").value == "dmy"
    assert not page.button(key="use-data").disabled
    page.button(key="use-data").click().run()
    (saved,) = datasets.list_datasets("local")
    assert (saved.first_day, saved.last_day) == (dt.date(2024, 1, 2), dt.date(2024, 12, 11))


def test_numbers_that_read_two_ways_are_asked_with_their_sums(drop):
    page = drop(NUMBERS)
    assert "sum to 7.48" in page.said
    assert "sum to 7,484.00" in page.said
    page.button(key="answer-decimal-,").click().run()
    assert not page.exception
    assert page.selectbox(key="mapper-decimal").value == ","
    assert page.session_state["data_check"][1].quality.amount_used == 7484.0


def test_of_several_currencies_one_is_chosen(drop):
    page = drop(MONEY)
    assert page.button(key="use-data").disabled
    page.button(key="answer-currency-EUR").click().run()
    assert not page.exception
    assert page.selectbox(key="mapper-currency").value == "EUR"
    ledger = page.session_state["data_check"][1].quality
    assert (ledger.rows_used, ledger.rows_dropped) == (2, {"other_currency": 1})


def test_options_reach_the_ledger_and_come_back_for_the_next_file(drop):
    orders = "customer_id,date,amount\n" + "".join(
        f"{who},2024-{month:02}-20,{amount}\n"
        for who, month, amount in [("A", 1, 5), ("A", 1, 5), ("B", 2, 0), ("C", 3, 9), ("C", 9, 8)]
    )
    page = drop(orders)
    page.checkbox(key="mapper-duplicates").check()
    page.checkbox(key="mapper-zeros").check()
    page.date_input(key="mapper-last").set_value(dt.date(2024, 8, 31))
    page.selectbox(key="mapper-quantile").select(0.95).run()
    assert not page.exception
    assert page.session_state["data_check"][1].quality.rows_dropped == {
        "duplicate_dropped": 1, "zero_dropped": 1, "outside_dates": 1,
    }  # fmt: skip
    assert "amounts of zero are left out" in page.said
    page.button(key="use-data").click().run()
    page.button(key="add-orders").click().run()
    page.file_uploader[0].upload("more.csv", f"{orders}D,2024-10-20,4\n".encode(), "text/csv").run()
    known = page.session_state["data_check"][0][3]
    assert known == IngestOptions(
        drop_exact_duplicates=True, zero_amounts="drop", winsorize_at=0.95
    )
    assert page.checkbox(key="mapper-zeros").value
    assert page.date_input(key="mapper-last").value is None


def test_days_in_the_wrong_order_are_refused_in_words(drop):
    page = drop(DATES.replace("11/12", "11/30"))
    page.date_input(key="mapper-first").set_value(dt.date(2024, 8, 31))
    page.date_input(key="mapper-last").set_value(dt.date(2024, 1, 31)).run()
    assert not page.exception
    assert page.button(key="use-data").disabled
    assert "lies after" in page.said


def test_a_shop_export_may_count_without_tax_and_shipping(drop):
    page = drop(SHOPIFY)
    assert page.session_state["data_check"][1].quality.amount_used == 46.0
    assert "Shopify states this apart" in page.said
    page.checkbox(key="mapper-include_tax").uncheck()
    page.checkbox(key="mapper-include_shipping").uncheck().run()
    assert not page.exception
    assert page.session_state["data_check"][1].quality.amount_used == 30.0
    assert "tax is left out" in page.said
    assert "EUR" in page.said


def test_a_plain_file_is_not_asked_about_tax(drop):
    page = drop(MONEY)
    assert "mapper-include_tax" not in {box.key for box in page.checkbox}
