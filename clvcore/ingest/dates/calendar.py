"""Texts to calendar days, every convention at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.ingest.dates.clock import read_clock, whole
from clvcore.ingest.dates.daynumbers import NOT_A_DAY, day_numbers
from clvcore.ingest.dates.eras import in_common_era, respelled
from clvcore.ingest.dates.monthnames import month_numbers
from clvcore.ingest.dates.spans import LETTERS, first_days

Days = npt.NDArray[np.datetime64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Encoded = tuple[pa.Array, Ints]

# a day, and behind it a clock: 10:15, T101500
WITH_CLOCK = r":|T\d{4}"
SPLIT = (
    r"^(?P<day>.*?)(?P<clock>(?:[T ,]+|:)\d{1,2}:\d{2}.*|T\d{4}(?:\d{2})?\D.*|T\d{4}(?:\d{2})?)?$"
)
# Moments of databases and of Unix with their clock where others have it, each tried
# only if a cheaper pattern finds it: 10.22.11 AM, -10.22.11, 10:22:11 2024
RESPELL = (
    (r"\d \d{1,2}\.\d{2}(?:\D|$)", r"^(.{6,}[^., ]) (\d{1,2})\.(\d{2})((?:\D.*)?)$", r"\1 \2:\3\4"),
    (r"-\d{2}\.\d{2}\.\d{2}", r"^(\d{4}-\d{2}-\d{2})-(\d{2})\.(\d{2})\.", r"\1 \2:\3:"),
    (
        r":\d{2} .*\d{4}$",
        r"^([A-Za-z]+,? [A-Za-z]+ +\d{1,2}) (\d{1,2}:\d{2}:\d{2})"
        r"((?: [A-Z]{3,4}| [+-]\d{4})?) (\d{4})$",
        r"\1 \4 \2\3",
    ),
)
ISO_LENGTH = 10
ISO_DAY, ISO_CLOCK = r"^\d{4}[-/.]\d{2}[-/.]\d{2}$", r"^(?:[T ]\d{1,2}:\d{2}.*)?$"
# Each pattern is tried on texts that pass a cheaper one only: it takes far longer to compile.
IN_DIGITS = (
    r"^(?P<year>\d{4})[-/.] ?(?P<month>\d{1,2})[-/.] ?(?P<day>\d{1,2})\.?$",
    r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})$",
    r"^(?P<year>(?:19|20|21)\d{2})(?P<month>\d{2})(?P<day>\d{2})"
    r"(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?$",
    r"^(?P<year>199\d|20\d{2}|2100)(?P<month>\d{2})(?P<day>\d{2})(?:[01]\d|2[0-3])$",
)
BEGINS_WITH_YEAR = r"^\d{4}(?:\d{4}|[-/.] ?\d)"
NUMERIC = r"^(?P<a>\d{1,2})(?P<mark>[-/.]) ?(?P<b>\d{1,2})(?P<again>[-/.]) ?(?P<c>\d{4}|\d{1,2})$"
BEGINS_WITH_PAIR = r"^\d{1,2}[-/.] ?\d{1,2}[-/.]"
# in lower case and without accents; a weekday may be in any script
ORDINAL = r"(?:st|nd|rd|th|er|º|\.)?"
JOIN = r"(?:[-/., ]| de | del | d['’])*"
WORD = r"\p{L}[\p{L}\p{M}'’.-]*"
WEEKDAY = rf"^(?:{WORD}(?: {WORD})?[.,]* +)?"
MONTH = r"(?P<month>\p{L}[\p{L}\p{M}.॰]*)"
NAMED = (
    WEEKDAY + rf"(?P<day>\d{{1,2}}){ORDINAL}{JOIN}{MONTH}{JOIN}(?P<year>\d{{4}}|\d{{2}})$",
    WEEKDAY + rf"{MONTH}[-/. ]*(?P<day>\d{{1,2}}){ORDINAL}[-/., ]+(?P<year>\d{{4}})$",
    rf"^(?P<year>\d{{4}})[-/. ]+{MONTH}[-/. ]+(?P<day>\d{{1,2}})\.?$",
)
ACCENT = r"[\x{300}-\x{36f}]"
NAMES_MONTH = r"\d.*\p{L}[\p{L}\p{M}.]|\p{L}[\p{L}\p{M}.].*\d"
LATE_CENTURY = 70


@dataclass(frozen=True, eq=False, kw_only=True)
class Parsed:
    """What each text may mean, all of shape (values,).

    ``fixed`` are the days of texts that read in one way only, ``numeric`` those of dates in
    numbers, by order of their parts, ``counted`` those of day numbers, by way of counting; NaT
    where a text cannot be read so. ``zoned`` texts stated a time zone, ``dotted`` ones are
    numbers set apart by dots. ``spans`` holds the kind of those of ``fixed`` that name a month, a
    week or a quarter, 0 for days, and ``era`` the count of years of all, None for the common one.
    """

    fixed: Days
    numeric: dict[str, Days]
    counted: dict[str, Days]
    zoned: Bools
    dotted: Bools
    spans: npt.NDArray[np.uint8]
    era: str | None


def calendar_days(column: pa.ChunkedArray) -> Days:
    """Return the days of a date or timestamp column, in UTC where it has a zone; NaT for null."""
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp(column.type.unit))  # Arrow stores zoned times in UTC
        floored = pc.floor_temporal(column, unit="day")
        column = floored.cast(pa.timestamp("s"), safe=False)
    else:
        column = column.cast(pa.date32())
    days: Days = column.to_numpy().astype("datetime64[D]")
    return days


def parse_dates(texts: pa.Array) -> Parsed:
    """Read distinct, trimmed texts under every convention.

    Days and clocks are told apart first, and each distinct one is looked at once: a million
    moments hold a thousand days.
    """
    texts = respelled(texts)
    (day, on), (times, at) = _iso_parts(texts) or _parts(texts)
    dated_in = in_common_era(day)
    day = dated_in.days
    clock = read_clock(times)
    bare = _truth(pc.equal(times, ""))[at]

    def moved(days: Days) -> Days:
        return np.where(clock.good[at], np.append(days, NOT_A_DAY)[on] + clock.shift[at], NOT_A_DAY)

    numeric, dotted = _in_numbers(day)
    readings = {order: moved(days) for order, days in numeric.items()}
    days, kinds = _fixed(day, read=_any_day(numeric))
    fixed = moved(days)
    dated = ~np.isnat(fixed) | _any_day(readings)
    counted = {
        way: np.where(bare, np.append(days, NOT_A_DAY)[on], NOT_A_DAY)
        for way, days in day_numbers(day).items()
    }
    return Parsed(
        fixed=fixed,
        numeric=readings,
        counted=counted,
        zoned=clock.zoned[at] & dated,
        dotted=np.append(dotted, False)[on],
        spans=np.append(kinds, np.uint8(0))[on],
        era=dated_in.era,
    )


def _any_day(readings: dict[str, Days]) -> Bools:
    found: Bools = np.any([~np.isnat(days) for days in readings.values()], axis=0)
    return found


def _parts(texts: pa.Array) -> tuple[Encoded, Encoded]:
    for seen, pattern, spelling in RESPELL:
        if pc.any(pc.match_substring_regex(texts, seen)).as_py():
            texts = pc.replace_substring_regex(texts, pattern, spelling)
    if not pc.any(pc.match_substring_regex(texts, WITH_CLOCK)).as_py():
        return _encoded(texts), (pa.array([""]), np.zeros(len(texts), dtype=np.int64))
    parts = pc.extract_regex(texts, pattern=SPLIT)
    return _encoded(parts.field("day")), _encoded(parts.field("clock"))


def _iso_parts(texts: pa.Array) -> tuple[Encoded, Encoded] | None:
    """Cut behind the tenth character, far faster, if that leaves a day and a clock everywhere."""
    day = _encoded(pc.utf8_slice_codeunits(texts, 0, ISO_LENGTH))
    if not pc.all(pc.match_substring_regex(day[0], ISO_DAY)).as_py():
        return None
    times = _encoded(pc.utf8_slice_codeunits(texts, ISO_LENGTH, None))
    if not pc.all(pc.match_substring_regex(times[0], ISO_CLOCK)).as_py():
        return None
    return day, times


def _encoded(texts: pa.Array) -> Encoded:
    """Return the distinct texts, and each row's place among them; null counts as ""."""
    encoded = pc.dictionary_encode(texts.fill_null(""))
    return encoded.dictionary, encoded.indices.to_numpy().astype(np.int64)


def _fixed(texts: pa.Array, read: Bools) -> tuple[Days, npt.NDArray[np.uint8]]:
    """Read the dates whose parts have one order only, and the spans; ``read`` are others."""
    fixed = np.full(len(texts), NOT_A_DAY)
    kinds = np.zeros(len(texts), dtype=np.uint8)
    _read_into(fixed, texts, IN_DIGITS, _matching(texts, BEGINS_WITH_YEAR))
    named = np.flatnonzero(np.isnat(fixed) & ~read)
    if not named.size:
        return fixed, kinds
    some = texts.take(pa.array(named))
    if pc.any(pc.match_substring_regex(some, LETTERS)).as_py():
        named = named[_matching(some, NAMES_MONTH)]
        _read_named(fixed, texts, named)
    left = np.flatnonzero(np.isnat(fixed) & ~read)
    if left.size:
        fixed[left], kinds[left] = first_days(texts.take(pa.array(left)))
    return fixed, kinds


def _read_named(fixed: Days, texts: pa.Array, named: Ints) -> None:
    """Set the days of those texts that name their month."""
    if not named.size:
        return
    plain = pc.utf8_lower(pc.utf8_normalize(texts, form="NFD"))
    plain = pc.replace_substring_regex(plain, pattern=ACCENT, replacement="")
    _read_into(fixed, plain, NAMED, named)


def _read_into(fixed: Days, texts: pa.Array, patterns: tuple[str, ...], candidates: Ints) -> None:
    """Set the days of those candidates that one of the patterns reads, the first one first."""
    for pattern in patterns:
        left = candidates[np.isnat(fixed[candidates])]
        if not left.size:
            return
        parts = pc.extract_regex(texts.take(pa.array(left)), pattern=pattern)
        if parts.null_count < left.size:
            month = _month(parts.field("month"))
            fixed[left] = _days(_year(parts.field("year")), month, whole(parts.field("day")))


def _matching(texts: pa.Array, pattern: str) -> Ints:
    return np.flatnonzero(_truth(pc.match_substring_regex(texts, pattern)))


def _in_numbers(texts: pa.Array) -> tuple[dict[str, Days], Bools]:
    """Read dates such as 03/04/2024 in every order of their parts, and tell which have dots."""
    readings: dict[str, Days] = {
        order: np.full(len(texts), NOT_A_DAY) for order in ("dmy", "mdy", "ymd")
    }
    dotted: Bools = np.zeros(len(texts), dtype=bool)
    there = _matching(texts, BEGINS_WITH_PAIR)
    if not there.size:
        return readings, dotted
    parts = pc.extract_regex(texts.take(pa.array(there)), pattern=NUMERIC)
    a, b, c = (whole(parts.field(part)) for part in "abc")
    year = _year(parts.field("c"))
    short = whole(pc.utf8_length(parts.field("c"))) <= 2
    same = _truth(pc.equal(parts.field("mark"), parts.field("again")))
    for order, days in (
        ("dmy", _days(year, b, a)), ("mdy", _days(year, a, b)),
        ("ymd", _days(np.where(short, _century(a), 0), b, c)),
    ):  # fmt: skip
        readings[order][there] = np.where(same, days, NOT_A_DAY)
    dotted[there] = _truth(pc.equal(parts.field("mark"), "."))
    return readings, dotted


def _year(parts: pa.Array) -> Ints:
    year, figures = whole(parts), whole(pc.utf8_length(parts))
    # one figure is a day: 24/7/5 begins with its year
    return np.where(figures == 2, _century(year), np.where(figures == 1, 0, year))


def _century(year: Ints) -> Ints:
    return np.where(year < LATE_CENTURY, year + 2000, year + 1900)


def _month(parts: pa.Array) -> Ints:
    """Read month numbers, and month names."""
    encoded = pc.dictionary_encode(parts)
    numbers = month_numbers(encoded.dictionary.to_pylist())
    place = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    months: Ints = np.append(np.array(numbers, dtype=np.int64), 0)[place]
    return months


def _days(year: Ints, month: Ints, day: Ints) -> Days:
    """Return the days of year, month and day; NaT where the calendar has no such day."""
    good = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1)
    months = ((year - 1970) * 12 + month - 1)[good].astype("datetime64[M]")
    first = months.astype("datetime64[D]")
    length = ((months + 1).astype("datetime64[D]") - first).astype(np.int64)
    days = np.full(year.size, NOT_A_DAY)
    days[good] = np.where(day[good] <= length, first + (day[good] - 1), NOT_A_DAY)
    return days


def _truth(values: pa.Array) -> Bools:
    return values.fill_null(False).to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]
