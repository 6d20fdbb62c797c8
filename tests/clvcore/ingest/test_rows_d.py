"""Rows D1 to D19 of the table of faults: what a cell may mean, one test per row."""

from __future__ import annotations

import datetime as dt
import unicodedata

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from bombs import ROWS, SHEET, sheet, workbook
from tables import IDS, NAMES, balanced, book, codes, orders, parquet, text

from clvcore.ingest import read_raw, read_transactions
from clvcore.ingest.identifiers import read_ids
from clvcore.ingest.ledger import REASONS
from clvcore.records.errors import DataError, ReadError


def test_d1_ids_come_out_of_every_format_as_they_went_in():
    rows = [[i, "2024-01-05", "1.5"] for i in IDS]
    frame = pd.DataFrame(rows, columns=NAMES.split(","))
    sources = {
        "csv": orders(*map(",".join, rows)),
        "tsv": orders(*map("\t".join, rows), names=NAMES.replace(",", "\t")),
        "text": orders(*map("  ".join, rows), names=NAMES.replace(",", "  ")),
        "xlsx": book(NAMES.split(","), *rows),
        "parquet": parquet(pa.Table.from_pandas(frame)),
        "frame": frame,
    }
    for source, data in sources.items():
        raw = read_raw(data)
        assert raw.source == source
        assert read_ids(raw.table["customer_id"]).texts.to_pylist() == IDS


def test_d1_long_numbers_keep_their_digits_or_say_that_they_lost_them():
    cells = '<row r="3"><c r="A3"><v>12345678901234567</v></c><c r="C3"><v>2</v></c></row>'
    raw = read_raw(workbook({SHEET: sheet(ROWS + cells)}))
    assert raw.table["customer"].to_pylist() == ["7", "12345678901234567"]
    assert raw.notices == ()
    rounded = cells.replace("12345678901234567", "1.23456789012345E+16")
    raw = read_raw(workbook({SHEET: sheet(ROWS + rounded)}))
    assert raw.table["customer"].to_pylist() == ["7", "12345678901234500"]
    assert codes(raw.notices) == ["NUMBERS_ROUNDED"]
    ids = read_ids(pa.chunked_array([pa.array([12345678901234567, None], pa.int64())]))
    assert ids.texts.to_pylist() == ["12345678901234567", None]
    ids = read_ids(pa.chunked_array([pa.array([2.0**60, 13085.0, None])]))
    assert ids.texts.to_pylist() == ["1152921504606846976", "13085", None]
    assert codes(ids.notices) == ["NUMBERS_ROUNDED"]


def test_d2_customers_named_like_nothing_are_customers_and_blanks_are_counted():
    names = ["NA", "null", "None", "nan", "", "  "]
    quality = read_transactions(orders(*[f"{n},2024-01-05,1.5" for n in names])).quality
    assert balanced(quality).customers_used == 4
    assert quality.rows_dropped == {"missing_customer_id": 2}


def test_d3_a_mark_at_the_end_of_every_row_shifts_nothing():
    read = read_transactions(orders("A,2024-01-05,1.5,", "B,2024-01-06,2.5,"))
    assert read.to_pandas()["customer_id"].tolist() == ["A", "B"]
    shifted = orders("A,2024-01-05,1.5,x", "B,2024-01-06,2.5,y")
    with pytest.raises(ReadError) as refused:
        read_raw(shifted)
    assert refused.value.code == "HEADER_MISMATCH"


def test_d4_rows_of_another_width_are_counted_never_lost():
    draw = np.random.default_rng(4)
    for _ in range(6):
        extra = draw.integers(-2, 3, 30) * (draw.random(30) < 0.3)
        rows = [f"A{n},2024-01-05,1.5,x" for n in range(30)]
        rows = [
            row + ",y" * more if more > 0 else row.rsplit(",", -more)[0]
            for row, more in zip(rows, extra, strict=True)
        ]
        quality = balanced(read_transactions(orders(*rows, names=NAMES + ",note")).quality)
        assert quality.rows_in == 30
        assert quality.rows_dropped.get("ragged_row", 0) == (extra != 0).sum()


def test_d5_a_quote_costs_its_own_row_and_no_other():
    broken = orders('"A,2024-01-05,1.5', "B,2024-01-06,2.5", 'C",2024-01-07,3.5', "D,2024-01-08,4")
    raw = read_raw(broken)
    assert raw.lines.to_pylist() == [2, 3, 4, 5]
    assert raw.ragged.to_pylist() == [True, False, False, False]
    ids = read_ids(text("A,1\nB,2\nC"))
    assert [REASONS[fault] for fault in ids.faults] == ["invalid_customer_id"]


def test_d6_names_twice_blank_or_missing_and_titles_above_are_told():
    raw = read_raw(b"amount,Amount ,amount,\n1,2,3,\n")
    assert raw.columns == ("amount", "Amount", "amount (2)")
    rows = ["A,2024-01-05,1.5", "B,2024-01-06,2.5"]
    bare = read_raw("\n".join(rows).encode())
    assert bare.columns == ("column 1", "column 2", "column 3")
    assert bare.lines.to_pylist() == [1, 2]
    assert codes(bare.notices) == ["NO_HEADER_LINE"]
    marked = read_raw(b"\xef\xbb\xbf" + orders(*rows))
    assert marked.columns == tuple(NAMES.split(","))
    titled = read_raw(book(["Orders of 2024"], [], NAMES.split(","), ["A", "2024-01-05", 1.5]))
    assert titled.columns == tuple(NAMES.split(","))
    assert codes(titled.notices) == ["LINES_ABOVE_HEADER"]
    twice = read_transactions(orders(*rows, NAMES, "C,2024-01-07,3.5"))
    assert sum(twice.quality.rows_dropped.values()) == 1


ENCODINGS = (
    "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1",
    "iso-8859-15", "cp1250", "mac-roman", "cp850",
)  # fmt: skip
TEXTS = ("José", "Zoë", "Łukasz", "Günther", "naïve", "Ana", "Ærø", "Иван")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_d7_names_in_any_encoding_are_right_or_flagged(encoding):
    for name in TEXTS:
        try:
            data = orders(*[f"{name},2024-01-0{n},1.5" for n in range(1, 9)]).decode()
            raw = read_raw(data.encode(encoding))
        except UnicodeEncodeError:
            continue
        right = raw.table["customer_id"].to_pylist() == [name] * 8
        assert right or codes(raw.notices) == ["ENCODING_GUESSED"]
        if encoding in ENCODINGS[:8] or name.isascii():
            assert right


@pytest.mark.parametrize("mark", [",", ";", "\t", "|", "  "])
def test_d8_the_mark_between_cells_is_told_from_the_whole_file(mark):
    rows = [mark.join((f"A{n}", f"2024-01-0{n}", f"1,{n}0" if mark != "," else f"1.{n}0"))
            for n in range(1, 9)]  # fmt: skip
    read = read_transactions(orders(*rows, names=NAMES.replace(",", mark)))
    assert read.to_pandas()["amount"].tolist() == [round(1 + n / 10, 2) for n in range(1, 9)]


def aligned():
    """The layout of the published CDNOW log: right-aligned, a blank first, no names."""
    days = ("19970101", "19970112", "19970330")
    return "\n".join(
        f" {n % 9:05d} {days[n % 3]} {n % 11 + 1:2d} {n * 7 % 150 + 0.77:8.2f}" for n in range(90)
    ).encode()


def test_d8_columns_set_apart_by_blanks_alone_are_columns():
    raw = read_raw(aligned())
    assert (raw.source, raw.delimiter) == ("text", " ")
    assert codes(raw.notices) == ["NO_HEADER_LINE"]
    mapping = {"customer_id": "column 1", "date": "column 2", "amount": "column 4"}
    read = read_transactions(aligned(), mapping=mapping)
    assert balanced(read.quality).rows_used == 90
    assert set(read.to_pandas()["customer_id"]) == {f"{n:05d}" for n in range(9)}
    named = read_raw(
        b"Customer ID   Order Date   Amount\n007  2024-01-05  1,50\n8  2024-01-06  2\n"
    )
    assert named.columns == ("Customer ID", "Order Date", "Amount")
    quoted = read_raw(
        b'customer "order date" amount\n"Ann Lee" 2024-01-03 12.50\n"Dee, ""Bo"" "  2024-01-04 3\n'
    )
    assert (quoted.source, quoted.columns) == ("text", ("customer", "order date", "amount"))
    assert quoted.table["customer"].to_pylist() == ["Ann Lee", 'Dee, "Bo" ']
    for astray in (b'Ann 5" 2024-01-03 12.50\n', b"'Ann Lee' 2024-01-03 12.50\n"):
        with pytest.raises(ReadError) as refused:
            read_raw(b"customer date amount\n" + astray * 6)
        assert refused.value.code in {"NOT_A_TABLE", "HEADER_MISMATCH"}
    prose = b"A letter, not a table.\nIt has lines of words, and each has another number.\nBye.\n"
    with pytest.raises(DataError):
        read_transactions(prose)


def test_d15_cells_of_a_workbook_are_what_a_person_reads():
    rows = [
        NAMES.split(","), ["007", dt.date(2024, 1, 5), 1.5], [7, dt.date(2024, 1, 6), "=1+1"],
        [7.0, dt.date(2024, 1, 7), "#N/A"], ["8", dt.date(2024, 1, 8), "#DIV/0!"],
        [True, dt.datetime(2024, 1, 9, 10, 30), 2],
    ]  # fmt: skip
    read = read_transactions(book(*rows))
    assert read.to_pandas()["customer_id"].tolist() == ["007", "TRUE"]
    assert balanced(read.quality).rows_dropped == {"missing_amount": 2, "unreadable_amount": 1}


def test_d16_spaces_and_accents_make_no_new_customer_and_marks_no_valid_one():
    plain = [f"Jos\u00e9 {n % 5},2024-01-{n + 1:02d},{n}.5" for n in range(20)]
    spaced = [f" {unicodedata.normalize('NFD', row)}" if n % 2 else row.replace(",", " ,", 1)
              for n, row in enumerate(plain)]  # fmt: skip
    assert (
        read_transactions(orders(*spaced)).content_hash
        == read_transactions(orders(*plain)).content_hash
    )
    wrong = ["x" * 10_000, "a\0b", "a\x1bb", "a\x85b", "a\x7fb"]
    ids = read_ids(text(*wrong, "Ann", "ann"))
    assert [REASONS[fault] for fault in ids.faults] == ["invalid_customer_id"] * 5 + ["", ""]
    assert codes(ids.notices) == ["IDS_DIFFER_BY_CASE"]


def test_d17_rows_twice_are_kept_and_said():
    quality = read_transactions(orders(*["A,2024-01-05,1.5"] * 3, "B,2024-01-05,1.5")).quality
    assert balanced(quality).rows_used == 4
    said = next(notice for notice in quality.warnings if notice.code == "DUPLICATE_ROWS")
    assert "2 rows" in said
    assert "3.00" in said


def test_d18_money_that_came_back_stays_in_the_books():
    rows = ["A,2024-01-05,10", "A,2024-01-05,-15", "B,2024-01-04,-3", "B,2024-01-05,5",
            "C,2024-01-05,4", "C,2024-01-05,-4", "D,2024-01-05,0"]  # fmt: skip
    quality = balanced(read_transactions(orders(*rows)).quality)
    assert quality.amount_in == -3.0
    assert quality.amount_used == 5.0
    assert quality.rows_dropped == {"returned": 5}
    assert quality.customers_used == 2


DEGENERATE = {
    "no rows": orders(),
    "nothing": b"",
    "one row": orders("A,2024-01-05,1.5"),
    "one customer": orders(*[f"A,2024-01-{n:02d},1.5" for n in range(1, 29)]),
    "one day": orders(*[f"A{n},2024-01-05,1.5" for n in range(20)]),
    "one purchase each": orders(*[f"A{n},2024-{n % 12 + 1:02d}-05,1.5" for n in range(40)]),
    "a year between": orders("A,2022-01-05,1.5", "A,2024-01-05,1.5"),
    "one spend": orders(*[f"A{n % 7},2024-{n % 12 + 1:02d}-05,9.99" for n in range(40)]),
    "one outlier": orders("A,2024-01-05,1000000000000", "B,2024-01-05,1.5"),
    "all returned": orders("A,2024-01-05,1.5", "A,2024-01-05,-1.5"),
    "all blank": orders(",,", ",,"),
    "no money": orders("A,2024-01-05,0", "B,2024-01-05,0"),
}
REFUSED = {"no rows": "HEADER_ONLY", "nothing": "EMPTY_FILE", "all blank": "HEADER_ONLY",
           "all returned": "NO_USABLE_ROWS"}  # fmt: skip


@pytest.mark.parametrize("case", DEGENERATE)
def test_d19_a_log_too_thin_to_forecast_is_still_read_or_refused_by_name(case):
    if case in REFUSED:
        with pytest.raises(DataError) as refused:
            read_transactions(DEGENERATE[case])
        assert refused.value.code == REFUSED[case]
    else:
        assert balanced(read_transactions(DEGENERATE[case]).quality).rows_used > 0
