"""What stands around a table: lines above it, an archive, a workbook; and older encodings."""

from __future__ import annotations

import io
import random
import zipfile

import openpyxl

OLDER = {
    "pl": ("cp1250", "iso8859-2"), "ru": ("cp1251",), "tr": ("cp1254",), "zh": ("gbk", "gb18030"),
    "ja": ("shift_jis", "euc_jp"), "ko": ("euc_kr",), "ar": ("cp1256",),
}  # fmt: skip
ABOVE = ("Store", "Berlin", "Report of orders", "2024", "printed by Ann", "Region North", "")


def preamble(chance: random.Random, delimiter: str, ending: str, width: int) -> str:
    """Return a few lines to stand above a table, some as wide as it."""
    lines = []
    for _ in range(chance.randint(1, 4)):
        cells = [chance.choice(ABOVE) for _ in range(chance.choice((1, 2, width)))]
        lines.append(delimiter.join(cells if any(cells) else ["Orders", *cells[1:]]))
    return ending.join([*lines, "", ""])


def zipped(data: bytes) -> bytes:
    """Return an archive with this one file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("orders.csv", data)
    return out.getvalue()


def workbook(
    chance: random.Random, header: list[str], rows: list[list[str]]
) -> tuple[bytes, list[int]]:
    """Return a workbook, with a cover or a sheet a month, and how many rows each sheet has."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    if chance.random() < 0.5:
        cover = book.create_sheet("Cover")
        for row in (["Orders of the year"], ["Prepared by", "Ann"], ["Shop", "Berlin"]):
            cover.append(row)
    sheets = chance.choice((1, 2, 3))
    sizes = []
    for number in range(sheets):
        part = rows[number * len(rows) // sheets : (number + 1) * len(rows) // sheets]
        sheet = book.create_sheet(f"2024-{number + 1:02}")
        for row in (header, *part):
            sheet.append([cell or None for cell in row])
        sizes.append(len(part))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue(), sizes
