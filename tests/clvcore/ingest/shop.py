"""A small shop whose orders tests write down in one shape or another."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections.abc import Iterable, Sequence

import openpyxl

Order = tuple[str, dt.date, float]


def shop(orders: int = 60, customers: int = 20, *, start: str = "C") -> list[Order]:
    """Return orders over a year, in order of time."""
    chance = random.Random(orders)  # noqa: S311
    first = dt.date(2024, 1, 3)
    days = sorted(first + dt.timedelta(days=chance.randrange(350)) for _ in range(orders))
    return [
        (f"{start}{chance.randrange(customers)}", day, round(chance.uniform(5, 90), 2))
        for day in days
    ]


def total(orders: Iterable[Order]) -> float:
    return round(sum(amount for *_, amount in orders), 2)


def text(rows: Iterable[Sequence[object]], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()


def sheets(**parts: Iterable[Sequence[object]]) -> bytes:
    """Return a workbook with these sheets."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in parts.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
