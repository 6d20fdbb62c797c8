"""Ticks of a time axis of any length: at most six, at the starts of months or years."""

from __future__ import annotations

import datetime as dt

from app.words.text import Words

MOST_TICKS = 6
STEPS = (1, 2, 3, 6, 12, 24, 60, 120)


def time_ticks(
    first: dt.date, last: dt.date, w: Words, most: int = MOST_TICKS
) -> tuple[list[dt.date], list[str]]:
    """Return days and their labels: the month, and the year where it turns.

    Examples
    --------
    >>> from app.words.text import words_for
    >>> days, text = time_ticks(dt.date(2010, 11, 3), dt.date(2011, 8, 1), words_for("en"))
    >>> text
    ['Jan<br>2011', 'Mar', 'May', 'Jul']
    """
    for step in STEPS:
        months = [
            dt.date(month // 12, month % 12 + 1, 1)
            for month in range(first.year * 12, last.year * 12 + 12, step)
        ]
        shown = [day for day in months if first <= day <= last]
        if len(shown) <= most:
            break
    if not shown:  # within one month
        shown = [first]
    text = []
    for i, day in enumerate(shown):
        turned = i == 0 or day.year != shown[i - 1].year
        text.append(w.month(day) + (f"<br>{day.year}" if turned else ""))
    if step >= 12 and len(shown) > 1:
        text = [str(day.year) for day in shown]
    return shown, text
