"""A column of days: one convention for all rows, or a question; never a mixture by guess."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from clvcore.ingest.convention import TYPO_SHARE, Verdict, decide
from clvcore.ingest.dates.calendar import Days, Parsed, calendar_days, parse_dates
from clvcore.ingest.dates.datenotices import (
    check_calendar,
    era_notices,
    far_ahead,
    number_notice,
    of_another_calendar,
    span_notices,
    swapped_notices,
    year_end_notices,
    zone_notice,
    zone_notices,
)
from clvcore.ingest.dates.daynumbers import EPOCH, EXCEL
from clvcore.ingest.dates.sixfigures import MONTHLY, likely_order, six_figure_days
from clvcore.ingest.dates.spans import MONTH
from clvcore.ingest.distinct import Distinct, distinct_texts, first_cell, is_text
from clvcore.ingest.identifiers import as_text
from clvcore.ingest.ledger import CODE, Reading
from clvcore.ingest.markers import without_markers
from clvcore.records.errors import DataError, Notice

# days taken for years are many, and far more than the true years (chosen, not fitted)
MANY_YEARS, TIMES_FEWER, SO_MANY_FEWER = 12, 2, 6
EARLIEST = np.datetime64("1990-01-01", "D")
LATEST = np.datetime64("2100-12-31", "D")
WAYS = {None: "a written date", EXCEL: "Excel's day number", EPOCH: "time since 1970"}


@dataclass(frozen=True, eq=False, kw_only=True)
class DateReading(Reading):
    """Days as ``datetime64[D]``, shape (rows,), their faults, and doubts about them."""

    days: Days
    notices: tuple[Notice, ...] = ()


def read_dates(
    column: pa.ChunkedArray, *, name: str, order: str | None = None, lines: pa.Array | None = None
) -> DateReading:
    """Read a column of dates or timestamps as calendar days.

    Times with a zone are converted to UTC, all others are taken as they stand; then only the day
    counts. ISO dates, ``19970101`` and dates with a month's name are read by themselves; dates
    in numbers such as ``03/04/2024`` need one order of day and month for the whole column. Excel's
    day numbers, seconds since 1970 and six figures are read, and said, where the column holds
    nothing else; so are months, weeks and quarters, as their first day, and years of the Buddhist
    era. Names of months are those of the CLDR, digits those of any script.

    Parameters
    ----------
    name
        Column's name, for messages.
    order
        ``ymd``, ``dmy`` or ``mdy``; None: told from all rows.
    lines
        Line of each row in its file, for messages; default the number of the row.

    Raises
    ------
    DataError
        If rows can be read day first and month first alike, contradict each other, or have years
        of a calendar that is not converted.
    """
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return _native(column)
    if pa.types.is_integer(kind) or is_text(kind) or pa.types.is_null(kind):
        return _text(distinct_texts(column, lines), name, order)
    if pa.types.is_floating(kind):
        reading = _text(distinct_texts(as_text(column), lines), name, order)
        if not np.isnat(reading.days).all():
            return reading
    example, line = first_cell(column, lines)
    raise DataError(
        "NOT_DATES",
        "Column {column!r} holds {kind} values, such as {example!r} on line {line}, which are no "
        "dates. Map the column that says when the order was placed.",
        column=name, kind=str(kind), example=example, line=line,
    )  # fmt: skip


def readable_share(column: pa.ChunkedArray, distinct: Distinct | None = None) -> float:
    """Return the share of filled cells that some convention reads as a plausible day.

    A day number counts half: 45292 may as well be an order's number or a price. ``distinct`` are
    the texts of the column, where they are known already.
    """
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return 1.0
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or is_text(kind)):
        return 0.0
    distinct, _ = without_markers(distinct or distinct_texts(as_text(column)))
    parsed = parse_dates(distinct.texts)
    readable = np.zeros(len(distinct.texts), dtype=bool)
    for days in (parsed.fixed, *parsed.numeric.values()):
        readable |= _plausible(days) | of_another_calendar(days)
    weight = readable + 0.5 * _any(parsed.counted)
    return float((distinct.rows * weight).sum() / max(distinct.rows.sum(), 1))


def _native(column: pa.ChunkedArray) -> DateReading:
    notices: tuple[Notice, ...] = ()
    if pa.types.is_timestamp(column.type) and column.type.tz not in (None, "UTC"):
        notices = (zone_notice(),)
    days = calendar_days(column)
    return replace(_judge(days, column.is_null().to_numpy()), notices=notices)


def _text(distinct: Distinct, name: str, order: str | None) -> DateReading:
    distinct, markers = without_markers(distinct)
    parsed = _six_figures(parse_dates(distinct.texts), distinct, name, order)
    way = _way(parsed, distinct, name, order)
    days = parsed.counted[way] if way else _written(parsed, distinct, name, order)
    check_calendar(days, distinct, name)
    all_days = np.append(days, np.datetime64("NaT", "D"))[distinct.place]
    reading = _judge(all_days, distinct.place < 0)
    notices: tuple[Notice, ...]
    if way:
        example = int((~np.isnat(days)).argmax())
        text, day = distinct.texts[example].as_py(), str(days[example])
        notices = (number_notice(way, text, day),)
        spans = np.where(np.isnat(days), 0, MONTH if way == MONTHLY else 0).astype(np.uint8)
        notices += span_notices(spans, distinct.rows)
    else:
        notices = (
            *zone_notices(parsed, days, distinct), *span_notices(parsed.spans, distinct.rows),
            *era_notices(parsed, days, distinct), *swapped_notices(parsed, distinct),
        )  # fmt: skip
    if order is None:
        notices += year_end_notices(parsed, days, distinct)
    notices += far_ahead(days, distinct)
    return replace(reading, notices=notices, markers=markers)


def _six_figures(parsed: Parsed, distinct: Distinct, name: str, order: str | None) -> Parsed:
    """Keep the one reading of six figures that fits the column, as one more way to count days."""
    found = six_figure_days(distinct.texts)
    if all(np.isnat(days).all() for days in found.values()):
        return parsed
    chosen = (order,) if order else likely_order(found, distinct.texts, distinct.rows)
    if len(chosen) > 1 and not _any(parsed.counted).any() and np.isnat(parsed.fixed).all():
        first, second = chosen[:2]
        both = ~np.isnat(found[first]) & ~np.isnat(found[second])
        unlike = both & (found[first] != found[second])
        verdict = Verdict(name=None, rivals=(first, second), example=int(unlike.argmax()))
        raise _question(verdict, found, distinct, name)
    return replace(parsed, counted=parsed.counted | {chosen[0]: found[chosen[0]]})


def _way(parsed: Parsed, distinct: Distinct, name: str, order: str | None) -> str | None:
    """Tell whether the column counts its days, and how; None where dates are written."""
    written = ~np.isnat(parsed.fixed) | _any(parsed.numeric)
    kinds = {None: written} | {way: ~np.isnat(days) for way, days in parsed.counted.items()}
    weight = {way: int(distinct.rows[there].sum()) for way, there in kinds.items()}
    best, second = sorted(kinds, key=lambda way: -weight[way])[:2]
    if order and weight[None]:
        return None
    if weight[second] > TYPO_SHARE * (weight[best] + weight[second]):
        one, other = (
            (WAYS.get(way, "six figures"), int(kinds[way].argmax())) for way in (best, second)
        )
        raise _mixed(distinct, name, one, other)
    return best


def _written(parsed: Parsed, distinct: Distinct, name: str, order: str | None) -> Days:
    """Return the days of written dates, those in numbers in the column's one order."""
    days, in_numbers = parsed.fixed, _any(parsed.numeric)
    few = TYPO_SHARE * int(distinct.rows[in_numbers | ~np.isnat(days)].sum())
    # among dates of another kind, a few in numbers are slips: 24-01-05 for 2024-01-05
    if order or int(distinct.rows[in_numbers].sum()) > few:
        chosen = order or _order(parsed.numeric, distinct, parsed.dotted, name)
        days = np.where(np.isnat(days), parsed.numeric[chosen], days)
    return days


def _order(
    numeric: dict[str, Days], distinct: Distinct, dotted: npt.NDArray[np.bool_], name: str
) -> str:
    """Choose the order of day and month that every row fits."""
    fits = {order: ~np.isnat(days) for order, days in numeric.items()}
    weight = {order: int(distinct.rows[fit].sum()) for order, fit in fits.items()}
    rival = max(("dmy", "mdy"), key=lambda order: weight[order])
    dots_only = fits["dmy"].any() and not (fits["dmy"] & ~dotted).any()
    if weight["ymd"] and weight["ymd"] == weight[rival]:
        # 24-07-05: orders of a few years have many days, so the reading with fewer years is right
        years = {order: _years(numeric[order]) for order in ("ymd", rival)}
        if years[rival] >= MANY_YEARS and _clearly_fewer(years["ymd"], years[rival]):
            return "ymd"
        if years[rival] > 1 and not _clearly_fewer(years[rival], years["ymd"]):
            raise _in_two_ways(("ymd", rival), numeric, distinct, name)
    if weight["ymd"] > weight[rival]:
        return "ymd"  # 97/12/31
    if dots_only and not (fits["mdy"] & ~fits["dmy"]).any():
        return "dmy"  # 03.04.2024: nobody writes the month first with dots
    unlike = numeric["dmy"] != numeric["mdy"]
    differs = {("dmy", "mdy"): fits["dmy"] & fits["mdy"] & unlike}
    verdict = decide({order: fits[order] for order in ("dmy", "mdy")}, differs, distinct.rows)
    if verdict.name is None:
        raise _question(verdict, numeric, distinct, name)
    return verdict.name


def _question(
    verdict: Verdict, numeric: dict[str, Days], distinct: Distinct, name: str
) -> DataError:
    first, second = verdict.rivals
    place, against = verdict.example or 0, verdict.counterexample
    if against is not None:
        return _mixed(distinct, name, (first, place), (second, against))
    return _in_two_ways((first, second), numeric, distinct, name, place)


def _clearly_fewer(years: int, others: int) -> bool:
    """Tell whether one reading has so few years that the other takes days for years."""
    return years * TIMES_FEWER <= others or others - years >= SO_MANY_FEWER


def _years(days: Days) -> int:
    """Count the years in which there are days."""
    return int(np.unique(days[~np.isnat(days)].astype("datetime64[Y]")).size)


def _in_two_ways(
    rivals: tuple[str, str],
    numeric: dict[str, Days],
    distinct: Distinct,
    name: str,
    place: int | None = None,
) -> DataError:
    first, second = rivals
    if place is None:
        place = int(np.argmax(numeric[first] != numeric[second]))
    return DataError(
        "AMBIGUOUS_DATE_FORMAT",
        "The dates in column {column!r} can be read in two ways: {example!r} on line {line} is "
        "{first_day} as {first} or {second_day} as {second}, and every row fits both. Set "
        "date_order to {first} or {second}.",
        column=name, example=distinct.texts[place].as_py(), line=distinct.line(place),
        first=first, second=second,
        first_day=str(numeric[first][place]), second_day=str(numeric[second][place]),
    )  # fmt: skip


def _mixed(
    distinct: Distinct, name: str, one: tuple[str, int], other: tuple[str, int]
) -> DataError:
    """Say that two rows contradict each other, and on which lines they stand."""
    return DataError(
        "MIXED_DATE_FORMATS",
        "Column {column!r} mixes two ways to write a date: {example!r} on line {line} can only be "
        "read as {first}, {counterexample!r} on line {other_line} only as {second}. Write all "
        "dates alike, best as 2024-06-30, or set date_order to the one that counts; the other "
        "rows are then listed as unreadable.",
        column=name, first=one[0], second=other[0],
        example=distinct.texts[one[1]].as_py(), line=distinct.line(one[1]),
        counterexample=distinct.texts[other[1]].as_py(), other_line=distinct.line(other[1]),
    )  # fmt: skip


def _any(readings: dict[str, Days]) -> npt.NDArray[np.bool_]:
    """Tell which texts at least one of the readings reads."""
    found: npt.NDArray[np.bool_] = np.any([~np.isnat(day) for day in readings.values()], axis=0)
    return found


def _plausible(days: Days) -> npt.NDArray[np.bool_]:
    return (days >= EARLIEST) & (days <= LATEST)


def _judge(days: Days, blank: npt.NDArray[np.bool_]) -> DateReading:
    faults = np.zeros(days.size, dtype=np.uint8)
    faults[~_plausible(days)] = CODE["implausible_date"]
    faults[np.isnat(days)] = CODE["unreadable_date"]
    faults[blank] = CODE["missing_date"]
    return DateReading(days=days, faults=faults)
