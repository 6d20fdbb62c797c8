import gzip

import pytest

from clvcore.ingest import read_raw
from clvcore.records.errors import ReadError

CSV = b"customer,date,amount\nA,2024-01-05,3\n"


def test_a_path_is_read_whatever_its_extension(tmp_path):
    path = tmp_path / "orders.xlsx"
    path.write_bytes(CSV)
    assert read_raw(path).source == "csv"
    assert read_raw(str(path)).table.equals(read_raw(CSV).table)


@pytest.mark.parametrize(
    ("name", "code"), [("missing.csv", "FILE_NOT_FOUND"), (".", "NO_PARQUET_FOLDER")]
)
def test_a_path_without_a_file_names_the_file_and_not_the_folder(tmp_path, name, code):
    with pytest.raises(ReadError) as caught:
        read_raw(tmp_path / name)
    assert caught.value.code == code
    assert str(tmp_path.parent) not in str(caught.value)


@pytest.mark.parametrize("address", ["https://example.org/orders.csv", "file:///etc/hostname"])
def test_an_address_is_never_opened(address):
    with pytest.raises(ReadError) as caught:
        read_raw(address)
    assert caught.value.code == "FILE_NOT_FOUND"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "old Excel"),
        (gzip.compress(b"PAR1", mtime=0), "gzip"),
        (b"%PDF-1.7\n", "PDF"),
        (b"ARROW1\0\0", "Arrow"),
        (b"SQLite format 3\0", "SQLite"),
        (b"\n <!DOCTYPE html><html><table>", "web page"),
        (b'\xef\xbb\xbf{"orders": []}', "JSON"),
        (b'[{"customer": 1}]', "JSON"),
    ],
)
def test_another_format_is_told_by_its_content(data, what):
    with pytest.raises(ReadError, match=what) as caught:
        read_raw(data)
    assert caught.value.code == "UNSUPPORTED_FORMAT"
