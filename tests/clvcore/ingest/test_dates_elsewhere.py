"""Days as other countries, databases and programs write them."""

import datetime as dt

import pandas as pd
import pytest
from babel.dates import format_date
from tables import book, codes, text

from clvcore.ingest import read_transactions
from clvcore.ingest.dates.dates import read_dates, readable_share
from clvcore.ingest.dates.monthnames import LANGUAGES, MONTH_OF, _tables
from clvcore.ingest.ledger import REASONS
from clvcore.records.errors import DataError

MONTHLY = [dt.date(2023 + n // 12, 1 + n % 12, 1 + (7 * n) % 28) for n in range(24)]


def read(*cells, order=None):
    return read_dates(text(*cells), name="when", order=order)


def days(*cells, order=None):
    return [str(day) for day in read(*cells, order=order).days]


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("12-MAY-24 10.22.11.000000 AM", "2024-05-12"),
        ("12-MAY-24 11.59.59.999999999 PM", "2024-05-12"),
        ("12-MAY-2024 10.22.11", "2024-05-12"),
        ("12-MAY-24 11.30.00.000000 PM -05:00", "2024-05-13"),
        ("2024-05-12-10.22.11.000000", "2024-05-12"),
        ("2024-05-12 10.22.11", "2024-05-12"),
        ("12.05.2024 10.22", "2024-05-12"),
        ("14JUN09:17:58:34", "2009-06-14"),
        ("14JUN2009:17:58:34.123", "2009-06-14"),
        ("12/May/2024:10:22:11 +0200", "2024-05-12"),
        ("May 12 2024 10:22:11:123AM", "2024-05-12"),
        ("Sun May 12 2024 10:22:11 GMT+0200 (Central European Summer Time)", "2024-05-12"),
        ("Sun May 12 2024 23:30:11 GMT-0500 (CDT)", "2024-05-13"),
        ("Sun May 12 10:22:11 UTC 2024", "2024-05-12"),
        ("Sun May 12 23:59:11 -0500 2024", "2024-05-13"),
        ("Sun May 12 10:22:11 2024", "2024-05-12"),
        ("Sun, 12 May 2024 10:22:11 +0200", "2024-05-12"),
        ("Sun, 12 May 2024 22:22:11 GMT", "2024-05-12"),
        ("2024-05-12T00:22:11+02:00[Europe/Berlin]", "2024-05-11"),
        ("2024-05-12T10:22:11.123456789Z", "2024-05-12"),
        ("2018100100", "2018-10-01"),
        ("20240512T102211Z", "2024-05-12"),
        ("2024年5月12日", "2024-05-12"),
        ("2024年05月12日 10时22分11秒", "2024-05-12"),
        ("2024年5月12日(日) 午後11:30", "2024-05-12"),
        ("２０２４年５月１２日", "2024-05-12"),
        ("令和6年5月12日", "2024-05-12"),
        ("令和元年5月12日", "2019-05-12"),
        ("平成31年4月30日", "2019-04-30"),
        ("民國113年5月12日", "2024-05-12"),
        ("2024년 5월 12일", "2024-05-12"),
        ("2024년 5월 12일 오후 3시 05분", "2024-05-12"),
        ("2024. 5. 12.", "2024-05-12"),
        ("2024. május 12.", "2024-05-12"),
        ("12.05.2024 г.", "2024-05-12"),
        ("12 мая 2024 г., 10:22", "2024-05-12"),
        ("12 de maio de 2024", "2024-05-12"),
        ("1º de março de 2024", "2024-03-01"),
        ("12 mei 2024", "2024-05-12"),
        ("12 MAYIS 2024", "2024-05-12"),
        ("٢٠٢٤-٠٥-١٢", "2024-05-12"),
        ("۱۲/۰۵/۲۰۲۴", "2024-05-12"),
        ("१३/०५/२०२४", "2024-05-13"),
        ("\u200f12 مايو 2024", "2024-05-12"),
        ("12 พ.ค. 2024", "2024-05-12"),
    ],
)
def test_a_day_in_any_spelling_is_that_day(cell, day):
    reading = read(cell, order="dmy" if "/" in cell and cell[0].isdecimal() else None)
    assert [str(each) for each in reading.days] == [day]
    assert [REASONS[fault] for fault in reading.faults] == [""]


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each not in ("th", "ar", "he")])
@pytest.mark.parametrize("pattern", ["d MMMM y", "d MMM y", "MMMM d, y", "EEEE, d MMMM y"])
def test_names_of_months_are_read_in_the_languages_of_the_cldr(language, pattern):
    if (language, pattern) == ("ca", "MMMM d, y"):
        pytest.skip("d’abril stands behind a day only")
    cells = [format_date(day, pattern, locale=language) for day in MONTHLY]
    assert days(*cells) == [day.isoformat() for day in MONTHLY]


def test_a_name_that_two_languages_share_is_read_in_the_language_of_its_column():
    polish, croatian = (
        [format_date(day, "d MMMM y", locale=language) for day in MONTHLY]
        for language in ("pl", "hr")
    )
    assert any("listopada" in cell for cell in polish)
    assert any("listopada" in c for c in croatian)
    assert days(*polish) == days(*croatian) == [day.isoformat() for day in MONTHLY]
    assert days("5 listopada 2024") == ["NaT"]


def test_no_name_of_the_short_table_means_another_month_elsewhere():
    unlike = [
        (language, name)
        for language, table in _tables().items()
        for name, number in table.items()
        if MONTH_OF.get(name, number) != number
    ]
    assert not unlike


def orders_of(*dates, amount=5):
    rows = [f"c{n % 9},{date},{amount + n}.50" for n, date in enumerate(dates)]
    return "\n".join(["customer_id;date;amount".replace(";", ","), *rows]).encode()


@pytest.mark.parametrize(
    ("cells", "found", "code"),
    [
        (["2024-05", "2024-06"], ["2024-05-01", "2024-06-01"], "DATES_ARE_MONTHS"),
        (["05/2024", "06/2024"], ["2024-05-01", "2024-06-01"], "DATES_ARE_MONTHS"),
        (["202405", "202406"], ["2024-05-01", "2024-06-01"], "DATES_ARE_MONTHS"),
        (["May 2024", "June 2024"], ["2024-05-01", "2024-06-01"], "DATES_ARE_MONTHS"),
        (["mai-24", "juin-24"], ["2024-05-01", "2024-06-01"], "DATES_ARE_MONTHS"),
        (["maggio 2024", "giugno 2024"], ["2024-05-01", "2024-06-01"], "DATES_ARE_MONTHS"),
        (["2024年5月", "2024年6月"], ["2024-05-01", "2024-06-01"], "DATES_ARE_MONTHS"),
        (["2024-W19", "2024-W20"], ["2024-05-06", "2024-05-13"], "DATES_ARE_WEEKS"),
        (["2020-W53", "2021-W01"], ["2020-12-28", "2021-01-04"], "DATES_ARE_WEEKS"),
        (["KW 19/2024", "KW 20/2024"], ["2024-05-06", "2024-05-13"], "DATES_ARE_WEEKS"),
        (["2024W19", "2024W20"], ["2024-05-06", "2024-05-13"], "DATES_ARE_WEEKS"),
        (["2024-Q2", "2024-Q3"], ["2024-04-01", "2024-07-01"], "DATES_ARE_QUARTERS"),
        (["Q2 2024", "Q3 2024"], ["2024-04-01", "2024-07-01"], "DATES_ARE_QUARTERS"),
        (["2T24", "3T24"], ["2024-04-01", "2024-07-01"], "DATES_ARE_QUARTERS"),
    ],
)
def test_months_weeks_and_quarters_are_their_first_day_and_counted(cells, found, code):
    reading = read(*cells, cells[0], None)
    assert [str(day) for day in reading.days] == [*found, found[0], "NaT"]
    (notice,) = [each for each in reading.notices if each.code == code]
    assert str(notice).startswith("3 dates name a ")


def test_a_week_with_its_weekday_is_a_day():
    reading = read("2024-W19-7", "2024-W20-1")
    assert [str(day) for day in reading.days] == ["2024-05-12", "2024-05-13"]
    assert reading.notices == ()


@pytest.mark.parametrize(
    "cell", ["2021-W53", "2024-W60", "2024-13", "2024-Q5", "May", "W19", "2024"]
)
def test_spans_that_do_not_exist_stay_unreadable(cell):
    assert days(cell) == ["NaT"]


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["930101", "970630", "980228"], ["1993-01-01", "1997-06-30", "1998-02-28"]),
        (["240512", "240513", "240531"], ["2024-05-12", "2024-05-13", "2024-05-31"]),
        (["310524", "120524", "130624"], ["2024-05-31", "2024-05-12", "2024-06-13"]),
        (["053124", "051224", "061324"], ["2024-05-31", "2024-05-12", "2024-06-13"]),
    ],
)
def test_six_figures_are_read_in_the_order_all_rows_fit(cells, found):
    reading = read(*cells)
    assert [str(day) for day in reading.days] == found
    assert "DAYS_IN_SIX_FIGURES" in codes(reading.notices)
    assert cells[0] in str(reading.notices[0])
    assert found[0] in str(reading.notices[0])


def test_six_figures_that_fit_two_orders_are_a_question_and_an_answer_settles_it():
    cells = ["010203", "020304", "030405"]
    with pytest.raises(DataError) as caught:
        read(*cells)
    assert caught.value.code == "AMBIGUOUS_DATE_FORMAT"
    assert days(*cells, order="dmy")[0] == "2003-02-01"
    assert days(*cells, order="ymd")[0] == "2001-02-03"


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["15/03/2567", "29/02/2567"], ["2024-03-15", "2024-02-29"]),
        (["2567-03-15", "2567-02-29"], ["2024-03-15", "2024-02-29"]),
        (["25670315", "25661231"], ["2024-03-15", "2023-12-31"]),
        (["15 มีนาคม 2567", "29 กุมภาพันธ์ 2567"], ["2024-03-15", "2024-02-29"]),
        (["15 มี.ค. พ.ศ. 2567", "29 ก.พ. พ.ศ. 2567"], ["2024-03-15", "2024-02-29"]),
        (["๑๕/๐๓/๒๕๖๗ 10:22", "๒๙/๐๒/๒๕๖๗ 23:59"], ["2024-03-15", "2024-02-29"]),
    ],
)
def test_years_of_the_buddhist_era_are_read_and_said(cells, found):
    reading = read(*cells)
    assert [str(day) for day in reading.days] == found
    (notice,) = [each for each in reading.notices if each.code == "YEARS_BUDDHIST"]
    assert "543 ahead" in notice
    assert cells[0] in notice
    assert found[0] in notice


def test_years_of_the_republic_are_read_and_said():
    reading = read("113/05/12", "113/12/31")
    assert [str(day) for day in reading.days] == ["2024-05-12", "2024-12-31"]
    assert codes(reading.notices) == ["YEARS_OF_THE_REPUBLIC"]


def test_one_year_of_another_era_is_a_slip():
    reading = read(*[f"2024-03-{day:02d}" for day in range(1, 29)], "2567-03-15")
    assert REASONS[reading.faults[-1]] == "implausible_date"
    assert reading.notices == ()


@pytest.mark.parametrize(
    ("cells", "calendar"),
    [
        (["1403/02/23", "1402/12/29", "1403/06/31"], "Persian"),
        (["۱۴۰۳/۰۲/۲۳", "۱۴۰۲/۱۲/۲۹", "۱۴۰۳/۰۱/۰۵"], "Persian"),
        (["1446-05-12", "1445-12-29", "1446-01-05"], "Islamic"),
        (["23/02/1446", "29/12/1445", "14/01/1446"], "Islamic"),
    ],
)
def test_years_of_other_calendars_are_refused_by_name_with_a_cell_and_its_line(cells, calendar):
    with pytest.raises(DataError) as caught:
        read(None, *cells)
    assert caught.value.code == "FOREIGN_CALENDAR"
    assert calendar in str(caught.value)
    assert repr(cells[0]) in str(caught.value)
    assert "line 2" in str(caught.value)
    assert readable_share(text(*cells)) > 0.6


def test_two_figures_of_a_buddhist_year_are_doubted():
    reading = read("15/03/67", "29/02/67", "31/12/66")
    assert "DATES_FAR_AHEAD" in codes(reading.notices)


def swapped(day, month_first):
    """A date as a spreadsheet of another country keeps it: exchanged, or left as text."""
    if day.day <= 12:
        return dt.datetime(day.year, day.day, day.month)
    return day.strftime("%m/%d/%Y" if month_first else "%d/%m/%Y")


@pytest.mark.parametrize("month_first", [False, True])
def test_half_a_column_swapped_by_a_spreadsheet_is_said_with_counts(month_first):
    every = [dt.date(2024, 1, 1) + dt.timedelta(days=3 * n) for n in range(110)]
    rows = [[f"c{n % 9}", swapped(day, month_first), n + 0.5] for n, day in enumerate(every)]
    data = book(["customer_id", "date", "amount"], *rows)
    notices = {notice.code: notice for notice in read_transactions(data).quality.warnings}
    cells = sum(day.day <= 12 for day in every)
    said = str(notices["DATES_PERHAPS_SWAPPED"])
    assert said.startswith(f"{cells} dates")
    assert f"{110 - cells} that are text" in said


def test_a_column_half_dates_half_text_that_was_not_swapped_is_not_doubted():
    every = [dt.date(2024, 1, 1) + dt.timedelta(days=3 * n) for n in range(110)]
    rows = [
        [f"c{n % 9}", dt.datetime(*day.timetuple()[:3]) if n % 2 else f"{day:%d/%m/%Y}", n + 0.5]
        for n, day in enumerate(every)
    ]
    read = read_transactions(book(["customer_id", "date", "amount"], *rows))
    assert codes(read.quality.warnings) == []


def test_periods_of_a_frame_name_their_month_and_quarter():
    for freq, first in (("M", "2024-01-01"), ("Q", "2024-01-01"), ("W", "2024-01-01")):
        frame = pd.DataFrame({"customer_id": ["a", "b", "a"], "amount": [1.5, 2.5, 3.5]})
        frame["when"] = pd.period_range("2024-01-01", periods=3, freq=freq)
        got = read_transactions(frame, mapping={"date": "when"})
        assert str(got.to_pandas()["date"].min().date()) == first
        assert [code for code in codes(got.quality.warnings) if code.startswith("DATES_ARE")]
