"""A column of days: one convention for all rows, or a question; never a mixture by guess."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from clvcore.errors import DataError, Notice
from clvcore.ingest.calendar import Days, Parsed, calendar_days, parse_dates
from clvcore.ingest.convention import TYPO_SHARE, Verdict, decide
from clvcore.ingest.daynumbers import EPOCH, EXCEL
from clvcore.ingest.distinct import Distinct, distinct_texts, is_text
from clvcore.ingest.identifiers import as_text
from clvcore.ingest.ledger import CODE, Reading

EARLIEST = np.datetime64("1990-01-01", "D")
LATEST = np.datetime64("2100-12-31", "D")
WAYS = {None: "a written date", EXCEL: "Excel's day number", EPOCH: "time since 1970"}


@dataclass(frozen=True, eq=False, kw_only=True)
class DateReading(Reading):
    """Days as ``datetime64[D]``, shape (rows,), their faults, and doubts about them."""

    days: Days
    notices: tuple[Notice, ...] = ()


def read_dates(column: pa.ChunkedArray, *, name: str, order: str | None = None) -> DateReading:
    """Read a column of dates or timestamps as calendar days.

    Times with a zone are converted to UTC, all others are taken as they stand; then only the day
    counts. ISO dates, ``19970101`` and dates with a month's name are read by themselves; dates
    in numbers such as ``03/04/2024`` need one order of day and month for the whole column. Excel's
    day numbers and seconds since 1970 are read, and said, where the column holds nothing else.

    Parameters
    ----------
    name
        Column's name, for messages.
    order
        ``ymd``, ``dmy`` or ``mdy``; None: told from all rows.

    Raises
    ------
    DataError
        If rows can be read day first and month first alike, or contradict each other.
    """
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return _native(column)
    if pa.types.is_integer(kind) or is_text(kind) or pa.types.is_null(kind):
        return _text(distinct_texts(column), name, order)
    if pa.types.is_floating(kind):
        reading = _text(distinct_texts(as_text(column)), name, order)
        if not np.isnat(reading.days).all():
            return reading
    raise DataError(
        "NOT_DATES",
        "Column {column!r} holds {kind} values, which are no dates. Map the column that says when "
        "the order was placed.",
        column=name, kind=str(kind),
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
    distinct = distinct or distinct_texts(as_text(column))
    parsed = parse_dates(distinct.texts)
    readable = _plausible(parsed.fixed)
    for days in parsed.numeric.values():
        readable |= _plausible(days)
    weight = readable + 0.5 * _any(parsed.counted)
    return float((distinct.rows * weight).sum() / max(distinct.rows.sum(), 1))


def _native(column: pa.ChunkedArray) -> DateReading:
    notices: tuple[Notice, ...] = ()
    if pa.types.is_timestamp(column.type) and column.type.tz not in (None, "UTC"):
        notices = (_zone_notice(),)
    days = calendar_days(column)
    return replace(_judge(days, column.is_null().to_numpy()), notices=notices)


def _text(distinct: Distinct, name: str, order: str | None) -> DateReading:
    parsed = parse_dates(distinct.texts)
    way = _way(parsed, distinct, name, order)
    days = parsed.counted[way] if way else _written(parsed, distinct, name, order)
    all_days = np.append(days, np.datetime64("NaT", "D"))[distinct.place]
    reading = _judge(all_days, distinct.place < 0)
    notices = _zones(parsed, days, distinct)
    if way:
        example = int((~np.isnat(days)).argmax())
        notices = (_numbers_notice(way, distinct.texts[example].as_py(), str(days[example])),)
    return replace(reading, notices=notices)


def _way(parsed: Parsed, distinct: Distinct, name: str, order: str | None) -> str | None:
    """Tell whether the column counts its days, and how; None where dates are written."""
    written = ~np.isnat(parsed.fixed) | _any(parsed.numeric)
    kinds = {None: written} | {way: ~np.isnat(days) for way, days in parsed.counted.items()}
    weight = {way: int(distinct.rows[there].sum()) for way, there in kinds.items()}
    best, second = sorted(kinds, key=lambda way: -weight[way])[:2]
    if order and weight[None]:
        return None
    if weight[second] > TYPO_SHARE * (weight[best] + weight[second]):
        raise DataError(
            "MIXED_DATE_FORMATS",
            "Column {column!r} mixes two ways to write a date: {example!r} can only be read as "
            "{first}, {counterexample!r} only as {second}. Write all dates alike, best as "
            "2024-06-30, or set date_order to the one that counts; the other rows are then "
            "listed as unreadable.",
            column=name, first=WAYS[best], second=WAYS[second],
            example=distinct.texts[int(kinds[best].argmax())].as_py(),
            counterexample=distinct.texts[int(kinds[second].argmax())].as_py(),
        )  # fmt: skip
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


def _zones(parsed: Parsed, days: Days, distinct: Distinct) -> tuple[Notice, ...]:
    if not parsed.zoned.any():
        return ()
    local = int(distinct.rows[~parsed.zoned & ~np.isnat(days)].sum())
    if not local:
        return (_zone_notice(),)
    missing = Notice(
        "ZONE_MISSING",
        "{rows} times have no time zone while others have; those days were taken as they stand.",
        rows=local,
    )
    return _zone_notice(), missing


def _order(
    numeric: dict[str, Days], distinct: Distinct, dotted: npt.NDArray[np.bool_], name: str
) -> str:
    """Choose the order of day and month that every row fits."""
    fits = {order: ~np.isnat(days) for order, days in numeric.items()}
    dots_only = fits["dmy"].any() and not (fits["dmy"] & ~dotted).any()
    if dots_only and not (fits["mdy"] & ~fits["dmy"]).any():
        return "dmy"  # 03.04.2024: nobody writes the month first with dots
    weight = {order: int(distinct.rows[fit].sum()) for order, fit in fits.items()}
    if weight["ymd"] > max(weight["dmy"], weight["mdy"]):
        return "ymd"  # 97/12/31; but 31/12/24 is hardly ever the 24th of December 2031
    unlike = numeric["dmy"] != numeric["mdy"]
    differs = {("dmy", "mdy"): fits["dmy"] & fits["mdy"] & unlike}
    verdict = decide({order: fits[order] for order in ("dmy", "mdy")}, differs, distinct.rows)
    if verdict.name is None:
        raise _question(verdict, numeric, distinct.texts, name)
    return verdict.name


def _question(verdict: Verdict, numeric: dict[str, Days], texts: pa.Array, name: str) -> DataError:
    first, second = verdict.rivals
    example = texts[verdict.example].as_py()
    if verdict.counterexample is not None:
        return DataError(
            "MIXED_DATE_FORMATS",
            "Column {column!r} mixes two ways to write a date: {example!r} can only be read as "
            "{first}, {counterexample!r} only as {second}. Write all dates alike, best as "
            "2024-06-30, or set date_order to the one that counts; the other rows are then "
            "listed as unreadable.",
            column=name, example=example, counterexample=texts[verdict.counterexample].as_py(),
            first=first, second=second,
        )  # fmt: skip
    return DataError(
        "AMBIGUOUS_DATE_FORMAT",
        "The dates in column {column!r} can be read in two ways: {example!r} is {first_day} as "
        "{first} or {second_day} as {second}, and every row fits both. Set date_order to "
        "{first} or {second}.",
        column=name, example=example, first=first, second=second,
        first_day=str(numeric[first][verdict.example]),
        second_day=str(numeric[second][verdict.example]),
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


def _zone_notice() -> Notice:
    return Notice(
        "DAYS_IN_UTC",
        "The times carry a time zone; they were converted to UTC and days are counted there.",
    )


def _numbers_notice(way: str, example: str, day: str) -> Notice:
    if way == EXCEL:
        return Notice(
            "DAYS_IN_EXCEL_NUMBERS",
            "The dates are numbers; they were read as Excel counts days, {example} as {day}.",
            example=example,
            day=day,
        )
    return Notice(
        "DAYS_IN_EPOCH",
        "The dates are numbers; they were read as time since 1970 in UTC, {example} as {day}.",
        example=example,
        day=day,
    )
