import math
import os
import time
from pathlib import Path

import pytest

from clvcore.ingest import guess_mapping, read_raw, read_transactions

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def logs():
    folder = os.environ.get("CLV_DATA")
    if not folder:
        pytest.skip("CLV_DATA is not set: the real logs are not here")
    return Path(folder)


@pytest.fixture(scope="module")
def retail(logs):
    return read_transactions(logs / "online_retail_ii.parquet", currency="GBP")


def test_online_retail_adds_up_to_its_last_row_and_cent(retail):
    quality = retail.quality
    assert quality.rows_in == 1_044_847
    assert quality.rows_in == quality.rows_used + sum(quality.rows_dropped.values())
    assert quality.rows_dropped["missing_customer_id"] == 235_287
    parts = [quality.amount_used, *quality.amount_dropped.values()]
    assert math.isclose(math.fsum(parts), quality.amount_in, rel_tol=1e-12)
    assert quality.customers_in == 5_942
    assert retail.lines.num_rows == 1_044_847 - 235_287
    assert retail.attributes == ("country",)


def test_online_retail_says_what_is_odd_about_it(retail):
    assert {notice.code for notice in retail.quality.warnings} >= {
        "DUPLICATE_ROWS", "RETURNS", "ZERO_AMOUNTS", "CUSTOMERS_WITHOUT_PURCHASE",
        "REJECTED_SHORTENED",
    }  # fmt: skip


def test_online_retail_is_read_in_seconds(logs):
    start = time.process_time()
    read_transactions(logs / "online_retail_ii.parquet")
    assert time.process_time() - start < 10


def test_cdnow_is_used_to_the_last_row(logs):
    raw = read_raw(logs / "cdnow_full.parquet")
    mapping = guess_mapping(raw).mapping
    assert (mapping.customer_id, mapping.date, mapping.amount) == ("customer_id", "date", "amount")
    assert mapping.quantity is None
    quality = read_transactions(logs / "cdnow_full.parquet").quality
    assert quality.rows_used == quality.rows_in == 69_659
    assert quality.customers_used == 23_570
    counts = {notice.code: notice.values["rows"] for notice in quality.warnings}
    assert counts == {"DUPLICATE_ROWS": 255, "ZERO_AMOUNTS": 80, "OUTLIERS": 1}


def test_cdnow_as_text_is_the_same_log(logs):
    raw = read_raw(logs / "cdnow_full.parquet")
    frame = raw.table.to_pandas()
    frame["date"] = frame["date"].dt.strftime("%Y%m%d")
    as_text = read_transactions(frame.to_csv(index=False, sep=";").encode())
    assert as_text.content_hash == read_transactions(raw.table).content_hash
