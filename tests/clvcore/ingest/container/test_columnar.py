import datetime as dt
import io
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clvcore.ingest import read_raw, read_transactions
from clvcore.records.errors import ReadError

TABLE = pa.table(
    {
        "customer_id": pa.array(["007", "A"]).dictionary_encode(),
        "date": pa.array([dt.datetime(2024, 1, 5, 23, 30), dt.datetime(2024, 1, 6)]),
        "amount": pa.array([Decimal("1.25"), Decimal("3.00")]),
    }
)


def parquet(table):
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


def test_parquet_keeps_its_types():
    raw = read_raw(parquet(TABLE))
    assert raw.source == "parquet"
    assert raw.table.schema.types == [pa.string(), pa.timestamp("us"), pa.decimal128(3, 2)]
    assert read_transactions(TABLE).to_pandas()["amount"].tolist() == [1.25, 3.0]


@pytest.mark.parametrize("cut", [6, 40, 200])
def test_a_truncated_parquet_file_is_refused(cut):
    with pytest.raises(ReadError) as caught:
        read_raw(parquet(TABLE)[:-cut])
    assert caught.value.code == "UNREADABLE_FILE"


def test_a_parquet_file_without_rows_is_refused():
    with pytest.raises(ReadError) as caught:
        read_raw(parquet(TABLE.slice(0, 0)))
    assert caught.value.code == "HEADER_ONLY"


def test_a_frame_is_not_changed_and_its_ids_survive():
    frame = pd.DataFrame(
        {
            "customer_id": ["007", 7, 13085.0, "NA"],
            "date": pd.to_datetime(["2024-01-05"] * 4),
            "amount": [1.0, 2.0, 3.0, np.nan],
        }
    )
    before = frame.copy(deep=True)
    transactions = read_transactions(frame)
    pd.testing.assert_frame_equal(frame, before)
    assert transactions.to_pandas()["customer_id"].tolist() == ["007", "7", "13085"]
    assert transactions.quality.rows_dropped == {"missing_amount": 1}


def test_whole_floats_as_ids_lose_their_decimal_point():
    frame = pd.DataFrame(
        {
            "customer_id": [13085.0, np.nan, 14911.0],
            "date": [dt.date(2024, 1, 5)] * 3,
            "amount": [1, 2, 3],
        }
    )
    transactions = read_transactions(frame)
    assert transactions.to_pandas()["customer_id"].tolist() == ["13085", "14911"]
    assert transactions.quality.rows_dropped == {"missing_customer_id": 1}


def test_a_named_index_is_a_column_and_a_plain_one_is_not():
    plain = pd.DataFrame({"customer": ["A"], "date": ["2024-01-05"], "amount": [1.5]})
    assert read_raw(plain).columns == ("customer", "date", "amount")
    assert read_raw(plain.set_index("customer")).columns == ("customer", "date", "amount")


def test_nested_columns_are_left_out_and_said():
    raw = read_raw(TABLE.append_column("items", pa.array([["a"], ["b", "c"]])))
    assert "items" not in raw.columns
    assert [notice.code for notice in raw.notices] == ["NESTED_COLUMNS"]
