import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clvcore.ingest.dates.dates import read_dates
from clvcore.ingest.ledger import REASONS
from clvcore.records.errors import DataError


def read(*cells, order=None, kind=None):
    column = pa.chunked_array([pa.array(list(cells), kind or pa.string())])
    return read_dates(column, name="when", order=order)


def days(*cells, **settings):
    return [str(day) for day in read(*cells, **settings).days]


def reasons(*cells, **settings):
    return [REASONS[fault] for fault in read(*cells, **settings).faults]


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2024-01-05", "2024-01-05"),
        (" 2024-01-05 ", "2024-01-05"),
        ("2024-1-5", "2024-01-05"),
        ("2024/01/05", "2024-01-05"),
        ("2024.01.05 10:00", "2024-01-05"),
        ("2024-01-05T23:59:59.999", "2024-01-05"),
        ("2024-01-05T23:59:59Z", "2024-01-05"),
        ("2024-01-05 23:30:00 -0400", "2024-01-06"),
        ("2024-01-05T00:30:00+01:00", "2024-01-04"),
        ("2024-01-05 10:00:00 UTC", "2024-01-05"),
        ("19970101", "1997-01-01"),
        ("11-Feb-17", "2017-02-11"),
        ("11 February 2017", "2017-02-11"),
        ("11th Feb 2017", "2017-02-11"),
        ("Feb 11, 2017", "2017-02-11"),
        ("11. März 2017", "2017-03-11"),
        ("11 de marzo de 2017", "2017-03-11"),
        ("11 de março de 2017", "2017-03-11"),
        ("11 août 2017", "2017-08-11"),
        ("1er juillet 2017", "2017-07-01"),
        ("2017-Feb-11", "2017-02-11"),
        ("31/12/2024", "2024-12-31"),
        ("12/31/2024", "2024-12-31"),
        ("31-12-24", "2024-12-31"),
        ("31/12/97", "1997-12-31"),
        ("97/12/31", "1997-12-31"),
        ("3.4.2024", "2024-04-03"),
        ("13.04.2024 10:15", "2024-04-13"),
        ("1/31/2024 12:00 AM", "2024-01-31"),
        ("1/31/2024, 1:05:09 p.m.", "2024-01-31"),
        ("29.02.2024", "2024-02-29"),
    ],
)
def test_a_date_that_can_mean_one_day_only_is_that_day(cell, day):
    assert days(cell) == [day]
    assert reasons(cell) == [""]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (None, "missing_date"),
        ("   ", "missing_date"),
        ("yesterday", "unreadable_date"),
        ("2024-02-30", "unreadable_date"),
        ("29.02.2023", "unreadable_date"),
        ("2024-13-01", "unreadable_date"),
        ("32/13/2024", "unreadable_date"),
        ("2024-01-05 24:30", "unreadable_date"),
        ("0000-01-01", "unreadable_date"),
        ("20241301", "unreadable_date"),
        ("1/2.2024", "unreadable_date"),
        ("11 Foo 2017", "unreadable_date"),
        ("1989-12-31", "implausible_date"),
        ("2101-01-01", "implausible_date"),
        ("0001-01-01", "implausible_date"),
        ("9999-12-31", "implausible_date"),
    ],
)
def test_a_cell_that_is_no_plausible_day_has_its_reason(cell, reason):
    assert reasons("2024-01-05", cell) == ["", reason]


def test_one_decisive_row_settles_the_order_of_all():
    assert days("03/04/2024", "13/04/2024") == ["2024-04-03", "2024-04-13"]
    assert days("03/04/2024", "04/13/2024") == ["2024-03-04", "2024-04-13"]


def test_dates_that_fit_both_orders_are_a_question_with_both_readings():
    with pytest.raises(DataError) as caught:
        read("2024-01-05", "05/05/2024", "03/04/2024")
    assert caught.value.code == "AMBIGUOUS_DATE_FORMAT"
    for part in ("'03/04/2024'", "2024-04-03", "2024-03-04", "date_order", "'when'"):
        assert part in str(caught.value)


def test_the_same_day_in_both_orders_is_no_question():
    assert days("05/05/2024", "06/06/2024") == ["2024-05-05", "2024-06-06"]


@pytest.mark.parametrize(("order", "day"), [("dmy", "2024-04-03"), ("mdy", "2024-03-04")])
def test_a_stated_order_answers_the_question(order, day):
    assert days("03/04/2024", order=order) == [day]


def test_dates_that_contradict_each_other_are_refused_and_can_be_decided():
    with pytest.raises(DataError) as caught:
        read("13/04/2024", "04/14/2024")
    assert caught.value.code == "MIXED_DATE_FORMATS"
    assert reasons("13/04/2024", "04/14/2024", order="dmy") == ["", "unreadable_date"]


def test_a_slip_in_one_row_of_hundreds_does_not_block_the_file():
    cells = [f"{day:02}/03/2024" for day in range(13, 32)] * 10 + ["03/13/2024"]
    assert reasons(*cells) == [""] * 190 + ["unreadable_date"]


def test_a_few_dates_in_numbers_among_iso_dates_are_slips_and_not_guessed():
    cells = [f"2024-01-{day:02}" for day in range(1, 29)] * 10 + ["24-01-05", "4-01-05"]
    assert reasons(*cells) == [""] * 280 + ["unreadable_date"] * 2


def test_zones_are_converted_and_said():
    codes = [notice.code for notice in read("2024-01-05T10:00:00Z", "2024-01-05").notices]
    assert codes == ["DAYS_IN_UTC", "ZONE_MISSING"]


def test_native_times_keep_their_day_and_zoned_ones_are_moved_to_utc():
    moment = dt.datetime(2024, 1, 5, 23, 30)
    assert days(moment, None, kind=pa.timestamp("us")) == ["2024-01-05", "NaT"]
    east = moment.replace(tzinfo=dt.timezone(dt.timedelta(hours=-4)))
    assert days(east, kind=pa.timestamp("ms", tz="America/Santiago")) == ["2024-01-06"]
    assert days(moment.date(), kind=pa.date32()) == ["2024-01-05"]
    assert days(dt.datetime(1969, 12, 31, 23), kind=pa.timestamp("ns")) == ["1969-12-31"]
    assert days(19970101, None, kind=pa.int64()) == ["1997-01-01", "NaT"]


def test_a_column_of_prices_is_no_column_of_dates():
    with pytest.raises(DataError) as caught:
        read(1.5, 2.5, kind=pa.float64())
    assert caught.value.code == "NOT_DATES"


DAY = st.dates(dt.date(1990, 1, 1), dt.date(2068, 12, 31))
FORMATS = (
    "%Y-%m-%d", "%Y/%m/%d %H:%M", "%Y%m%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%b-%y",
    "%B %d, %Y", "%d/%m/%y", "%m-%d-%Y %I:%M %p",
)  # fmt: skip


@given(st.lists(DAY, min_size=1, max_size=20), st.sampled_from(FORMATS))
def test_a_written_column_is_read_as_written_or_questioned(written, format_):
    cells = [day.strftime(format_) for day in written]
    read_days = days_or_question(cells)
    if isinstance(read_days, DataError):
        assert read_days.code == "AMBIGUOUS_DATE_FORMAT"
        # of two digits each, 24/07/05 may begin with the year as well
        assert all(day.day <= 12 for day in written) or format_ == "%d/%m/%y"
    else:
        assert read_days == [str(day) for day in written]


@pytest.mark.parametrize("mark", ["-", "/", "."])
def test_short_years_in_front_are_told_by_how_few_they_are(mark):
    written = [dt.date(2023, 1, 2) + dt.timedelta(days=9 * n) for n in range(80)]
    first = days_or_question([f"{day:%y{mark}%m{mark}%d}" for day in written])
    last = days_or_question([f"{day:%d{mark}%m{mark}%y}" for day in written])
    assert first == last == [str(day) for day in written]
    long = [dt.date(2001, 1, 2) + dt.timedelta(days=9 * n) for n in range(900)]
    assert days_or_question([f"{day:%d{mark}%m{mark}%y}" for day in long]) == [str(d) for d in long]
    assert days_or_question([f"{day:%y{mark}%m{mark}%d}" for day in long]) == [str(d) for d in long]
    bare = [f"{day:%y}{mark}{day.month}{mark}{day.day}" for day in written]
    assert days_or_question(bare) == first
    few = days_or_question([f"24{mark}07{mark}05", f"02{mark}07{mark}28"])
    assert few.code == "AMBIGUOUS_DATE_FORMAT"


def days_or_question(cells):
    try:
        return days(*cells)
    except DataError as question:
        return question


@pytest.mark.parametrize("cells", [("04.08.09",), ("31-12-24",), ("04.08.09", "04.09.09")])
def test_a_short_year_that_no_row_places_is_said(cells):
    (notice,) = [each for each in read(*cells).notices if each.code == "YEAR_FIRST_OR_LAST"]
    assert cells[0] in str(notice)
    assert days(cells[0])[0] in str(notice)


@pytest.mark.parametrize("cells", [("04.08.2009",), ("31/12/97",), ("04.08.09", "05.09.09")])
def test_a_year_that_is_written_out_or_placed_is_not(cells):
    assert "YEAR_FIRST_OR_LAST" not in {each.code for each in read(*cells).notices}


def test_a_stated_order_of_short_years_is_not_doubted():
    assert "YEAR_FIRST_OR_LAST" not in {n.code for n in read("04.08.09", order="dmy").notices}
