"""The Data page: the line of the names and the sheet are shown, and can be named."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest

from app.services import datasets
from app.words.text import LANGUAGES, words_for

NAMES = ["customer_id", "order_date", "total"]
FIRST = dt.date(2024, 1, 1)
ORDERS = [(f"C{n % 30}", FIRST + dt.timedelta(days=2 * n), 5.5 + n % 11) for n in range(150)]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_text(rows):
    return "\n".join(",".join(map(str, row)) for row in rows).encode()


def book(**parts):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, rows in parts.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


OTHER = [[*NAMES, "shop"], *((*order, "web") for order in ORDERS[:50])]
TWO_SHEETS = book(Now=[NAMES, *ORDERS], Before=OTHER)
TWO_TABLES = csv_text([NAMES, *ORDERS[:30], ["buyer", "date", "amount"], *ORDERS[30:]])


@pytest.fixture
def page(empty_home, reads_here, open_page):
    return open_page("data")


def test_a_sheet_is_chosen_and_saved(page):
    page.file_uploader[0].upload("book.xlsx", TWO_SHEETS, XLSX).run()
    assert not page.exception
    assert "Not read: Before" in page.said
    assert "Nothing was left out" not in page.said
    assert page.selectbox(key="place-sheet").value is None
    page.selectbox(key="place-sheet").select("Before").run()
    assert not page.exception
    assert "50" in page.titles[0]
    page.button(key="use-data").click().run()
    (saved,) = datasets.list_datasets("local")
    assert saved.rows == 50


def test_the_line_of_the_names_is_shown_and_can_be_another_one(page):
    page.file_uploader[0].upload("x.csv", b"Sales\n\n" + TWO_TABLES, "text/csv").run()
    assert page.number_input(key="place-line").value == 3
    page.number_input(key="place-line").set_value(34).run()
    assert not page.exception
    assert page.selectbox(key="mapper-customer_id").value == "buyer"
    assert "120" in page.titles[0]
    page.button(key="place-anywhere").click().run()
    assert page.selectbox(key="mapper-customer_id").value == "customer_id"
    assert page.number_input(key="place-line").value == 3


def test_a_line_that_names_nothing_is_refused_and_what_was_found_stays(page):
    page.file_uploader[0].upload("x.csv", TWO_TABLES, "text/csv").run()
    page.number_input(key="place-line").set_value(900).run()
    assert not page.exception
    assert any("line 900" in warning.value for warning in page.warning)
    assert page.number_input(key="place-line").value == 1
    assert page.selectbox(key="mapper-customer_id").value == "customer_id"


def test_what_was_named_is_remembered_for_the_next_file_of_this_shape(page):
    page.file_uploader[0].upload("book.xlsx", TWO_SHEETS, XLSX).run()
    page.selectbox(key="place-sheet").select("Before").run()
    page.button(key="use-data").click().run()
    page.button(key="add-orders").click().run()
    later = book(Now=[NAMES, *ORDERS[5:]], Before=OTHER[:41])
    page.file_uploader[0].upload("later.xlsx", later, XLSX).run()
    assert not page.exception
    assert page.selectbox(key="place-sheet").value == "Before"
    assert "40" in page.titles[0]


def test_a_file_without_the_sheet_that_is_remembered_is_searched(page):
    page.file_uploader[0].upload("book.xlsx", TWO_SHEETS, XLSX).run()
    page.selectbox(key="place-sheet").select("Before").run()
    page.button(key="use-data").click().run()
    page.button(key="add-orders").click().run()
    later = book(Now=[NAMES, *ORDERS[5:]], Notes=[["a", "b"], ["c", "d"]])
    page.file_uploader[0].upload("later.xlsx", later, XLSX).run()
    assert not page.exception
    assert page.selectbox(key="place-sheet").value is None
    assert "145" in page.titles[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_asks(empty_home, reads_here, open_page, language):
    page = open_page("data", language=language)
    page.file_uploader[0].upload("book.xlsx", TWO_SHEETS, XLSX).run()
    assert not page.exception
    w = words_for(language)
    assert page.selectbox(key="place-sheet").label == w("Sheet or file inside")
    assert page.number_input(key="place-line").label == w("Line with the column names")
