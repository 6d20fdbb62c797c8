"""Rows D1 to D19 of the table of faults: what a cell may mean, one test per row."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import unicodedata

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from bombs import ROWS, SHEET, sheet, workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from clvcore.errors import DataError, ReadError
from clvcore.ingest import read_raw, read_transactions
from clvcore.ingest.amounts import read_amounts
from clvcore.ingest.dates import read_dates
from clvcore.ingest.identifiers import read_ids
from clvcore.ingest.ledger import REASONS

NAMES = "customer_id,date,amount"
IDS = [
    "007", "7", "1e5", "100000", "12345678901234567", "12345678901234568", "TRUE", "False", "NA",
    "null", "None", "nan", "N/A", "#N/A", "0x1F", "1_000", "+5", "-", "1.0", "Ä", "true",
]  # fmt: skip


def orders(*rows, names=NAMES, ends="\n"):
    return ends.join([names, *rows, ""]).encode()


def text(*cells):
    return pa.chunked_array([pa.array(list(cells), pa.string())])


def book(*rows, epoch=None):
    made = openpyxl.Workbook()
    if epoch:
        made.epoch = epoch
    for row in rows:
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def parquet(table):
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def balanced(quality):
    assert quality.rows_in == quality.rows_used + sum(quality.rows_dropped.values())
    parts = [quality.amount_used, *quality.amount_dropped.values()]
    assert sum(parts) == pytest.approx(quality.amount_in, rel=1e-12)
    return quality


def codes(notices):
    return [notice.code for notice in notices]


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
    prose = b"A letter, not a table.\nIt has lines of words, and each has another number.\nBye.\n"
    with pytest.raises(DataError):
        read_transactions(prose)


LOCALES = {
    "en": (",", "."), "es": (".", ","), "pt": (".", ","), "de": (".", ","), "fr": ("\u202f", ","),
    "ch": ("’", "."), "nbsp": ("\u00a0", ","), "straight": ("'", "."), "in": ("lakh", "."),
}  # fmt: skip


def grouped(amount, mark):
    whole, cents = f"{abs(amount):.2f}".split(".")
    if mark != "lakh":
        return f"{int(whole):,}".replace(",", mark), cents
    head, tail = whole[:-3], whole[-3:]
    pairs = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
    return ",".join([*pairs, tail]), cents


@pytest.mark.parametrize("locale", LOCALES)
def test_d9_numbers_of_each_country_are_read_as_written(locale):
    group, point = LOCALES[locale]
    amounts = [12.5, 1234.56, 1234567.89, 999.0, 100000.01, 0.07, 23456789.12]
    signs = ["{}", "-{}", "{}-", "({})", "€ {}", "{} €", "−{}"]
    cells = [
        sign.format(point.join(grouped(amount, group)))
        for amount, sign in zip(amounts, signs, strict=True)
    ]
    expected = [12.5, -1234.56, -1234567.89, -999.0, 100000.01, 0.07, -23456789.12]
    assert read_amounts(text(*cells), name="paid").amounts.tolist() == expected
    with pytest.raises(DataError) as question:
        read_amounts(text("1.234", "2.345"), name="paid")
    assert question.value.code == "AMBIGUOUS_NUMBER_FORMAT"
    assert "decimal" in str(question.value)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("€5", 5.0), ("5 €", 5.0), ("R$ 1.234,56", 1234.56), ("US$7.50", 7.5), ("5-", -5.0),
        ("(5.00)", -5.0), ("$(5.00)", -5.0), ("($5.00)", -5.0), ("$ (1,234.50)", -1234.5),
        ("-€5.00", -5.0), ("12,-", 12.0), ("12.-", 12.0), ("12,-- €", 12.0), ("CHF 12.–", 12.0),
        ("1.200,-", 1200.0), ("12,50-", -12.5), ("1\u00a0234,50", 1234.5), ("-0", 0.0),
        ("1\u202f234,50", 1234.5), ("１２", 12.0), ("Rs. 1,23,456.78", 123456.78), ("₹5", 5.0),
        ("٣", None), ("inf", None), ("1e400", None), ("5 5 5", None), ("((5))", None),
        ("$(5", None), ("5€$", None), ("12,-5", None), ("--5", None), ("5%", None),
    ],
)  # fmt: skip
def test_d10_signs_of_every_kind_are_taken_off_or_the_cell_is_refused(cell, value):
    reading = read_amounts(text(cell), name="paid")
    assert reading.amounts.tolist() == [value or 0.0]
    assert (reading.faults[0] == 0) == (value is not None)


DAY = dt.date(2024, 2, 11)
FORMS = [
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d-%b-%y", "%d %B %Y", "%B %d, %Y"),
    *("%d/%b/%Y", "%a, %d %b %Y", "%Y-%b-%d", "%A, %B %d, %Y", "%d%b%Y"),
]
CLOCKS = ["", " %H:%M", "T%H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", ", %I:%M:%S %p", "T%H%M%S"]
ORDERS = ["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y", "%d-%m-%Y"]
MONTHS = {
    "es": ("11 de febrero de 2024", "11-feb-24", "11 feb. 2024"),
    "pt": ("11 de fevereiro de 2024", "11/fev/2024", "11-mai-24"),
    "de": ("11. Februar 2024", "11. Mär. 2024", "11-Dez-24", "So., 11. Feb. 2024"),
    "fr": ("11 février 2024", "11 févr. 2024", "1er août 2024", "11-déc-24"),
}


def test_d11_forty_ways_to_write_a_day_and_a_question_where_two_fit():
    forms = [form + clock for form in FORMS for clock in CLOCKS[:6]]
    forms += [form + CLOCKS[6] for form in FORMS[:4]]
    moment = dt.datetime(2024, 2, 11, 13, 14, 15)
    assert len(forms) > 40
    reading = read_dates(text(*map(moment.strftime, forms)), name="when")
    unread = reading.days != np.datetime64(DAY)
    assert [form for form, wrong in zip(forms, unread, strict=True) if wrong] == []
    for form in ORDERS:
        days = [DAY, DAY + dt.timedelta(days=9)]
        reading = read_dates(text(*[day.strftime(form) for day in days]), name="when")
        assert [str(day) for day in reading.days] == [str(day) for day in days], form
    for written in itertools.chain.from_iterable(MONTHS.values()):
        reading = read_dates(text(written), name="when")
        assert reading.faults.tolist() == [0], written
    with pytest.raises(DataError) as question:
        read_dates(text("03/04/2024"), name="when")
    assert question.value.code == "AMBIGUOUS_DATE_FORMAT"
    assert "date_order" in str(question.value)
    faults = read_dates(text("2024-02-30", "2024-02-29"), name="when").faults
    assert [REASONS[fault] for fault in faults] == ["unreadable_date", ""]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2024-01-05T23:30:00-14:00", "2024-01-06"), ("2024-01-05T00:30:00+14:00", "2024-01-04"),
        ("2024-01-05 23:30:00 -0500", "2024-01-06"), ("2024-01-05 12:00:00 UTC", "2024-01-05"),
        ("Jan 5, 2024 11:04:07 PM PST", "2024-01-06"), ("05.01.2024 00:30 MESZ", "2024-01-04"),
        ("20240105T233000Z", "2024-01-05"), ("2024-01-05 23:30 GMT-0200", "2024-01-06"),
    ],
)  # fmt: skip
def test_d12_times_with_a_zone_are_moved_to_utc_and_that_is_said(written, day):
    order = "dmy" if written.startswith("05.") else None
    reading = read_dates(text(written), name="when", order=order)
    assert [str(found) for found in reading.days] == [day]
    assert codes(reading.notices) == ["DAYS_IN_UTC"]
    mixed = read_dates(text(written, "2024-01-07 10:00"), name="when", order=order)
    assert codes(mixed.notices) == ["DAYS_IN_UTC", "ZONE_MISSING"]
    faults = read_dates(text("2024-01-05 10:00 CST", "2024-01-05"), name="when").faults
    assert [REASONS[fault] for fault in faults] == ["unreadable_date", ""]


@pytest.mark.parametrize(
    ("number", "day", "code"),
    [
        ("45292", "2024-01-01", "DAYS_IN_EXCEL_NUMBERS"),
        ("45292.75", "2024-01-01", "DAYS_IN_EXCEL_NUMBERS"),
        ("32874", "1990-01-01", "DAYS_IN_EXCEL_NUMBERS"),
        ("1704067199", "2023-12-31", "DAYS_IN_EPOCH"),
        ("1704067200.5", "2024-01-01", "DAYS_IN_EPOCH"),
        ("1704067200000", "2024-01-01", "DAYS_IN_EPOCH"),
        ("1704067200000000", "2024-01-01", "DAYS_IN_EPOCH"),
        ("1704067200000000000", "2024-01-01", "DAYS_IN_EPOCH"),
        ("19970101", "1997-01-01", None),
        ("20240131", "2024-01-31", None),
        ("202401312359", "2024-01-31", None),
        ("20240131235959", "2024-01-31", None),
        ("32873", None, None),
        ("123456", None, None),
        ("1990010100", None, None),
        ("99999999", None, None),
    ],
)
def test_d13_numbers_are_days_where_they_can_be_nothing_else(number, day, code):
    reading = read_dates(text(number, None), name="when")
    assert [str(found) for found in reading.days] == [day or "NaT", "NaT"]
    assert codes(reading.notices) == ([code] if code else [])
    if "." not in number:
        native = pa.chunked_array([pa.array([int(number)], pa.int64())])
        assert (read_dates(native, name="when").days == reading.days[:1]).all() or day is None


def test_d13_day_numbers_among_written_dates_are_a_question():
    with pytest.raises(DataError) as question:
        read_dates(text("45385", "13/04/2024", "14/04/2024"), name="when")
    assert question.value.code == "MIXED_DATE_FORMATS"
    faults = read_dates(text("45385", "13/04/2024"), name="when", order="dmy").faults
    assert [REASONS[fault] for fault in faults] == ["unreadable_date", ""]
    few = read_dates(text("45385", *["13/04/2024"] * 200), name="when").faults
    assert few.astype(bool).sum() == 1
    rows = [NAMES.split(","), ["A", dt.datetime(2024, 1, 5), 1.5], ["B", 45293, 2.5]]
    old = book(*rows[:2], epoch=CALENDAR_MAC_1904)
    assert read_raw(old).table["date"].to_pylist() == ["2024-01-05"]
    assert codes(read_raw(old).notices) == ["CALENDAR_1904"]
    with pytest.raises(DataError):
        read_transactions(book(*rows))
    serials = read_transactions(book(rows[0], ["A", 45292, 1.5], ["B", 45293, 2.5]))
    assert serials.to_pandas()["date"].dt.day.tolist() == [1, 2]


def test_d14_days_no_shop_has_seen_are_counted_and_left_out():
    days = ["2024-01-05", "0001-01-01", "9999-12-31", "1989-12-31", "2101-01-01", "1970-01-01"]
    quality = read_transactions(orders(*[f"A,{day},1.5" for day in days])).quality
    assert balanced(quality).rows_dropped == {"implausible_date": 5}


def test_d15_cells_of_a_workbook_are_what_a_person_reads():
    rows = [
        NAMES.split(","), ["007", dt.date(2024, 1, 5), 1.5], [7, dt.date(2024, 1, 6), "=1+1"],
        [7.0, dt.date(2024, 1, 7), "#N/A"], ["8", dt.date(2024, 1, 8), "#DIV/0!"],
        [True, dt.datetime(2024, 1, 9, 10, 30), 2],
    ]  # fmt: skip
    read = read_transactions(book(*rows))
    assert read.to_pandas()["customer_id"].tolist() == ["007", "TRUE"]
    assert balanced(read.quality).rows_dropped == {"missing_amount": 1, "unreadable_amount": 2}


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
