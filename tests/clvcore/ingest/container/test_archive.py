"""Orders in a ZIP archive are read where it is plain which file holds them."""

import io
import zipfile

import pyarrow as pa
import pytest
from bombs import archive
from shop import sheets, shop, text, total
from tables import codes, parquet

from clvcore.ingest import read_raw, read_transactions
from clvcore.records.errors import ReadError

ORDERS = shop(60)
NAMES = ("customer_id", "order_date", "amount")
PLAIN = text([NAMES, *ORDERS]).encode()
TABLE = pa.table(dict(zip(NAMES, map(list, zip(*ORDERS, strict=True)), strict=True)))
CUSTOMERS = text([("customer_id", "city"), *((f"C{n}", "Bern") for n in range(20))]).encode()
ITEMS = text(
    [("order_id", "product", "quantity", "unit price"), (1, "a", 2, 3.5), (2, "b", 1, 4.5)]
).encode()
ALONE = {
    "CSV": {"orders.csv": PLAIN},
    "in a folder": {"2024/export/": b"", "2024/export/orders.csv": PLAIN},
    "UTF-16": {"orders.txt": PLAIN.decode().encode("utf-16")},
    "workbook": {"orders.xlsx": sheets(Cover=[("a", "b")], Data=[NAMES, *ORDERS])},
    "Parquet": {"part-0.parquet": parquet(TABLE)},
    "what a Mac adds": {"orders.csv": PLAIN, "__MACOSX/._orders.csv": b"\0\5", ".DS_Store": b"\0"},
}


@pytest.mark.parametrize("files", ALONE.values(), ids=ALONE)
def test_an_archive_of_one_file_is_that_file(files):
    quality = read_transactions(archive(files)).quality
    assert quality.rows_used == len(ORDERS)
    assert quality.amount_used == pytest.approx(total(ORDERS))
    assert "OTHER_SHEETS" not in codes(quality.warnings) or "xlsx" in str(files)


@pytest.mark.parametrize(
    "beside",
    [{"readme.txt": b"Orders of 2024, as exported."}, {"logo.png": b"\x89PNG...."},
     {"notes.pdf": b"%PDF-1.7"}, {"customers.csv": CUSTOMERS}, {"meta.json": b'{"rows": 60}'}],
    ids=lambda files: next(iter(files)),
)  # fmt: skip
def test_what_else_is_in_an_archive_is_named_and_not_read(beside):
    transactions = read_transactions(archive({**beside, "orders.csv": PLAIN}))
    assert transactions.quality.amount_used == pytest.approx(total(ORDERS))
    (notice,) = transactions.quality.warnings
    assert notice.code == "OTHER_SHEETS"
    assert notice.values["names"] == next(iter(beside))


def test_files_of_one_shape_are_one_table():
    files = {
        f"{part}.csv": text([NAMES, *ORDERS[part * 20 : part * 20 + 20]]).encode()
        for part in range(3)
    }
    raw = read_raw(archive(files))
    assert raw.table.num_rows == len(ORDERS)
    assert raw.sheets == ("0.csv", "1.csv", "2.csv")
    (notice,) = raw.notices
    assert notice.code == "SHEETS_JOINED"
    assert "0.csv (20), 1.csv (20), 2.csv (20)" in notice
    assert raw.lines.to_pylist() == sorted(set(raw.lines.to_pylist()))


def test_tables_that_differ_are_refused_by_name_and_can_be_named():
    data = archive({"x/orders.csv": PLAIN, "x/items.csv": ITEMS})
    with pytest.raises(ReadError, match=r"x/orders\.csv, x/items\.csv") as caught:
        read_raw(data)
    assert caught.value.code == "SEVERAL_FILES"
    for name in ("x/orders.csv", "orders.csv"):
        named = read_raw(data, sheet=name)
        assert named.columns == NAMES
        assert named.notices == ()
    with pytest.raises(ReadError) as caught:
        read_raw(data, sheet="sales.csv")
    assert caught.value.code == "SHEET_MISSING"


def test_a_sheet_of_the_only_workbook_can_be_named():
    book = sheets(Refunds=[NAMES, *ORDERS[:5]], Orders=[(*NAMES, "x"), *((*o, 1) for o in ORDERS)])
    assert read_raw(archive({"a.xlsx": book}), sheet="Refunds").table.num_rows == 5


def _locked():
    data = bytearray(archive({"orders.csv": PLAIN}))
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def _wrong_sum():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as container:
        container.writestr("orders.csv", PLAIN)
    return buffer.getvalue().replace(b"C1,2024", b"C2,2024", 1)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (archive({}), "EMPTY_FILE"),
        (archive({"a.csv": b""}), "EMPTY_FILE"),
        (archive({"a.pdf": b"%PDF-1.7"}), "UNSUPPORTED_FORMAT"),
        (archive({"a.pdf": b"%PDF-1.7", "b.txt": b"no table"}), "NO_TABLE_IN_ARCHIVE"),
        (archive({"a.zip": archive({"orders.csv": PLAIN})}), "UNSUPPORTED_FORMAT"),
        (_locked(), "UNSUPPORTED_FORMAT"),
        (_wrong_sum(), "UNREADABLE_FILE"),
        (archive({"orders.csv": PLAIN})[:-30], "UNREADABLE_FILE"),
    ],
    ids=[
        "no file",
        "a blank file",
        "a PDF",
        "two of no use",
        "nested",
        "locked",
        "damaged",
        "torn",
    ],
)
def test_an_archive_without_orders_is_refused_with_a_reason(data, code):
    with pytest.raises(ReadError) as caught:
        read_raw(data)
    assert caught.value.code == code
