"""Where the marks of the report's drawings stand: numbers in, points of an SVG out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from app.charts.drawing import Canvas, money_ticks
from app.charts.history import Bands, alphas, bands, halves

WIDTH = 680.0
FAN_HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 250.0, 56.0, 636.0, 26.0, 214.0
MOST_TICKS = 7
LEAST_GAP = 13.0


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A place on an axis, in pixels, and its words, one line each."""

    at: float
    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Band:
    """One level of the fan: the outline, how strongly it is filled, and its label."""

    points: str
    alpha: float
    label: str
    label_at: float


@dataclass(frozen=True, kw_only=True)
class Fan:
    """Months behind and ahead."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    observed: str
    dots: tuple[tuple[float, float], ...]
    expected: str
    today: float
    today_words: str
    bands: tuple[Band, ...]
    money: tuple[Tick, ...]
    months: tuple[Tick, ...]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a drawing of ranges; places in pixels, None where nothing is known."""

    at: float
    name: str
    below: str
    color: str
    value: float
    words: str
    outer: tuple[float, float] | None
    inner: tuple[float, float] | None = None
    happened: float | None = None


@dataclass(frozen=True, kw_only=True)
class Ranges:
    """Dots on bars, one row below the other."""

    width: float
    height: float
    left: float
    right: float
    bottom: float
    rows: tuple[Row, ...]
    money: tuple[Tick, ...]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What a row of ``ranges`` shows, in money."""

    name: str
    below: str
    color: str
    value: float
    words: str
    outer: tuple[float, float] | None
    inner: tuple[float, float] | None = None
    happened: float | None = None


def fan(
    timeline: pd.DataFrame, *, as_of: dt.date, level: float, inner: Bands, canvas: Canvas
) -> Fan:
    """Place revenue per month: observed, expected, and the bands of the months ahead.

    Parameters
    ----------
    timeline
        ``clvcore.records.columns.TIMELINE_FRAME``.
    level
        Nominal share of its band.
    inner
        Narrower bounds by level, as ``app.charts.history.history`` takes them.
    """
    past, ahead = halves(timeline)
    days = [day.date() for day in [*past["month"], *ahead["month"]]]
    measured = bool(len(ahead)) and bool(ahead[["lower", "upper"]].notna().all(axis=None))
    both = pd.concat([past["revenue"], ahead["revenue"], ahead["upper"]]).dropna()
    largest = float(both.max()) if len(both) else 0.0
    ticks = money_ticks(largest)
    plane = Plane(first=days[0], last=days[-1], most=max(ticks[-1], largest))
    start = past.tail(1)
    seen = [plane.point(m, v) for m, v in zip(past["month"], past["revenue"], strict=True)]
    return Fan(
        width=WIDTH, height=FAN_HEIGHT, left=LEFT, right=RIGHT, top=TOP, bottom=BOTTOM,
        observed=plane.line(past["month"], past["revenue"]),
        dots=tuple(seen),
        expected=plane.line([*start["month"], *ahead["month"]],
                            [*start["revenue"], *ahead["revenue"]]),
        today=plane.x(min(max(as_of, days[0]), days[-1])),
        today_words=canvas.w("{day}, last day of data", day=as_of),
        bands=_bands(plane, start, bands(ahead, level, inner), canvas) if measured else (),
        money=_money_ticks(ticks, plane.y, canvas),
        months=_month_ticks(days, plane, canvas),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Plane:
    """Days across and money up, in pixels."""

    first: dt.date
    last: dt.date
    most: float

    def x(self, day: dt.date) -> float:
        """Return where a day stands."""
        span = max((self.last - self.first).days, 1)
        return round(LEFT + (RIGHT - LEFT) * (day - self.first).days / span, 1)

    def y(self, amount: float) -> float:
        """Return where an amount stands; nothing is drawn below zero."""
        return round(BOTTOM - (BOTTOM - TOP) * max(float(amount), 0.0) / self.most, 1)

    def point(self, month: pd.Timestamp, amount: float) -> tuple[float, float]:
        """Return both."""
        return self.x(month.date()), self.y(amount)

    def line(self, months: Iterable[pd.Timestamp], amounts: Iterable[float]) -> str:
        """Return points as an SVG writes them."""
        points = (self.point(m, v) for m, v in zip(months, amounts, strict=True))
        return " ".join(f"{x},{y}" for x, y in points)


def _bands(
    plane: Plane, start: pd.DataFrame, drawn: dict[float, pd.DataFrame], canvas: Canvas
) -> tuple[Band, ...]:
    labels, least = {}, float("inf")
    for share in sorted(drawn):
        least = min(least - LEAST_GAP, plane.y(drawn[share]["upper"].iloc[-1]))
        labels[share] = least
    made = []
    for (share, frame), alpha in zip(drawn.items(), alphas(len(drawn)), strict=True):
        months = [*start["month"], *frame["month"]]
        upper = plane.line(months, [*start["revenue"], *frame["upper"]])
        lower = plane.line(months[::-1], [*start["revenue"], *frame["lower"]][::-1])
        made.append(
            Band(
                points=f"{upper} {lower}",
                alpha=round(alpha, 3),
                label=canvas.w.percent(share),
                label_at=labels[share],
            )
        )
    return tuple(made)


def _money_ticks(
    ticks: list[float], place: Callable[[float], float], canvas: Canvas
) -> tuple[Tick, ...]:
    words = canvas.ticks(ticks)
    return tuple(Tick(at=place(v), lines=(text,)) for v, text in zip(ticks, words, strict=True))


def _month_ticks(days: list[dt.date], plane: Plane, canvas: Canvas) -> tuple[Tick, ...]:
    shown = days[:: max(1, -(-len(days) // MOST_TICKS))]
    made = []
    for place, day in enumerate(shown):
        turned = place == 0 or day.year != shown[place - 1].year
        lines = (canvas.w.month(day), str(day.year)) if turned else (canvas.w.month(day),)
        made.append(Tick(at=plane.x(day), lines=lines))
    return tuple(made)


def ranges(entries: Sequence[Entry], *, width: float, row: float, canvas: Canvas) -> Ranges:
    """Place one dot on its bars per entry, all on one scale from zero."""
    left, right = 128.0, width - 14.0
    bottom = 8.0 + row * len(entries)
    known = [entry.value for entry in entries]
    known += [entry.outer[1] for entry in entries if entry.outer]
    known += [entry.happened for entry in entries if entry.happened is not None]
    ticks = money_ticks(max(known, default=0.0), steps=4)
    most = max(ticks[-1], max(known, default=0.0))

    def x(amount: float) -> float:
        return round(left + (right - left) * max(float(amount), 0.0) / most, 1)

    def span(ends: tuple[float, float] | None) -> tuple[float, float] | None:
        return None if ends is None else (x(ends[0]), max(x(ends[1]) - x(ends[0]), 1.0))

    rows = tuple(
        Row(
            at=8.0 + row * (place + 0.62), name=entry.name, below=entry.below, color=entry.color,
            value=x(entry.value), words=entry.words, outer=span(entry.outer),
            inner=span(entry.inner),
            happened=None if entry.happened is None else x(entry.happened),
        )
        for place, entry in enumerate(entries)
    )  # fmt: skip
    return Ranges(
        width=width, height=bottom + 26.0, left=left, right=right, bottom=bottom, rows=rows,
        money=_money_ticks(ticks, x, canvas),
    )  # fmt: skip
