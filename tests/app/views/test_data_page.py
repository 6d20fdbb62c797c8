"""The Data page: a file is dropped, guessed, explained, corrected, saved or refused."""

from __future__ import annotations

import pytest

from app.accounts.users import find_user
from app.services import datasets, downloads
from app.storage import audit
from app.words.text import LANGUAGES, words_for


def test_one_click_opens_a_sample(empty_home, open_page):
    page = open_page("data")
    page.button(key="use-cdnow").click().run()
    assert not page.exception
    assert page.titles == ["All 6,919 rows are ready."]
    assert "2,357" in page.said
    assert [d.name for d in datasets.list_datasets("local")] == ["CDNOW"]


def test_more_orders_can_be_added_and_are_then_shown(filled_home, open_page):
    page = open_page("data")
    page.button(key="add-orders").click().run()
    assert page.button(key="stop-adding")
    page.button(key="use-cdnow").click().run()
    assert not page.exception
    assert page.titles == ["All 6,919 rows are ready."]


def test_a_dropped_file_is_guessed_checked_and_saved(empty_home, open_page, orders_csv):
    page = open_page("data")
    page.file_uploader[0].upload("our shop.csv", orders_csv, "text/csv").run()
    assert not page.exception
    assert page.selectbox(key="mapper-customer_id").value == "customer_id"
    assert page.selectbox(key="mapper-date").value == "order_date"
    assert "are accounted for, to the cent" in page.titles[0]
    assert datasets.list_datasets("local") == []
    page.selectbox(key="mapper-currency").select("EUR").run()
    page.button(key="use-data").click().run()
    assert not page.exception
    (saved,) = datasets.list_datasets("local")
    assert (saved.name, saved.currency) == ("our shop.csv", "EUR")
    assert page.session_state["dataset_id"] == saved.id


def test_the_choice_is_remembered_for_the_next_file_of_the_same_shape(
    empty_home, open_page, reads_here, orders_csv
):
    page = open_page("data")
    page.file_uploader[0].upload("may.csv", orders_csv, "text/csv").run()
    page.selectbox(key="mapper-currency").select("GBP").run()
    page.multiselect(key="mapper-attributes").set_value([]).run()
    page.button(key="use-data").click().run()
    page.button(key="add-orders").click().run()
    june = orders_csv + orders_csv.splitlines()[1] + b"\n"
    page.file_uploader[0].upload("june.csv", june, "text/csv").run()
    assert not page.exception
    assert page.selectbox(key="mapper-currency").value == "GBP"
    assert page.multiselect(key="mapper-attributes").value == []
    assert "As you chose for the last file of this shape" in page.said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_what_the_orders_can_carry(filled_home, open_page, language):
    page = open_page("data", language=language)
    assert not page.exception
    w = words_for(language)
    assert w("What these orders can carry") in page.said
    findings = datasets.check_saved("local", filled_home.dataset_id).capacity.findings()
    assert len(findings) == 3
    said = page.said.replace("\\", "")
    assert all(w.notice(finding)[1:] in said for finding in findings)


def test_a_wrong_mapping_is_explained_and_can_be_corrected(
    empty_home, open_page, reads_here, orders_csv
):
    page = open_page("data")
    page.file_uploader[0].upload("shop.csv", orders_csv, "text/csv").run()
    page.selectbox(key="mapper-date").select("channel").run()
    assert not page.exception
    assert page.button(key="use-data").disabled
    assert page.titles == ["We cannot use this file yet: tell us which column is which."]
    page.multiselect(key="mapper-attributes").set_value([]).run()
    page.selectbox(key="mapper-date").select("order_date").run()
    assert not page.button(key="use-data").disabled


def test_two_roles_for_one_column_are_refused_in_words(
    empty_home, open_page, reads_here, orders_csv
):
    page = open_page("data", language="es")
    page.file_uploader[0].upload("shop.csv", orders_csv, "text/csv").run()
    page.selectbox(key="mapper-amount").select("order_date").run()
    assert not page.exception
    assert page.button(key="use-data").disabled
    assert "Da a cada función su propia columna" in page.said


@pytest.mark.parametrize(
    "content",
    [b"", b"customer_id,date,amount\n", b"\x89PNG\r\n\x1a\n" + bytes(100), b"PK\x03\x04 broken"],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unreadable_file_is_refused_without_losing_the_page(
    empty_home, open_page, reads_here, content, language
):
    page = open_page("data", language=language)
    page.file_uploader[0].upload("orders.csv", content, "text/csv").run()
    assert not page.exception
    w = words_for(language)
    assert page.titles == [w("This file could not be read. Nothing has been changed.")]
    assert page.button(key="use-sample")


def test_rejected_rows_are_taken_away_once_and_by_their_owner_alone(filled_home, open_page):
    page = open_page("data")
    page.button(key="rejected-prepare").click().run()
    (link,) = [x for x in page.get("link_button") if x.proto.url.startswith(downloads.PATH)]
    token = link.proto.url.removeprefix(downloads.PATH + "/")
    with pytest.raises(downloads.GoneError):
        downloads.take(token, find_user("admin"))
    file = downloads.take(token, find_user("analyst"))
    rejected = datasets.check_saved("local", filled_home.dataset_id).quality.rejected
    assert file.content.decode("utf-8-sig").count("\r\n") == len(rejected) + 1
    with pytest.raises(downloads.GoneError):
        downloads.take(token, find_user("analyst"))
    (line,) = audit.list_entries("local", action="export")
    assert (line.username, line.detail["rows"]) == ("analyst", len(rejected))


def test_a_dataset_can_be_deleted(filled_home, open_page):
    page = open_page("data")
    page.button(key="delete-data").click().run()
    assert not page.exception
    assert datasets.list_datasets("local") == []
    assert page.button(key="use-sample")
