"""What was chosen for a file is there for the next one of the same shape."""

from __future__ import annotations

from app.services import remembered
from app.storage.home import tenant_folder
from clvcore.ingest import ANYWHERE, Layout, Mapping

COLUMNS = ("when", "who", "paid")
MAPPING = Mapping(customer_id="who", date="when", amount="paid", date_order="dmy")


def test_the_choice_comes_back_for_the_same_columns_in_any_order(home):
    assert remembered.recall("local", COLUMNS) is None
    remembered.keep("local", COLUMNS, MAPPING, "EUR")
    known = remembered.recall("local", COLUMNS[::-1])
    assert (known.mapping, known.currency) == (MAPPING, "EUR")
    assert remembered.recall("local", (*COLUMNS, "more")) is None


def test_the_last_choice_counts_and_stays_with_its_tenant(home):
    remembered.keep("local", COLUMNS, MAPPING, "EUR")
    remembered.keep("local", COLUMNS, MAPPING, None)
    assert remembered.recall("local", COLUMNS).currency is None
    assert remembered.recall("other", COLUMNS) is None


def test_what_another_version_wrote_is_passed_over(home):
    remembered.keep("local", COLUMNS, MAPPING, "EUR")
    (file,) = tenant_folder("local", "mappings").iterdir()
    for content in ("{", "[]", '{"mapping": {"who": 1}}', '{"mapping": {"customer_id": "gone"}}'):
        file.write_text(content)
        assert remembered.recall("local", COLUMNS) is None


def test_where_the_table_stood_is_remembered_by_what_the_search_finds(home):
    assert remembered.recall_layout("local", COLUMNS) == ANYWHERE
    named = Layout(header_row=7, sheet="Orders")
    remembered.keep_layout("local", COLUMNS, named)
    assert remembered.recall_layout("local", COLUMNS[::-1]) == named
    assert remembered.recall_layout("other", COLUMNS) == ANYWHERE
    remembered.keep_layout("local", COLUMNS, ANYWHERE)
    assert remembered.recall_layout("local", COLUMNS) == ANYWHERE


def test_a_place_in_words_of_another_version_is_passed_over(home):
    remembered.keep_layout("local", COLUMNS, Layout(header_row=7))
    (file,) = tenant_folder("local", "mappings").iterdir()
    for content in ("{", "[]", '{"row": 1}', '{"header_row": "two"}'):
        file.write_text(content)
        assert remembered.recall_layout("local", COLUMNS) == ANYWHERE
