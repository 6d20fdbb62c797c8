"""Texts to calendar days, every convention at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Days = npt.NDArray[np.datetime64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

TIME = (
    r"(?:[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
    r"(?: ?(?P<zone>Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?)?$"
)
ORDINAL = r"(?:st|nd|rd|th|er|º|\.)?"
JOIN = r"(?:[-/., ]| de | del )*"
FIXED = (
    r"^(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})" + TIME,
    r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})" + TIME,
    rf"^(?P<day>\d{{1,2}}){ORDINAL}{JOIN}(?P<month>\p{{L}}+){JOIN}"
    r"(?P<year>\d{4}|\d{2})" + TIME,
    rf"^(?P<month>\p{{L}}+)[-/. ]*(?P<day>\d{{1,2}}){ORDINAL}[-/., ]+(?P<year>\d{{4}})" + TIME,
    r"^(?P<year>\d{4})[-/. ](?P<month>\p{L}+)\.?[-/. ](?P<day>\d{1,2})" + TIME,
)
NUMERIC = (
    r"^(?P<a>\d{1,2})(?P<mark>[-/.]) ?(?P<b>\d{1,2})(?P<again>[-/.]) ?(?P<c>\d{4}|\d{2})" + TIME
)
MONTHS = (
    "jan january januar janner jaenner ene enero janeiro janv janvier",
    "feb february februar febrero fev fevereiro fevr fevrier",
    "mar march marz maerz mrz marzo marco mars",
    "apr april abr abril avr avril",
    "may mai mayo maio",
    "jun june juni junio junho juin",
    "jul july juli julio julho juil juillet",
    "aug august ago agosto aou aout",
    "sep sept september septiembre setiembre set setembro septembre",
    "oct october okt oktober octubre out outubro octobre",
    "nov november noviembre novembro novembre",
    "dec december dez dezember dic diciembre dezembro decembre",
)
MONTH_OF = {name: str(number) for number, names in enumerate(MONTHS, 1) for name in names.split()}
LATE_CENTURY = 70
NOT_A_DAY = np.datetime64("NaT", "D")


@dataclass(frozen=True, eq=False, kw_only=True)
class Parsed:
    """What each text may mean, all of shape (values,).

    ``fixed`` are the days of texts that read in one way only, ``numeric`` those of dates in
    numbers, by order of their parts; NaT where a text cannot be read so. ``zoned`` texts stated
    a time zone, ``dotted`` ones are numbers set apart by dots.
    """

    fixed: Days
    numeric: dict[str, Days]
    zoned: Bools
    dotted: Bools


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
    """Read distinct, trimmed texts under every convention."""
    fixed = np.full(len(texts), NOT_A_DAY)
    zoned = np.zeros(len(texts), dtype=bool)
    for pattern in FIXED:
        left = np.flatnonzero(np.isnat(fixed))
        if not left.size:
            break
        parts = pc.extract_regex(texts.take(pa.array(left)), pattern=pattern)
        if parts.null_count == left.size:
            continue
        month = _month(parts.field("month"))
        days = _days(_year(parts.field("year")), month, _number(parts.field("day")))
        fixed[left], zoned[left] = _on_the_clock(days, parts)
    parts = pc.extract_regex(texts, pattern=NUMERIC)
    a, b, c = (_number(parts.field(part)) for part in "abc")
    year = _year(parts.field("c"))
    short = _number(pc.utf8_length(parts.field("c"))) == 2
    readings = {"dmy": _days(year, b, a), "mdy": _days(year, a, b)}
    readings["ymd"] = _days(np.where(short, _century(a), 0), b, c)
    same = pc.equal(parts.field("mark"), parts.field("again")).fill_null(False).to_numpy(False)
    for order, days in readings.items():
        days[~same] = NOT_A_DAY
        readings[order], with_zone = _on_the_clock(days, parts)
        zoned |= with_zone
    dots = pc.equal(parts.field("mark"), ".").fill_null(False).to_numpy(zero_copy_only=False)
    return Parsed(fixed=fixed, numeric=readings, zoned=zoned, dotted=dots)


def _number(parts: pa.Array) -> Ints:
    """Read the digits of a part as whole numbers; 0 where there are none."""
    if pa.types.is_string(parts.type):
        parts = pc.if_else(pc.equal(parts, ""), "0", parts)
    numbers: Ints = parts.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    return numbers


def _year(parts: pa.Array) -> Ints:
    year = _number(parts)
    return np.where(_number(pc.utf8_length(parts)) == 2, _century(year), year)


def _century(year: Ints) -> Ints:
    return np.where(year < LATE_CENTURY, year + 2000, year + 1900)


def _month(parts: pa.Array) -> Ints:
    """Read month numbers, and month names in five languages with or without accents."""
    plain = pc.utf8_lower(pc.utf8_normalize(parts, form="NFKD"))
    plain = pc.replace_substring_regex(plain, pattern=r"\p{M}", replacement="")
    encoded = pc.dictionary_encode(plain)
    numbers = [
        int(MONTH_OF.get(name, name if name.isdigit() else "0"))
        for name in encoded.dictionary.to_pylist()
    ]
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


def _on_the_clock(days: Days, parts: pa.Array) -> tuple[Days, Bools]:
    """Move times with a zone to their day in UTC; drop times the clock does not have."""
    hour, minute = _number(parts.field("hour")), _number(parts.field("minute"))
    second = _number(parts.field("second"))
    half = pc.utf8_lower(parts.field("half")).to_numpy(zero_copy_only=False)
    twelve = (half == "a") | (half == "p")
    wrong = (hour > 23) | (minute > 59) | (second > 60) | (twelve & ((hour < 1) | (hour > 12)))
    hour = np.where(twelve, hour % 12 + 12 * (half == "p"), hour)
    zone = parts.field("zone")
    zoned = pc.not_equal(zone, "").fill_null(False).to_numpy(zero_copy_only=False)
    days = np.where(wrong, NOT_A_DAY, days)
    if zoned.any():
        offset = pc.extract_regex(zone, pattern=r"^(?P<sign>[+-])(?P<hours>\d{2}):?(?P<rest>\d*)$")
        minutes = 60 * _number(offset.field("hours")) + _number(offset.field("rest"))
        sign = offset.field("sign").to_numpy(zero_copy_only=False)
        east = np.where(sign == "-", -minutes, minutes)
        days = days + np.where(zoned, (60 * hour + minute - east) // 1440, 0)
    return days, zoned & ~np.isnat(days)
