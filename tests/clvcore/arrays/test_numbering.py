"""Numbers that sort as texts do."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clvcore.arrays.numbering import sorted_places
from clvcore.features.numbered_lines import coded
from clvcore.ingest import read_transactions
from clvcore.ingest.fingerprint import content_hash
from clvcore.records.columns import CUSTOMER


@given(st.lists(st.text(max_size=50), unique=True))
def test_texts_are_sorted_as_arrow_sorts_them(texts):
    column = pa.array(texts, pa.string())
    assert sorted_places(column).tolist() == pc.sort_indices(column).to_pylist()


@pytest.mark.parametrize("shape", ["{}", "C{:09}", "{:040b}", "{0:x}-{0:o}-{0}", "é{}"])
def test_ids_of_any_shape_are_sorted_as_arrow_sorts_them(shape):
    numbers = np.random.default_rng(0).permutation(2_000)
    column = pa.array([shape.format(number) for number in numbers]).slice(3)
    assert sorted_places(column).tolist() == pc.sort_indices(column).to_pylist()


def test_the_intakes_numbers_are_those_of_the_lines():
    orders = (
        "customer_id,date,amount\nb,2024-01-02,5\na,2024-01-01,3\n,2024-01-01,3\nb,2024-02-01,7\n"
    )
    read = read_transactions(orders.encode())
    numbering = read.numbering
    assert numbering.lines is read.lines
    assert numbering.ids.take(pa.array(numbering.customer)).equals(
        read.lines[CUSTOMER].combine_chunks()
    )
    assert read.content_hash == content_hash(read.lines)


def test_numbers_of_other_lines_count_for_nothing():
    from dataclasses import replace

    orders = "customer_id,date,amount\nb,2024-01-02,5\na,2024-01-01,3\nb,2024-02-01,7\n"
    read = read_transactions(orders.encode())
    fewer = replace(read, lines=read.lines.slice(1))
    assert coded(fewer).customer.tolist() == [0, 1]
    assert coded(fewer).ids.to_pylist() == ["a", "b"]
