"""Rows F1 to F11 of the table of faults: what a file may hide, one test per row.

Row F7, the size of an upload, is tested beside the uploads.
"""

from __future__ import annotations

import ast
import gzip
import io
import os
import pickle
import random
import subprocess
import sys
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from bombs import MAIN, ROWS, SHEET, sheet, workbook

import app
import clvcore
from app.services.uploads import display_name
from clvcore.ingest import read_raw
from clvcore.records.errors import DataError, ReadError

CSV = b"customer,date,amount\nA,2024-01-05,3.5\nB,2024-01-06,4.5\n"
OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4_000)
XXE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
PARTS = {
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}">&e;</workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{LINKS}">&e;</Relationships>',
    "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>&e;</t></si></sst>',
    "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">&e;</styleSheet>',
    SHEET: sheet(ROWS.replace("customer", "&e;")),
}
NAMES = [
    "../../x", "..\\..\\x", "/etc/passwd", "C:\\x", "C:/x.csv", "\\\\host\\share", "a\0.csv",
    "n" * 4_000, "a\u202egnp.exe", "a.exe:$x.csv", "~/x", "a/../b", ".", "..", "", " ", "\n",
    "a\r\nSet-Cookie: x=1", "file:///x", "a\u200bb", "\ud800", "con", "a%2e%2e%2fb", "-rf",
]  # fmt: skip


def _nodes():
    """Every node of our own code, with its file."""
    for package in (clvcore, app):
        for file in Path(package.__path__[0]).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                yield file, node


def refusal(data, name=None):
    with pytest.raises(ReadError) as refused:
        read_raw(data, name=name)
    return refused.value.code


def parquet(table, **settings):
    out = io.BytesIO()
    pq.write_table(table, out, **settings)
    return out.getvalue()


def test_f1_a_workbook_that_unpacks_to_far_more_is_refused_unopened():
    assert refusal(workbook({SHEET: sheet(" " * 5_000_000)})) == "WORKBOOK_TOO_LARGE"
    assert refusal(workbook({"xl/media/inner.zip": workbook()})) == "WORKBOOK_TOO_LARGE"
    many = {f"xl/worksheets/sheet{number}.xml": sheet() for number in range(2, 1_002)}
    assert refusal(workbook(many, 1)) == "WORKBOOK_TOO_LARGE"
    assert refusal(OLD_EXCEL) == "UNSUPPORTED_FORMAT"


def test_f2_a_cell_far_down_and_far_right_costs_nothing():
    far = '<row r="20000"><c r="XFD20000"><v>1</v></c></row>'
    assert refusal(workbook({SHEET: sheet(ROWS + far)})) == "TOO_WIDE"
    down = '<row r="1048576"><c r="A1048576"><v>8</v></c></row>'
    raw = read_raw(workbook({SHEET: sheet(ROWS + down)}))
    assert raw.lines.to_pylist() == [2, 1_048_576]
    beyond = down.replace("1048576", "1048577")
    assert refusal(workbook({SHEET: sheet(ROWS + beyond)})) == "UNREADABLE_FILE"


@pytest.mark.parametrize("part", PARTS)
def test_f3_an_entity_in_any_part_of_a_workbook_is_refused(part):
    assert openpyxl.DEFUSEDXML
    assert refusal(workbook({part: XXE + PARTS[part]})) == "UNREADABLE_FILE"


def test_f4_a_parquet_file_that_unpacks_to_far_more_is_refused():
    one = pa.DictionaryArray.from_arrays(pa.array([0] * 1_000, pa.int32()), pa.array(["x" * 10**6]))
    assert refusal(parquet(pa.table({"customer": one}), compression="zstd")) == "BOMB"
    honest = pa.table({"customer": ["x" * 1_000] * 1_000, "amount": [1.5] * 1_000})
    assert read_raw(parquet(honest)).table.num_rows == 1_000


FLIPPED = int(os.environ.get("CLV_FLIPS", "240"))  # `make fuzz` flips bits in ten thousand files
FLIPS = """
import sys
from pathlib import Path
from clvcore.records.errors import DataError
from clvcore.ingest import read_raw
good, refused = 0, 0
for file in Path(sys.argv[1]).iterdir():
    try:
        good += read_raw(Path(file).read_bytes()).table.num_rows > 0
    except DataError:
        refused += 1
print(good, refused)
"""


def test_f5_flipped_bits_in_parquet_are_read_or_refused_never_a_crash(tmp_path):
    draw, files = random.Random(5), []  # noqa: S311
    table = pa.table({"customer": ["A", None, "B"] * 30, "amount": [1.5, 2.5, None] * 30})
    seeds = [
        parquet(table), parquet(table, compression="zstd"), parquet(table, use_dictionary=[]),
        parquet(table, version="1.0", row_group_size=7), parquet(table, data_page_version="2.0"),
    ]  # fmt: skip
    for number in range(FLIPPED):
        data = bytearray(seeds[number % len(seeds)])
        for _ in range(draw.randint(1, 4)):
            data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        files.append(str(tmp_path / str(number)))
        Path(files[-1]).write_bytes(data if number % 10 else data[: draw.randrange(len(data))])
    command = [sys.executable, "-c", FLIPS, str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert sum(int(count) for count in ended.stdout.split()) == len(files)
    extension = pa.ExtensionArray.from_storage(pa.uuid(), pa.array([b"0" * 16], pa.binary(16)))
    nested = pa.table({"a": [[1]], "u": extension, "customer": ["A"]})
    raw = read_raw(parquet(nested))
    assert raw.columns == ("u", "customer")
    assert raw.table["u"].to_pylist() == ["30303030-3030-3030-3030-303030303030"]
    assert [notice.code for notice in raw.notices] == ["NESTED_COLUMNS"]


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.parquet", "a.gz"])
def test_f6_what_a_file_is_is_told_by_its_first_bytes(name, tmp_path):
    contents = {
        CSV: "csv", workbook(): "xlsx", parquet(pa.table({"a": [1], "b": [2]})): "parquet",
        gzip.compress(CSV): "csv",
    }  # fmt: skip
    for data, source in contents.items():
        (tmp_path / name).write_bytes(data)
        assert read_raw(tmp_path / name).source == source
    for data in (OLD_EXCEL, b"%PDF-1.7 " + CSV, b"\x89PNG" + CSV, b"MZ\x90\0" * 50, b"BZh9" + CSV):
        assert refusal(data, name) in {"UNSUPPORTED_FORMAT", "NOT_A_TABLE"}


def test_f8_no_file_name_is_ever_a_path():
    for name in [*NAMES, *(f"{front}{name}{back}" for name in NAMES[:16] for front, back in
                           (("", ".csv"), ("a/", ""), ("a\\", ""), ("\u202e", ""), ("", "\0"),
                            ("\t", "\x7f")))]:  # fmt: skip
        shown = display_name(name)
        assert 0 < len(shown) <= 120
        assert not set(shown) & set("/\\\0\r\n\t\u202e\u200b\x7f")


def test_f9_an_address_is_never_opened_and_no_reader_could():
    for address in ("file:///etc/hostname", "https://example.org/x.csv", "s3://x/y", "\\\\h\\s"):
        assert refusal(address) == "FILE_NOT_FOUND"
    readers = {"read_csv", "read_excel", "read_table", "read_html", "read_json", "urlopen"}
    own = {  # bytes; the log of our own package
        "pacsv.read_csv(", "pq.read_table(pa.BufferReader(", "pd.read_csv(_path()",
    }  # fmt: skip
    for file, node in _nodes():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            call = ast.unparse(node)
            allowed = call.startswith(tuple(own))
            assert node.func.attr not in readers or allowed, (file.name, node.lineno)


def test_f10_gzip_of_text_is_read_and_of_anything_else_refused():
    raw = read_raw(CSV)
    assert read_raw(gzip.compress(CSV)).table.equals(raw.table)
    two = read_raw(gzip.compress(CSV) + gzip.compress(b"C,2024-01-07,5.5\n") + bytes(100))
    assert two.table["customer"].to_pylist() == ["A", "B", "C"]
    assert refusal(gzip.compress(gzip.compress(CSV))) == "UNSUPPORTED_FORMAT"
    assert refusal(gzip.compress(workbook())) == "UNSUPPORTED_FORMAT"
    assert refusal(gzip.compress(b"%PDF-1.7")) == "UNSUPPORTED_FORMAT"
    assert refusal(gzip.compress(bytes(50_000_000))) == "BOMB"
    assert refusal(gzip.compress(CSV)[:-4]) == "UNREADABLE_FILE"
    assert refusal(gzip.compress(CSV) + b"tail") == "UNREADABLE_FILE"
    assert refusal(gzip.compress(b"")) == "EMPTY_FILE"


class _Bang:
    def __reduce__(self):
        return (open, ("bang", "w"))


def test_f11_a_pickle_is_never_loaded(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for protocol in range(6):
        with pytest.raises(DataError):
            read_raw(pickle.dumps(_Bang(), protocol))
    assert not list(tmp_path.iterdir())
    banned = {"pickle", "cPickle", "joblib", "dill", "cloudpickle", "shelve", "marshal"}
    for file, node in _nodes():
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names]
            names.append(getattr(node, "module", None) or "")
            assert not banned & {name.split(".")[0] for name in names}, file.name
        if isinstance(node, ast.Attribute):
            assert node.attr not in {"read_pickle", "to_pickle"}, (file.name, node.lineno)
        if isinstance(node, ast.Call):
            # numpy's objects and Streamlit's cache on disk are pickles too
            given = {keyword.arg for keyword in node.keywords}
            assert not given & {"allow_pickle", "persist"}, (file.name, node.lineno)
