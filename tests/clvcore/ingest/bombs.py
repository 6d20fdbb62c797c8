"""Files that are small or dull outside and enormous inside, each built in a moment."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq

TYPES = """<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>
<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>
</Types>"""  # noqa: E501
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELS = (
    f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{OFFICE}/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>'
)
BOOK = (
    f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
    '<sheet name="Orders" sheetId="1" r:id="r1"/></sheets></workbook>'
)
BOOK_RELS = (
    f'<Relationships xmlns="{PACKAGE}">'
    f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    f'<Relationship Id="r3" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>'
)
ROWS = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>customer</t></is></c><c r="B1" t="inlineStr"><is>'
    '<t>date</t></is></c><c r="C1" t="inlineStr"><is><t>amount</t></is></c></row>'
    '<row r="2"><c r="A2"><v>7</v></c><c r="B2"><v>45292</v></c><c r="C2"><v>1.5</v></c></row>'
)
PARTS = {
    "[Content_Types].xml": TYPES,
    "_rels/.rels": RELS,
    "xl/workbook.xml": BOOK,
    "xl/_rels/workbook.xml.rels": BOOK_RELS,
    "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"/>',
    "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"/>',
}
SHEET = "xl/worksheets/sheet1.xml"
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def sheet(rows: str = ROWS) -> str:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def workbook(changed: dict[str, str | bytes] | None = None, level: int = 6) -> bytes:
    """Return a workbook of one order, some of its parts replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as container:
        for name, content in (PARTS | {SHEET: sheet()} | (changed or {})).items():
            container.writestr(name, content)
    return out.getvalue()


def archive(files: dict[str, bytes]) -> bytes:
    """Return a ZIP archive of files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as container:
        for name, content in files.items():
            container.writestr(name, content)
    return out.getvalue()


def _overlapping(files: dict[str, bytes] | None = None) -> bytes:
    """Hundreds of names in the directory for the same bytes."""
    kernel_in = {"xl/media/kernel.bin": bytes(9_000_000)}
    out = io.BytesIO(archive(files | kernel_in) if files else workbook(kernel_in, 9))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as container:
        kernel = container.getinfo("xl/media/kernel.bin")
        for number in range(30):
            twin = zipfile.ZipInfo(f"xl/media/{number}.bin")
            for field in ("header_offset", "compress_size", "CRC", "compress_type"):
                setattr(twin, field, getattr(kernel, field))
            twin.file_size = 1_000_000
            container.filelist.append(twin)
        container._didModify = True
    return out.getvalue()


def _lying() -> bytes:
    """A sheet of 60 MB whose directory says one kilobyte."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as container:
        for name, content in PARTS.items():
            container.writestr(name, content)
        container.writestr(SHEET, sheet(ROWS + " " * 60_000_000))
        container.getinfo(SHEET).file_size = 1_000
    return out.getvalue()


def _locked() -> bytes:
    data = bytearray(workbook())
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 8] |= 1
    return bytes(data)


def _strings() -> bytes:
    texts = "".join(f"<si><t>{n * 2_654_435_761 % 2**32:x}</t></si>" for n in range(1_000_000))
    return workbook({"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{texts}</sst>'}, 1)


def _laughs(part: str) -> bytes:
    content = ('<!DOCTYPE x [<!ENTITY l0 "ha">' + LAUGHS + "]>") + (
        f'<sst xmlns="{MAIN}"><si><t>&l9;</t></si></sst>'
    )
    return workbook({part: content})


def _zeros(size: int) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    piece = bytes(10_000_000)
    return b"".join(packer.compress(piece) for _ in range(size // len(piece))) + packer.flush()


def _parquet(table: pa.Table, **settings: object) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd", **settings)
    return out.getvalue()


def _repeated(value: str | int, rows: int) -> pa.ChunkedArray:
    one = pa.DictionaryArray.from_arrays(pa.array([0] * 1_000, pa.int32()), pa.array([value]))
    return pa.chunked_array([one] * (rows // 1_000))


def _deep() -> pa.Table:
    kind: pa.DataType = pa.int64()
    for _ in range(60):
        kind = pa.struct([("a", kind)])
    return pa.table({"a": pa.array([None], kind), "b": pa.array([1])})


def _footer() -> bytes:
    data = bytearray(_parquet(pa.table({"a": [1]})))
    data[-8:-4] = (2**31 - 1).to_bytes(4, "little")
    return bytes(data)


def _row_count() -> bytes:
    """A footer that claims a hundred million rows where there is one million and some."""
    data = _parquet(pa.table({"a": pa.array([1] * 1_234_567)}))
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    claim = data[footer:].replace(_varint(2 * 1_234_567), _varint(2 * 100_000_000))
    return data[:footer] + claim


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


BOMBS: dict[str, Callable[[], bytes]] = {
    "xlsx, a sheet of 300 to 1": lambda: workbook({SHEET: sheet(ROWS + " " * 47_000_000)}),
    "xlsx, entries that overlap": _overlapping,
    "xlsx, a directory that lies": _lying,
    "xlsx, a million shared strings": _strings,
    "xlsx, ten thousand sheets": lambda: workbook(
        {f"xl/worksheets/sheet{n}.xml": sheet() for n in range(2, 10_002)}, 1
    ),
    "xlsx, a zip in the zip": lambda: workbook({"xl/media/inner.zip": workbook()}),
    "xlsx, billion laughs in the strings": lambda: _laughs("xl/sharedStrings.xml"),
    "xlsx, billion laughs in the sheet": lambda: _laughs(SHEET),
    "xlsx, billion laughs in the styles": lambda: _laughs("xl/styles.xml"),
    "xlsx, row one billion": lambda: workbook(
        {SHEET: sheet(ROWS + '<row r="999999999"><c r="A999999999"><v>1</v></c></row>')}
    ),
    "xlsx, the last column of every row": lambda: workbook(
        {SHEET: sheet("".join(f'<row r="{n}"><c r="A{n}"/><c r="XFD{n}"><v>1</v></c></row>'
                              for n in range(1, 20_001)))}
    ),
    "xlsx, a row of half a million cells": lambda: workbook(
        {SHEET: sheet("<row>" + "<c><v>1</v></c>" * 130_000 + "</row>")}
    ),
    "xlsx, nested without end": lambda: workbook(
        {SHEET: sheet(ROWS + "<a>" * 250_000 + "</a>" * 250_000)}
    ),
    "xlsx, styles without end": lambda: workbook(
        {"xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs>'
         + "".join(f'<xf numFmtId="{n}" fontId="{n * 7919 % 9973}"/>' for n in range(300_000))
         + "</cellXfs></styleSheet>"}, 1
    ),
    "xlsx, locked": _locked,
    "zip, a text of blanks": lambda: archive({"a.csv": b"a,b\n1,2\n" + b" " * 400_000_000}),
    "zip, many texts": lambda: archive({f"{n}.csv": b"a,b\n" * 1_000_000 for n in range(100)}),
    "zip, ten thousand files": lambda: archive({f"{n}.csv": b"a,b\n1,2\n" for n in range(10_000)}),
    "zip, a zip in the zip": lambda: archive({"a.zip": archive({"b.csv": b"a,b\n1,2\n"})}),
    "zip, a gzip in the zip": lambda: archive({"a.csv.gz": _zeros(50_000_000)}),
    "zip, a bomb of a workbook in the zip": lambda: archive({"a.xlsx": _strings()}),
    "zip, files that overlap": lambda: _overlapping({"a.csv": b"a,b\n1,2\n"}),
    "gzip, zeros without end": lambda: _zeros(400_000_000),
    "gzip in gzip in gzip": lambda: gzip.compress(gzip.compress(_zeros(100_000_000))),
    "gzip, two hundred thousand members": lambda: gzip.compress(b"") * 200_000,
    "csv, one cell without end": lambda: b"a,b\n1," + b"y" * 60_000_000,
    "csv, one quoted cell of many lines": lambda: b'a,b\n1,"' + b"yyyyyyyyy\n" * 3_000_000,
    "csv, a million columns": lambda: b",".join(b"c" for _ in range(1_000_000)) + b"\n1,2\n",
    "csv, four hundred thousand columns": lambda: b"," * 400_000 + b"\n1,2\n",
    "csv, line breaks only": lambda: b"a,b\n" + b"\n" * 60_000_000,
    "csv, quotes only": lambda: b'a,b\n"' + b'""' * 20_000_000,
    "csv, zeros only": lambda: b"a,b\n" + bytes(60_000_000),
    "csv, a name without end": lambda: b"n" * 900_000 + b",b\n1,2\n",
    "json, nested without end": lambda: b"[" * 30_000_000,
    "parquet, a claim of rows": _row_count,
    "parquet, thirty million rows": lambda: _parquet(
        pa.table({"customer": _repeated(1, 30_000_000)}), row_group_size=30_000_000
    ),
    "parquet, a megabyte a million times": lambda: _parquet(
        pa.table({"customer": _repeated("x" * 1_000_000, 1_000_000).cast(
            pa.dictionary(pa.int32(), pa.string()))}), dictionary_pagesize_limit=2**21
    ),
    "parquet, five thousand columns": lambda: _parquet(
        pa.table({f"c{n}": [1] for n in range(5_000)})
    ),
    "parquet, lists in lists in lists": lambda: _parquet(_deep().drop_columns("b")),
    "parquet, a footer of two gigabytes": _footer,
}  # fmt: skip
