import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clvcore.ingest.identifiers import MAX_LENGTH, read_ids
from clvcore.ingest.ledger import REASONS


def read(*cells, kind=None):
    return read_ids(pa.chunked_array([pa.array(list(cells), kind or pa.string())]))


@pytest.mark.parametrize(
    "name", ["007", "NA", "null", "1e5", "TRUE", "12345678901234567", "a b", "=1+1", "\u00df"]
)
def test_an_id_comes_out_as_it_went_in(name):
    assert read(name).texts.to_pylist() == [name]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (None, "missing_customer_id"),
        (" \t ", "missing_customer_id"),
        ("A\nB", "invalid_customer_id"),
        ("A\x00", "invalid_customer_id"),
        ("x" * (MAX_LENGTH + 1), "invalid_customer_id"),
        ("x" * MAX_LENGTH, ""),
    ],
)
def test_a_missing_or_impossible_id_has_its_reason(cell, reason):
    reading = read("A", cell)
    assert [REASONS[fault] for fault in reading.faults] == ["", reason]
    assert (reading.texts[1].as_py() is None) == bool(reason)


def test_spaces_and_the_form_of_accents_do_not_make_another_customer():
    composed = "José"
    reading = read("A", " A", "A ", composed, unicodedata.normalize("NFD", composed))
    assert reading.texts.to_pylist() == ["A", "A", "A", composed, composed]
    assert [(n.code, n.values["count"]) for n in reading.notices] == [("IDS_TRIMMED", 3)]


def test_upper_and_lower_case_stay_apart_and_are_said():
    reading = read("ann@x.com", "Ann@x.com", "bob@x.com")
    assert len(set(reading.texts.to_pylist())) == 3
    assert [notice.code for notice in reading.notices] == ["IDS_DIFFER_BY_CASE"]


def test_native_numbers_become_whole_numbers_in_text():
    assert read(13085, 7, kind=pa.int64()).texts.to_pylist() == ["13085", "7"]
    assert read(13085.0, 1.5, None, kind=pa.float64()).texts.to_pylist() == ["13085", "1.5", None]


@given(
    st.lists(
        st.text(
            st.characters(exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=1, max_size=9
        )
    )
)
def test_distinct_ids_stay_distinct(names):
    texts = read(*names).texts.to_pylist()
    assert texts == [unicodedata.normalize("NFC", name) for name in names]
