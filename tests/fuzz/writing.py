"""How shops of sixteen places write a number, a day, a table and a file."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from wrapping import OLDER


@dataclass(frozen=True, kw_only=True)
class Locale:
    """The marks of a place, the order of its dates and the sign of its money."""

    name: str
    decimal: str
    groups: tuple[str, ...]
    order: str
    date_marks: str
    signs: tuple[str, ...]


LOCALES = (
    Locale(name="en", decimal=".", groups=(",",), order="mdy", date_marks="/-", signs=("$", "£")),
    Locale(name="es", decimal=",", groups=(".",), order="dmy", date_marks="/-", signs=("€",)),
    Locale(name="pt", decimal=",", groups=(".",), order="dmy", date_marks="/", signs=("R$", "€")),
    Locale(name="de", decimal=",", groups=(".",), order="dmy", date_marks=".", signs=("€", "EUR")),
    Locale(
        name="fr", decimal=",", groups=(" ", "\u00a0", "\u202f"), order="dmy", date_marks="/",
        signs=("€",),
    ),
    Locale(name="ch", decimal=".", groups=("'", "’"), order="dmy", date_marks=".", signs=("CHF",)),
    Locale(name="in", decimal=".", groups=(",",), order="dmy", date_marks="/-", signs=("₹",)),
    Locale(name="it", decimal=",", groups=(".",), order="dmy", date_marks="/", signs=("€",)),
    Locale(name="nl", decimal=",", groups=(".",), order="dmy", date_marks="-", signs=("€",)),
    Locale(name="pl", decimal=",", groups=(" ", "\u00a0"), order="dmy", date_marks=".",
           signs=("zł", "PLN")),
    Locale(name="ru", decimal=",", groups=(" ", "\u00a0"), order="dmy", date_marks=".",
           signs=("₽", "руб.")),
    Locale(name="zh", decimal=".", groups=(",",), order="ymd", date_marks="-/", signs=("¥",)),
    Locale(name="ja", decimal=".", groups=(",",), order="ymd", date_marks="/-", signs=("¥", "円")),
    Locale(name="ko", decimal=".", groups=(",",), order="ymd", date_marks=".-", signs=("₩", "원")),
    Locale(name="ar", decimal=".", groups=(",",), order="dmy", date_marks="/", signs=("SAR",)),
    Locale(name="tr", decimal=",", groups=(".",), order="dmy", date_marks=".", signs=("₺", "TL")),
)  # fmt: skip
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
EXCEL_START = date(1899, 12, 30)


@dataclass(frozen=True, kw_only=True)
class Dates:
    """One way to write a day; ``order`` is set where the file alone may not tell it."""

    name: str
    write: Callable[[date, random.Random], str]
    order: str | None = None


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """One way to write cents as an amount; ``exotic`` where no decimal mark is written."""

    name: str
    write: Callable[[int, random.Random], str]
    exotic: bool = False


def date_style(chance: random.Random, locale: Locale) -> Dates:
    """Choose how the file writes its days: in its own order, or in one of the common ones."""
    if chance.random() < 0.5:
        mark, two = chance.choice(locale.date_marks), chance.random() < 0.25
        padded = chance.random() < 0.7
        return Dates(
            name=f"{locale.order} {mark}{' yy' if two else ''}",
            order=locale.order,
            write=lambda day, _: _numeric(day, locale.order, mark, two=two, padded=padded),
        )
    zone = timezone(timedelta(minutes=chance.choice((-480, -180, 60, 330, 840))))
    return chance.choice(
        (
            Dates(name="iso", write=lambda day, _: day.isoformat()),
            Dates(name="iso time", write=lambda day, c: f"{day} {_clock(c)}"),
            Dates(name="iso utc", write=lambda day, c: f"{day}T{_clock(c)}Z"),
            Dates(name="iso zone", write=lambda day, c: _zoned(day, c, zone)),
            Dates(name="compact", write=lambda day, _: f"{day:%Y%m%d}"),
            Dates(name="month name", write=_named),
            Dates(name="month first", write=lambda day, _: f"{MONTHS[day.month - 1]} {day.day}, "
                                                           f"{day.year}"),
            Dates(name="excel serial", write=lambda day, _: str((day - EXCEL_START).days)),
            Dates(name="epoch", write=lambda day, c: str(_epoch(day, c))),
            Dates(name="epoch ms", write=lambda day, c: str(_epoch(day, c) * 1000 + 7)),
        )
    )  # fmt: skip


def _numeric(day: date, order: str, mark: str, *, two: bool, padded: bool) -> str:
    parts = {"y": f"{day.year % 100:02d}" if two else str(day.year)}
    width = 2 if padded else 1
    parts |= {"d": f"{day.day:0{width}d}", "m": f"{day.month:0{width}d}"}
    return mark.join(parts[part] for part in order)


def _named(day: date, _: random.Random) -> str:
    return f"{day.day:02d}-{MONTHS[day.month - 1]}-{day.year % 100:02d}"


def _clock(chance: random.Random) -> str:
    return f"{chance.randrange(24):02d}:{chance.randrange(60):02d}:{chance.randrange(60):02d}"


def _epoch(day: date, chance: random.Random) -> int:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return int(start.timestamp()) + chance.randrange(86_400)


def _zoned(day: date, chance: random.Random, zone: timezone) -> str:
    """Write a moment of this day in UTC as a clock elsewhere shows it."""
    return datetime.fromtimestamp(_epoch(day, chance), zone).isoformat()


def number_style(chance: random.Random, locale: Locale) -> Numbers:
    """Choose how the file writes its amounts."""
    group = chance.choice(("", *locale.groups))
    kind = chance.choice(("plain", "plain", "trimmed", "whole", "sign"))
    sign = chance.choice(locale.signs) if kind == "sign" else ""
    behind, minus = chance.random() < 0.5, chance.choice(("before", "before", "behind", "brackets"))

    def write(cents: int, _: random.Random) -> str:
        pounds, rest = divmod(abs(cents), 100)
        text = _grouped(str(pounds), group, lakhs=locale.name == "in")
        if kind == "trimmed":
            text += f"{locale.decimal}{rest:02d}".rstrip("0").rstrip(locale.decimal)
        elif kind != "whole" or rest:
            text += f"{locale.decimal}{rest:02d}"
        if sign:
            text = f"{text} {sign}" if behind else f"{sign}{text}"
        if cents >= 0:
            return text
        return {"before": f"-{text}", "behind": f"{text}-", "brackets": f"({text})"}[minus]

    spaced = {" ": "space", "\u00a0": "nbsp", "\u202f": "narrow"}.get(group, group)
    return Numbers(name=f"{kind} {spaced}".strip(), write=write)


def _grouped(digits: str, mark: str, *, lakhs: bool) -> str:
    if not mark or len(digits) <= 3:
        return digits
    head, tail = digits[:-3], digits[-3:]
    size = 2 if lakhs else 3
    parts = []
    while head:
        parts.insert(0, head[-size:])
        head = head[:-size]
    return mark.join([*parts, tail])


def table_text(
    chance: random.Random,
    header: list[str] | None,
    rows: list[list[str]],
    style: dict[str, object],
) -> tuple[str, list[int]]:
    """Return the text of the table and the line on which each row begins."""
    out = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if style["quoting"] == "everything" else csv.QUOTE_MINIMAL
    writer = csv.writer(
        out, delimiter=str(style["delimiter"]), quoting=quoting,
        lineterminator=str(style["ending"]),
    )  # fmt: skip
    if style["title"] and header is not None:
        out.write(f"Export of orders{style['ending']}{style['ending']}")
    if header is not None:
        writer.writerow(header)
    lines = []
    for row in rows:
        if chance.random() < float(str(style["blank_lines"])):
            out.write(str(style["ending"]))
        lines.append(out.getvalue().count("\n") + 1)
        writer.writerow(row)
    return out.getvalue(), lines


def encode(chance: random.Random, text: str, language: str = "") -> tuple[bytes, str]:
    """Write the text in an encoding that has all its characters."""
    older = OLDER.get(language, ("cp1252", "latin-1"))
    wished = chance.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16", *older))
    try:
        return text.encode(wished), wished
    except UnicodeEncodeError:
        return text.encode("utf-8"), "utf-8"
