"""Every Arrow type a column can have, in a column that is needed and in one that is not.

Each is read, or left out with a notice, or refused with words; nothing ends in a traceback.
"""

import datetime as dt
import io
import uuid
from decimal import Decimal
from itertools import product

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from clvcore.ingest import read_transactions
from clvcore.records.errors import DataError, MappingError

DAYS = [dt.date(2024, 1, 5), dt.date(2024, 2, 6), dt.date(2024, 2, 7), dt.date(2024, 3, 8)]
MONEY = [Decimal("1.25"), Decimal("20.50"), Decimal("3.75"), Decimal("4.00")]
PEOPLE = ["007", "Ä2", "007", "c9"]
COUNTS = [1, 2, 3, 4]
UUIDS = [uuid.UUID(int=n % 3 + 1) for n in range(4)]
MIDNIGHTS = [dt.datetime.combine(day, dt.time()) for day in DAYS]
ROLES = ("customer_id", "date", "amount")


def cast(values, *kinds):
    base = pa.array(values)
    return {str(kind): base.cast(kind) for kind in kinds}


def dictionaries(array, *indices):
    encoded = array.dictionary_encode()
    return {
        f"dictionary<{array.type}, {index}>": pa.DictionaryArray.from_arrays(
            encoded.indices.cast(index), encoded.dictionary
        )
        for index in indices
    }


TEXTS = cast(PEOPLE, pa.string(), pa.large_string(), pa.string_view(), pa.binary(),
             pa.large_binary(), pa.binary_view())  # fmt: skip
TEXTS |= dictionaries(pa.array(PEOPLE), pa.int8(), pa.uint16(), pa.int64())
TEXTS |= {
    "run-end text": pc.run_end_encode(pa.array(PEOPLE)),
    "fixed_size_binary": pa.array([b"ab", b"cd", b"ab", b"ef"], pa.binary(2)),
    "dictionary of large text": pa.array(PEOPLE, pa.large_string()).dictionary_encode(),
    "json": pa.ExtensionArray.from_storage(pa.json_(), pa.array(PEOPLE)),
    "opaque": pa.ExtensionArray.from_storage(
        pa.opaque(pa.string(), "box", "somebody"), pa.array(PEOPLE)
    ),
}
IDENTITIES = {"uuid": pa.array([u.bytes for u in UUIDS], pa.uuid())}
NUMBERS = cast(COUNTS, pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(),
               pa.uint32(), pa.uint64(), pa.float16(), pa.float32(), pa.float64())  # fmt: skip
NUMBERS |= cast(MONEY, pa.decimal32(9, 2), pa.decimal64(18, 2), pa.decimal128(38, 2),
                pa.decimal256(76, 2))  # fmt: skip
NUMBERS |= {
    "run-end numbers": pc.run_end_encode(pa.array([1.5, 1.5, 2.5, 2.5])),
    "dictionary of numbers": pa.array([1.5, 1.5, 2.5, 2.5]).dictionary_encode(),
    "dictionary of decimals": pa.array(MONEY).dictionary_encode(),
}
UNITS = ("s", "ms", "us", "ns")
ZONES = (None, "UTC", "Europe/Berlin", "+05:30")
MOMENTS = cast(DAYS, pa.date32(), pa.date64())
MOMENTS |= {
    str(kind): pa.array(MIDNIGHTS, pa.timestamp("us")).cast(pa.timestamp(unit)).cast(kind)
    for unit, zone in product(UNITS, ZONES)
    for kind in [pa.timestamp(unit, zone)]
}
MOMENTS |= {
    "run-end days": pc.run_end_encode(pa.array(DAYS)),
    "dictionary of days": pa.array(DAYS).dictionary_encode(),
}
STRANGE = {
    "null": pa.nulls(4),
    "bool": pa.array([True, False, None, True]),
    "bool8": pa.ExtensionArray.from_storage(pa.bool8(), pa.array([1, 0, 1, 1], pa.int8())),
    "bytes that are no text": pa.array([b"\xff\xfe", b"\x80", None, b"\xc0"]),
    "fixed bytes that are no text": pa.array([b"\xff\xfe"] * 4, pa.binary(2)),
    "month_day_nano": pa.array([(1, 2, 3)] * 4, pa.month_day_nano_interval()),
    "list": pa.array([["a"], ["b", "c"], None, []]),
    "large_list": pa.array([["a"], ["b"], None, []], pa.large_list(pa.string())),
    "list_view": pa.array([["a"], ["b"], None, []], pa.list_view(pa.string())),
    "large_list_view": pa.array([["a"], ["b"], None, []], pa.large_list_view(pa.string())),
    "fixed_size_list": pa.array([[1, 2]] * 4, pa.list_(pa.int8(), 2)),
    "struct": pa.array([{"a": 1}] * 4),
    "map": pa.array([[("a", 1)]] * 4, pa.map_(pa.string(), pa.int8())),
    "dense_union": pa.UnionArray.from_dense(
        pa.array([0, 1, 0, 1], pa.int8()), pa.array([0, 0, 1, 1], pa.int32()),
        [pa.array(["a", "b"]), pa.array([1, 2])],
    ),
    "sparse_union": pa.UnionArray.from_sparse(
        pa.array([0, 1, 0, 1], pa.int8()), [pa.array(["a"] * 4), pa.array(COUNTS)]
    ),
    "dictionary of nulls": pa.DictionaryArray.from_arrays(
        pa.array([0] * 4, pa.int8()), pa.nulls(1)
    ),
    "tensor": pa.FixedShapeTensorArray.from_numpy_ndarray(np.ones((4, 2))),
}  # fmt: skip
STRANGE |= cast([dt.time(1), dt.time(2), None, dt.time(3)], pa.time32("s"), pa.time32("ms"),
                pa.time64("us"), pa.time64("ns"))  # fmt: skip
STRANGE |= {f"duration[{unit}]": pa.array(COUNTS, pa.duration(unit)) for unit in UNITS}
EVERY = TEXTS | IDENTITIES | NUMBERS | MOMENTS | STRANGE

FRAMES = {
    "Period[M]": pd.Series(pd.period_range("2024-01", periods=4, freq="M")),
    "Period with a gap": pd.Series(
        pd.PeriodIndex(["2024-01", None, "2024-03", "2024-04"], freq="M")
    ),
    "Interval": pd.Series(pd.interval_range(0, 4)),
    "UUID": pd.Series(UUIDS),
    "Categorical of text": pd.Series(PEOPLE).astype("category"),
    "Categorical of periods": pd.Series(
        pd.Categorical(pd.period_range("2024-01", periods=4, freq="M"))
    ),
    "Categorical of numbers": pd.Series([1.5, 2.5, 1.5, 2.5]).astype("category"),
    "Categorical of nothing": pd.Series(pd.Categorical([None] * 4)),
    "Int64": pd.Series([1, 2, None, 4], dtype="Int64"),
    "UInt8": pd.Series([1, 2, None, 4], dtype="UInt8"),
    "Float64": pd.Series([1.5, 2.5, None, 4.5], dtype="Float64"),
    "boolean": pd.Series([True, None, False, True], dtype="boolean"),
    "string": pd.Series(["a", None, "b", "a"], dtype="string"),
    "string[pyarrow]": pd.Series(["a", None, "b", "a"], dtype="string[pyarrow]"),
    "decimal[pyarrow]": pd.Series(MONEY, dtype=pd.ArrowDtype(pa.decimal128(9, 2))),
    "Sparse": pd.Series([0.0, 0.0, 1.5, 2.5], dtype="Sparse[float]"),
    "complex": pd.Series([1 + 2j] * 4),
    "timedelta": pd.Series(pd.to_timedelta(COUNTS, unit="D")),
    "zoned": pd.Series(pd.to_datetime(DAYS)).dt.tz_localize("Asia/Tokyo"),
    "sets": pd.Series([{1}, {2}, {3}, {4}]),
    "anything": pd.Series([object(), 1, "a", None], dtype=object),
    "nothing": pd.Series([None] * 4, dtype=object),
}  # fmt: skip


LEFT_OUT = [name for name in STRANGE if "list" in name or "union" in name] + [
    "struct", "map", "month_day_nano", "tensor", "duration[s]", "bytes that are no text",
]  # fmt: skip


def with_column(role, array):
    columns = {
        "customer_id": pa.array(PEOPLE), "date": pa.array(DAYS), "amount": pa.array(MONEY),
    }  # fmt: skip
    return columns | {role: array}


def judged(source, role):
    """Read orders with a strange column; return them, or the code where words refused them."""
    if role not in ROLES:
        transactions = read_transactions(source)
    else:
        try:
            transactions = read_transactions(source, mapping={each: each for each in ROLES})
        except (DataError, MappingError) as error:
            return error.code
    quality = transactions.quality
    assert quality.rows_in == 4
    assert quality.rows_used + sum(quality.rows_dropped.values()) == 4
    if role not in ROLES:
        assert quality.rows_used == 4
        assert quality.amount_used == float(sum(MONEY))
    return transactions


def parquet(columns):
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


@pytest.mark.parametrize("role", [*ROLES, "extra"])
@pytest.mark.parametrize("name", list(EVERY))
def test_every_arrow_type_is_read_or_left_out_or_refused_in_words(name, role):
    columns = with_column(role, EVERY[name])
    read = judged(pa.table(columns), role)
    try:
        file = parquet(columns)
    except pa.ArrowNotImplementedError:
        return  # Parquet cannot hold it
    again = judged(file, role)
    if isinstance(read, str) or isinstance(again, str):
        assert read == again != "UNREADABLE_FILE"
    else:  # ids that are moments may get other fractions of a second
        assert read.to_pandas()["amount"].tolist() == again.to_pandas()["amount"].tolist()
        assert read.quality.rows_dropped == again.quality.rows_dropped


@pytest.mark.parametrize("role", [*ROLES, "extra"])
@pytest.mark.parametrize("name", list(FRAMES))
def test_every_pandas_type_is_read_or_left_out_or_refused_in_words(name, role):
    columns = {"customer_id": PEOPLE, "date": DAYS, "amount": MONEY, role: FRAMES[name]}
    judged(pd.DataFrame(columns), role)
    try:
        file = parquet(pa.Table.from_pandas(pd.DataFrame(columns)))
    except (pa.ArrowException, TypeError):
        return  # neither Arrow nor Parquet can hold it
    assert judged(file, role) != "UNREADABLE_FILE"


@pytest.mark.parametrize("name", list(NUMBERS))
def test_numbers_of_every_type_are_the_same_money(name):
    read = read_transactions(pa.table(with_column("amount", NUMBERS[name])))
    wanted = [float(value) for value in NUMBERS[name].to_pylist()]
    assert sorted(read.to_pandas()["amount"]) == sorted(wanted)


@pytest.mark.parametrize("name", list(TEXTS | IDENTITIES))
def test_texts_of_every_type_are_the_same_customers(name):
    read = read_transactions(
        pa.table(with_column("customer_id", (TEXTS | IDENTITIES)[name])),
        mapping={role: role for role in ROLES},
    )
    assert read.quality.customers_used == 3
    if name == "uuid":
        assert set(read.to_pandas()["customer_id"]) == {str(each) for each in UUIDS}


@pytest.mark.parametrize("name", list(MOMENTS))
def test_moments_of_every_type_are_the_same_days(name):
    read = read_transactions(pa.table(with_column("date", MOMENTS[name])))
    assert [day.date() for day in read.to_pandas()["date"]] == DAYS


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_no_role_can_use_is_left_out_and_named(name):
    read = read_transactions(pa.table(with_column("extra", STRANGE[name])))
    notices = {notice.code: str(notice) for notice in read.quality.warnings}
    assert notices["NESTED_COLUMNS"].endswith(": extra.")
