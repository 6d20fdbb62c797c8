"""What has to be said about how a column of dates was read."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from clvcore.ingest.dates.calendar import Parsed
from clvcore.ingest.dates.daynumbers import EPOCH, EXCEL
from clvcore.ingest.dates.eras import calendar_of
from clvcore.ingest.dates.spans import MONTH, QUARTER, WEEK
from clvcore.ingest.distinct import Distinct
from clvcore.records.errors import DataError, Notice

Days = npt.NDArray[np.datetime64]

SWAPPED_FROM_ROWS = 10  # of each kind; ten honest days are all below 13 once in 10,000 columns
LAST_OF_MONTHS = 12
MOST = 0.5
OTHER_FROM, OTHER_TO = np.datetime64("1369-01-01", "D"), np.datetime64("1525-01-01", "D")
FAR_AHEAD = np.datetime64("2045-01-01", "D")  # two figures of 2567 would be 2067


def zone_notice() -> Notice:
    """Say that times were converted to UTC."""
    return Notice(
        "DAYS_IN_UTC",
        "The times carry a time zone; they were converted to UTC and days are counted there.",
    )


def zone_notices(parsed: Parsed, days: Days, distinct: Distinct) -> tuple[Notice, ...]:
    """Say that zones were converted, and how many times have none beside others that have."""
    if not parsed.zoned.any():
        return ()
    local = int(distinct.rows[~parsed.zoned & ~np.isnat(days)].sum())
    if not local:
        return (zone_notice(),)
    missing = Notice(
        "ZONE_MISSING",
        "{rows} times have no time zone while others have; those days were taken as they stand.",
        rows=local,
    )
    return zone_notice(), missing


def number_notice(way: str, example: str, day: str) -> Notice:
    """Say how numbers were read as days."""
    if way == EXCEL:
        return Notice(
            "DAYS_IN_EXCEL_NUMBERS",
            "The dates are numbers; they were read as Excel counts days, {example} as {day}.",
            example=example,
            day=day,
        )
    if way == EPOCH:
        return Notice(
            "DAYS_IN_EPOCH",
            "The dates are numbers; they were read as time since 1970 in UTC, {example} as {day}.",
            example=example,
            day=day,
        )
    return Notice(
        "DAYS_IN_SIX_FIGURES",
        "The dates are six figures without marks; {example} was read as {day}. Set date_order to "
        "ymd, dmy or mdy if that is wrong.",
        example=example,
        day=day,
    )


def span_notices(kinds: npt.NDArray[np.uint8], rows: npt.NDArray[np.int64]) -> tuple[Notice, ...]:
    """Say how many rows name a month, a week or a quarter in the place of a day."""
    months, weeks, quarters = (int(rows[kinds == kind].sum()) for kind in (MONTH, WEEK, QUARTER))
    said = (
        Notice(
            "DATES_ARE_MONTHS",
            "{rows} dates name a month, not a day; they were read as its first day. What a "
            "customer bought within a month then counts as one purchase; export the days if there "
            "are any.",
            rows=months,
        ),
        Notice(
            "DATES_ARE_WEEKS",
            "{rows} dates name a week, not a day; they were read as its Monday. What a customer "
            "bought within a week then counts as one purchase; export the days if there are any.",
            rows=weeks,
        ),
        Notice(
            "DATES_ARE_QUARTERS",
            "{rows} dates name a quarter, not a day; they were read as its first day. What a "
            "customer bought within a quarter then counts as one purchase; export the days if "
            "there are any.",
            rows=quarters,
        ),
    )
    return tuple(
        notice for notice, count in zip(said, (months, weeks, quarters), strict=True) if count
    )


def era_notices(parsed: Parsed, days: Days, distinct: Distinct) -> tuple[Notice, ...]:
    """Say that years were counted from another one, with a day as written and as read."""
    there = ~np.isnat(days)
    if parsed.era is None or not there.any():
        return ()
    place = int(there.argmax())
    example, day = distinct.texts[place].as_py(), str(days[place])
    if parsed.era == "buddhist":
        return (
            Notice(
                "YEARS_BUDDHIST",
                "The years are those of the Buddhist era, 543 ahead; {example} was read as {day}.",
                example=example,
                day=day,
            ),
        )
    return (
        Notice(
            "YEARS_OF_THE_REPUBLIC",
            "The years count from 1912, as in Taiwan; {example} was read as {day}.",
            example=example,
            day=day,
        ),
    )


def year_end_notices(parsed: Parsed, days: Days, distinct: Distinct) -> tuple[Notice, ...]:
    """Say at which end the year was taken where both fit and all dates have one year either way."""
    first = parsed.numeric["ymd"]
    both = ~np.isnat(first) & ~np.isnat(days)
    if not (both & (first != days)).any() or not both[~np.isnat(days)].all():
        return ()
    if any(np.unique(each[both].astype("datetime64[Y]")).size > 1 for each in (first, days)):
        return ()
    place = int((both & (first != days)).argmax())
    return (
        Notice(
            "YEAR_FIRST_OR_LAST",
            "The year may stand first or last in {example}, and no row decides: it was read as "
            "{day}, and could be {other}. Set date_order to ymd, dmy or mdy if that is wrong.",
            example=distinct.texts[place].as_py(), day=str(days[place]), other=str(first[place]),
        ),
    )  # fmt: skip


def far_ahead(days: Days, distinct: Distinct) -> tuple[Notice, ...]:
    """Point out dates that nearly all lie decades ahead, as two figures of a Buddhist year do."""
    ahead = days >= FAR_AHEAD
    rows = int(distinct.rows[ahead].sum())
    if not rows or rows < MOST * int(distinct.rows.sum()):
        return ()
    place = int(ahead.argmax())
    return (
        Notice(
            "DATES_FAR_AHEAD",
            "{rows} dates lie after 2044: {example} was read as {day}. If its year is one of "
            "another calendar, export the dates with years of the common era.",
            rows=rows, example=distinct.texts[place].as_py(), day=str(days[place]),
        ),
    )  # fmt: skip


def check_calendar(days: Days, distinct: Distinct, name: str) -> None:
    """Refuse a column most of whose years lie in the present of another calendar.

    Raises
    ------
    DataError
        ``FOREIGN_CALENDAR``, with the calendar they look like.
    """
    foreign = of_another_calendar(days)
    rows = np.where(foreign, distinct.rows, 0)
    if not foreign.any() or int(rows.sum()) <= MOST * int(distinct.rows.sum()):
        return
    years = days[foreign].astype("datetime64[Y]").astype(np.int64) + 1970
    usual = int(np.bincount(years, weights=rows[foreign]).argmax())
    place = int(foreign.argmax())
    raise DataError(
        "FOREIGN_CALENDAR",
        "The dates in column {column!r} look like those of the {calendar} calendar, such as "
        "{example!r} on line {line}. Export them in the Gregorian calendar, best as 2024-06-30.",
        column=name, calendar=calendar_of(usual), example=distinct.texts[place].as_py(),
        line=distinct.line(place),
    )  # fmt: skip


def of_another_calendar(days: Days) -> npt.NDArray[np.bool_]:
    """Tell which days have a year that is the present one in another calendar."""
    found: npt.NDArray[np.bool_] = (days >= OTHER_FROM) & (days < OTHER_TO)
    return found


def swapped_notices(parsed: Parsed, distinct: Distinct) -> tuple[Notice, ...]:
    """Point out the trace of a spreadsheet that took days for months in half of a column.

    It turns 03/04/2024 into a date of its own, day and month exchanged where its owner's country
    writes them the other way, and leaves 25/04/2024 as text: all dates then have a day below 13,
    all texts one above.
    """
    in_numbers = np.any([~np.isnat(each) for each in parsed.numeric.values()], axis=0)
    cells = ~np.isnat(parsed.fixed) & (parsed.spans == 0)
    day, month = parsed.numeric["dmy"], parsed.numeric["mdy"]
    one_way = np.isnat(day) != np.isnat(month)
    dates, texts = (int(distinct.rows[kind].sum()) for kind in (cells, in_numbers))
    if min(dates, texts) < SWAPPED_FROM_ROWS or not one_way[in_numbers].all():
        return ()
    of_month = (parsed.fixed - parsed.fixed.astype("datetime64[M]")).astype(np.int64) + 1
    if not (of_month[cells] <= LAST_OF_MONTHS).all():
        return ()
    return (
        Notice(
            "DATES_PERHAPS_SWAPPED",
            "{dates} dates all lie in the first twelve days of a month, and {texts} that are text, "
            "such as {example}, all in the others: a spreadsheet has probably exchanged day and "
            "month in the first. Export the orders again, and do not open them in between.",
            dates=dates, texts=texts, example=distinct.texts[int(in_numbers.argmax())].as_py(),
        ),
    )  # fmt: skip
