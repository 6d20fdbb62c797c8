"""One day that no calendar has costs its row, whatever type and unit it is written in."""

from __future__ import annotations

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clvcore import read_transactions

ROWS, BAD = 60, 3
DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400 * 10**9}
LAST, FIRST = 2**63 - 1, -(2**63)
# days since 1970: of the years 10000, 0, 1 (a null of .NET) and 9999 (one of databases)
YEAR_10000, YEAR_0, YEAR_1, YEAR_9999 = 2_932_897, -719_528, -719_162, 2_932_896
DAYS = np.datetime64("2024-01-01") + 5 * np.arange(ROWS)


def _stamps(unit: str, bad: int, zone: str | None = None) -> pa.Array:
    counts = DAYS.astype(np.int64) * DAY[unit]
    counts[BAD] = bad
    return pa.Array.from_buffers(
        pa.timestamp(unit, zone), ROWS, [None, pa.py_buffer(counts.tobytes())]
    )


def _dates(kind: pa.DataType, bad: int) -> pa.Array:
    wide = kind == pa.date64()
    counts = DAYS.astype(np.int64) * (DAY["ms"] if wide else 1)
    counts[BAD] = bad
    plain = counts if wide else counts.astype(np.int32)
    return pa.Array.from_buffers(kind, ROWS, [None, pa.py_buffer(plain.tobytes())])


IMPOSSIBLE = {
    f"{unit}, {name}{', ' + zone if zone else ''}": _stamps(unit, bad, zone)
    for unit in ("ms", "us")
    for zone in (None, "UTC", "Europe/Berlin")
    for name, bad in {
        "the last": LAST, "the first": FIRST, "next to it": FIRST + 1,
        "year 10000": YEAR_10000 * DAY[unit], "year 9999": YEAR_9999 * DAY[unit],
        "year 0": YEAR_0 * DAY[unit], "year 1": YEAR_1 * DAY[unit],
    }.items()
} | {
    f"ns, {name}": _stamps("ns", bad)
    for name, bad in {"the last": LAST, "NaT": FIRST, "next to NaT": FIRST + 1}.items()
} | {
    "date32, the last": _dates(pa.date32(), 2**31 - 1),
    "date32, the first": _dates(pa.date32(), -(2**31)),
    "date32, year 10000": _dates(pa.date32(), YEAR_10000),
    "date32, year 0": _dates(pa.date32(), YEAR_0),
    "date64, year 10000": _dates(pa.date64(), YEAR_10000 * DAY["ms"]),
    "date64, the last": _dates(pa.date64(), LAST),
}  # fmt: skip


def parquet_of(days: pa.Array, **how: object) -> bytes:
    """Return orders of twelve customers on these days, another day beside the one of the order."""
    table = pa.table(
        {
            "customer_id": [f"c{row % 12}" for row in range(ROWS)],
            "order_date": days,
            "amount": [10.0 + row for row in range(ROWS)],
        }
    )
    out = io.BytesIO()
    pq.write_table(table, out, **how)
    return out.getvalue()


@pytest.mark.parametrize("days", IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_an_impossible_day_costs_its_row_and_is_counted_and_listed(days):
    read = read_transactions(parquet_of(days, version="2.6"), currency="EUR")
    assert read.quality.rows_used == ROWS - 1
    assert read.quality.rows_dropped == {"implausible_date": 1}
    assert read.quality.rejected["line"].tolist() == [BAD + 1]
    assert read.quality.rejected["date"].notna().all()
    assert (read.first_day, read.last_day) == (DAYS[0].item(), DAYS[-1].item())


@pytest.mark.parametrize("days", [YEAR_9999, YEAR_1, YEAR_10000])
def test_a_day_far_off_in_sparks_old_format_costs_its_row_too(days):
    data = parquet_of(_stamps("us", days * DAY["us"]), use_deprecated_int96_timestamps=True)
    assert b"order_date" in data
    assert read_transactions(data).quality.rows_dropped == {"implausible_date": 1}


def test_a_day_far_off_in_sparks_old_format_is_not_taken_for_one_of_today():
    """In nanoseconds the year 2600 would be 2015: 584 years and a half fit into 64 bits."""
    far = (np.datetime64("2600-01-01") - np.datetime64("1970-01-01")).astype(int)
    data = parquet_of(_stamps("us", int(far) * DAY["us"]), use_deprecated_int96_timestamps=True)
    read = read_transactions(data)
    assert read.quality.rows_dropped == {"implausible_date": 1}
    assert read.quality.rejected["date"].str.startswith("2600-01-01").all()
    assert read.first_day == DAYS[0].item()
