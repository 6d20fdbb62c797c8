"""Months, ISO weeks and quarters in the place of days: read as the first day of each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.ingest.dates.clock import whole
from clvcore.ingest.dates.daynumbers import NOT_A_DAY
from clvcore.ingest.dates.monthnames import month_numbers

Days = npt.NDArray[np.datetime64]
Ints = npt.NDArray[np.int64]
Kinds = npt.NDArray[np.uint8]

MONTH, WEEK, QUARTER = 1, 2, 3
# What every pattern below has: a year by itself, or two figures beside Q, T or a name. Classes of
# Unicode take a millisecond to compile, so a plain one is asked first.
LETTERS = r"[^0-9 .,:/+-]"
YEAR_OR_QUARTER = (
    r"(?:^|[^0-9])(?:19|20)[0-9]{2}(?:[^0-9]|$)|^[0-9][QTqt]|^[QTqt]\.? ?[0-9]|[-'][0-9]{2}$"
)
NAME = r"(?P<month>\p{L}[\p{L}\p{M}.॰]*)"
IN_FIGURES = (
    r"^(?P<year>(?:19|20)\d{2})[-/. ] ?(?P<month>\d{1,2})\.?$",
    r"^(?P<month>\d{1,2})[-/. ](?P<year>(?:19|20)\d{2})$",
)
MONTHS = (
    r"^(?P<year>(?:19|20)\d{2})[Mm](?P<month>\d{1,2})$",
    rf"^{NAME}(?:[-/., ']| de | del )*(?P<year>(?:19|20)\d{{2}})$",
    rf"^{NAME}[-'](?P<year>\d{{2}})$",
    rf"^(?P<year>(?:19|20)\d{{2}})[-/. ]+{NAME}$",
)
WEEKS = (
    r"^(?P<year>\d{4})[-/ ]?(?:W|KW|CW|WK) ?(?P<week>\d{1,2})(?:-?(?P<weekday>[1-7]))?$",
    r"^(?:W|KW|CW|WK)\.? ?(?P<week>\d{1,2})[-/ ]+(?P<year>\d{4})(?P<weekday>)$",
)
FROM_TO = r"^(?P<first>\d{4}-\d{2}-\d{2})/(?P<last>\d{4}-\d{2}-\d{2})$"  # weeks of pandas
QUARTERS = (
    r"^(?P<year>\d{4})[-/ ]?[QT]\.? ?(?P<quarter>[1-4])$",
    r"^[QT]\.? ?(?P<quarter>[1-4])[-/ ']*(?P<year>\d{4}|\d{2})$",
    r"^(?P<quarter>[1-4])[QT][-/ ']*(?P<year>\d{4}|\d{2})$",
)


def first_days(texts: pa.Array) -> tuple[Days, Kinds]:
    """Return the first day of each span, and its kind: 0 where a text names none.

    An ISO week with its weekday (``2024-W19-3``) is a day, and its kind 0.
    """
    days = np.full(len(texts), NOT_A_DAY)
    kinds = np.zeros(len(texts), dtype=np.uint8)
    texts = pc.utf8_trim_whitespace(texts)  # as dates in Chinese leave a space behind them
    maybe = pc.match_substring_regex(texts, YEAR_OR_QUARTER).fill_null(False)
    some = np.flatnonzero(maybe.to_numpy(zero_copy_only=False))
    if some.size:
        days[some], kinds[some] = _read(texts.take(pa.array(some)))
    return days, kinds


def _read(texts: pa.Array) -> tuple[Days, Kinds]:
    days = np.full(len(texts), NOT_A_DAY)
    kinds = np.zeros(len(texts), dtype=np.uint8)
    named = pc.any(pc.match_substring_regex(texts, LETTERS)).as_py()
    for pattern in (*IN_FIGURES, *MONTHS) if named else IN_FIGURES:
        parts, there = _parts(texts, pattern, days)
        if there.size:
            names = pc.dictionary_encode(pc.utf8_lower(parts.field("month")))
            numbers = np.array(month_numbers(names.dictionary.to_pylist()), dtype=np.int64)
            days[there] = _month(_year(parts), numbers[names.indices.to_numpy()])
            kinds[there] = MONTH
    upper = pc.utf8_upper(texts)
    for pattern in WEEKS if named else ():
        parts, there = _parts(upper, pattern, days)
        if there.size:
            weekday = whole(parts.field("weekday"))
            days[there] = _week(_year(parts), whole(parts.field("week")), np.maximum(weekday, 1))
            kinds[there] = np.where(weekday > 0, 0, WEEK)
    for pattern in QUARTERS if named else ():
        parts, there = _parts(upper, pattern, days)
        if there.size:
            days[there] = _month(_year(parts), 3 * whole(parts.field("quarter")) - 2)
            kinds[there] = QUARTER
    _from_to(texts, days, kinds)
    return days, np.where(np.isnat(days), 0, kinds).astype(np.uint8)


def _parts(texts: pa.Array, pattern: str, days: Days) -> tuple[pa.StructArray, Ints]:
    """Take apart the texts that this pattern reads and none before it has."""
    fits = pc.match_substring_regex(texts, pattern).fill_null(False)
    there = np.flatnonzero(fits.to_numpy(zero_copy_only=False) & np.isnat(days))
    return pc.extract_regex(texts.take(pa.array(there)), pattern=pattern), there


def _from_to(texts: pa.Array, days: Days, kinds: Kinds) -> None:
    parts, there = _parts(texts, FROM_TO, days)
    if there.size:
        first, last = (
            np.array(parts.field(end).to_pylist(), dtype="datetime64[D]")
            for end in ("first", "last")
        )
        is_week = (last - first).astype(np.int64) == 6
        days[there] = np.where(is_week, first, NOT_A_DAY)
        kinds[there] = WEEK


def _year(parts: pa.StructArray) -> Ints:
    year = whole(parts.field("year"))
    return np.where(year < 100, year + 2000, year)


def _month(year: Ints, month: Ints) -> Days:
    good = (month >= 1) & (month <= 12)
    first = ((year - 1970) * 12 + month - 1).astype("datetime64[M]").astype("datetime64[D]")
    return np.where(good, first, NOT_A_DAY)


def _week(year: Ints, week: Ints, weekday: Ints) -> Days:
    """Return days of ISO weeks: the first week of a year is the one that holds 4 January."""
    fourth = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]") + 3
    monday = fourth - (fourth.astype(np.int64) + 3) % 7
    days = monday + 7 * (week - 1) + weekday - 1
    thursday = monday + 7 * (week - 1) + 3
    inside = thursday.astype("datetime64[Y]").astype(np.int64) == year - 1970
    return np.where((week >= 1) & inside, days, NOT_A_DAY)
