"""A table in several Parquet files."""

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clvcore.ingest import read_raw, read_transactions
from clvcore.ingest.container import folder as folder_module
from clvcore.records.errors import ReadError

ORDERS = pd.DataFrame(
    {
        "customer_id": ["b", "a", "b", "c", None, "a"],
        "date": pd.to_datetime([f"2024-0{month}-01" for month in (2, 1, 3, 4, 5, 5)]),
        "amount": [5.0, 3.0, 7.5, -1.0, 2.0, 4.0],
    }
)  # fmt: skip


@pytest.fixture
def parts(tmp_path):
    folder = tmp_path / "orders"
    folder.mkdir()
    for number, start in enumerate(range(0, 6, 2)):
        ORDERS.iloc[start : start + 2].to_parquet(folder / f"part-{number}.parquet", index=False)
    (folder / "_SUCCESS").touch()
    (folder / ".part-0.parquet.crc").touch()
    return folder


def test_a_folder_is_the_same_orders_as_one_frame(parts):
    one, several = read_transactions(ORDERS), read_transactions(str(parts))
    assert several.content_hash == one.content_hash
    assert several.quality.to_dict() == one.quality.to_dict()
    assert several.quality.rejected["line"].tolist() == [5]
    assert several.lines["line"].to_pylist() == one.lines["line"].to_pylist()


def test_columns_may_stand_in_another_order_and_be_empty(parts):
    table = pa.table(
        {
            "amount": pa.nulls(1),
            "date": pa.nulls(1),
            "customer_id": pa.array(["z"], pa.large_string()),
        }
    )
    pq.write_table(table, parts / "part-9.parquet")
    assert read_raw(parts).table.num_rows == 7


@pytest.mark.parametrize(
    "odd",
    [
        {"customer_id": ["z"], "date": ["2024-01-01"], "amount": [1.0]},
        {"customer_id": ["z"], "amount": [1.0]},
    ],
)
def test_a_part_unlike_the_first_is_named(parts, odd):
    pd.DataFrame(odd).to_parquet(parts / "part-9.parquet", index=False)
    with pytest.raises(ReadError, match=r"'part-0.parquet' has .*'part-9.parquet' has") as refused:
        read_raw(parts)
    assert refused.value.code == "PARTS_DIFFER"


@pytest.mark.parametrize("kind", ["empty", "file", "deeper"])
def test_what_is_no_table_in_parts_is_refused(tmp_path, parts, kind):
    folder = tmp_path / "other" if kind == "empty" else parts
    folder.mkdir(exist_ok=True)
    if kind == "file":
        (folder / "orders.csv").touch()
    if kind == "deeper":
        (folder / "year=2024").mkdir()
    with pytest.raises(ReadError) as refused:
        read_raw(folder)
    assert refused.value.code == "NO_PARQUET_FOLDER"


def test_there_is_a_limit_to_all_parts_together(parts, monkeypatch):
    monkeypatch.setattr(folder_module, "MAX_PART_ROWS", 5)
    with pytest.raises(ReadError) as refused:
        read_raw(parts)
    assert refused.value.code == "TOO_MANY_ROWS"
