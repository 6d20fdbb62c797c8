"""Rows D9 to D14 of the reliability notes: how numbers, days and clocks are written."""

from __future__ import annotations

import datetime as dt
import itertools

import numpy as np
import pyarrow as pa
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from tables import NAMES, balanced, book, codes, orders, text

from clvcore.ingest import read_raw, read_transactions
from clvcore.ingest.amounts.amounts import read_amounts
from clvcore.ingest.dates.dates import read_dates
from clvcore.ingest.ledger import REASONS
from clvcore.records.errors import DataError

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
        ("٣", 3.0), ("inf", None), ("1e400", None), ("5 5 5", None), ("((5))", None),
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
        ("1990010100", "1990-01-01", None),
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
