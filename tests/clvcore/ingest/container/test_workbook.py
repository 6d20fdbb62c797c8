import datetime as dt
import io
import zipfile

import openpyxl
import pytest
from bombs import MAIN, SHEET
from bombs import ROWS as FIRST_ROWS
from bombs import sheet as sheet_of
from bombs import workbook as workbook_of

from clvcore.ingest import read_raw, read_transactions
from clvcore.records.errors import ReadError

ROWS = [
    ["customer", "date", "amount"],
    ["007", dt.datetime(2024, 1, 5), 12.5],
    [13085, dt.datetime(2024, 1, 6, 13, 45), 3],
    ["NA", dt.date(2024, 1, 7), 1.125],
]


def workbook(*sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"Sheet {number}")
        for row in rows:
            sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_xml_parsing_is_hardened():
    assert openpyxl.DEFUSEDXML


def test_cells_become_the_text_a_person_would_type():
    raw = read_raw(workbook(ROWS))
    assert raw.source == "xlsx"
    assert raw.table["customer"].to_pylist() == ["007", "13085", "NA"]
    assert raw.table["date"].to_pylist() == ["2024-01-05", "2024-01-06 13:45:00", "2024-01-07"]
    assert raw.table["amount"].to_pylist() == ["12.5", "3", "1.1250"]
    assert raw.lines.to_pylist() == [2, 3, 4]


def test_a_number_with_three_decimals_is_not_taken_for_a_thousand():
    rows = [ROWS[0], ["A", dt.date(2024, 1, 5), 1.125], ["B", dt.date(2024, 1, 6), 2.375]]
    assert read_transactions(workbook(rows)).to_pandas()["amount"].tolist() == [1.125, 2.375]


def test_the_first_sheet_with_a_table_is_read_and_the_others_are_mentioned():
    raw = read_raw(workbook([["Read me first"]], [["Orders of 2024"], [], *ROWS], [["x", "y"]]))
    assert raw.columns == ("customer", "date", "amount")
    assert raw.lines.to_pylist() == [4, 5, 6]
    assert [notice.code for notice in raw.notices] == ["OTHER_SHEETS", "LINES_ABOVE_HEADER"]
    assert "Sheet 1" in raw.notices[0]


def test_empty_rows_and_cells_beside_the_table_do_not_shift_it():
    raw = read_raw(workbook([*ROWS[:2], [None, None, None], [*ROWS[2], None, "a remark"]]))
    assert raw.lines.to_pylist() == [2, 4]
    assert raw.table["customer"].to_pylist() == ["007", "13085"]
    assert raw.table["column 5"].to_pylist() == [None, "a remark"]


def test_a_cell_far_down_and_right_is_refused_without_filling_the_gap():
    book = openpyxl.Workbook()
    for column, name in enumerate(ROWS[0], start=1):
        book.active.cell(1, column, name)
    book.active.cell(20_000, 16_384, "x")
    buffer = io.BytesIO()
    book.save(buffer)
    with pytest.raises(ReadError) as caught:
        read_raw(buffer.getvalue())
    assert caught.value.code == "TOO_WIDE"


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused():
    buffer = io.BytesIO(workbook(ROWS))
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as container:
        container.writestr("xl/media/zeros.bin", b"\0" * 20_000_000)
    with pytest.raises(ReadError) as caught:
        read_raw(buffer.getvalue())
    assert caught.value.code == "WORKBOOK_TOO_LARGE"


def test_entities_in_a_sheet_are_not_resolved():
    source, target = io.BytesIO(workbook(ROWS)), io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            if part == "xl/worksheets/sheet1.xml":
                content = (
                    b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
                    + content.replace(b"<v>3</v>", b"<v>&e;</v>")
                )
            new.writestr(part, content)
    with pytest.raises(ReadError) as caught:
        read_raw(target.getvalue())
    assert caught.value.code == "UNREADABLE_FILE"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (workbook([]), "EMPTY_FILE"),
        (workbook([ROWS[0]]), "HEADER_ONLY"),
        (workbook([["A", dt.date(2024, 1, 5)]]), "NO_HEADER"),
        (workbook(ROWS)[:2000], "UNREADABLE_FILE"),
        (b"PK\x03\x04 not a container", "UNREADABLE_FILE"),
    ],
    ids=["empty", "header only", "no header", "truncated", "only the first bytes"],
)
def test_a_workbook_without_a_table_is_refused_with_a_reason(data, code):
    with pytest.raises(ReadError) as caught:
        read_raw(data)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("word/document.xml", "Word"), ("mimetype", "OpenDocument"), ("xl/workbook.bin", "binary"),
        ("ppt/presentation.xml", "presentation"), ("Index/Document.iwa", "Numbers"),
    ],
)  # fmt: skip
def test_another_kind_of_document_is_named(part, said):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as container:
        container.writestr(part, "a,b\n1,2\n")
    with pytest.raises(ReadError, match=said) as caught:
        read_raw(buffer.getvalue())
    assert caught.value.code == "UNSUPPORTED_FORMAT"


BLANK = {
    "closed at once": '<row r="{n}"/>',
    "with a height": '<row r="{n}" spans="1:3" ht="15.75" customHeight="1"/>',
    "opened and closed": '<row r="{n}"></row>',
    "of blank cells": '<row r="{n}" spans="1:3"><c r="A{n}" s="0"/><c r="B{n}"/></row>',
    "with a prefix": '<x:row r="{n}" xmlns:x="' + MAIN + '"/>',
}


@pytest.mark.parametrize("blank", BLANK.values(), ids=BLANK)
def test_blank_rows_behind_and_between_orders_are_nothing(blank):
    def order(line):
        cells = (line % 50, 45_000 + line // 4, f"{line}.5")
        return f'<row r="{line}">' + "".join(f"<c><v>{cell}</v></c>" for cell in cells) + "</row>"

    head = FIRST_ROWS[: FIRST_ROWS.index('<row r="2"')]
    orders = [order(line) for line in range(2, 1_002)]
    gap = [blank.format(n=line) for line in range(1_002, 1_202)]
    behind = [blank.format(n=line) for line in range(1_203, 46_203)]
    rows = [head, *orders, *gap, order(1_202), *behind]
    raw = read_raw(workbook_of({SHEET: sheet_of("".join(rows))}))
    assert raw.table.num_rows == 1_001
    assert raw.lines.to_pylist() == [*range(2, 1_002), 1_202]
    plain = read_raw(workbook_of({SHEET: sheet_of("".join([head, *orders, order(1_202)]))}))
    assert raw.table.equals(plain.table)
