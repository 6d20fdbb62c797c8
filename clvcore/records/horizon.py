"""Calendar months counted from ``as_of``: forward for the forecast grid, back for the history."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass

from clvcore.records.columns import HISTORY_MONTHS
from clvcore.records.config import ForecastConfig

MEAN_MONTH_DAYS = 365.25 / 12


@dataclass(frozen=True, eq=False, kw_only=True)
class Grid:
    """Days after ``as_of`` at which cumulative values are given, one per calendar month.

    ``days`` are the ends of the steps (increasing, the last one is the horizon), ``months`` the
    same in months (1, 2, ... and a fraction for a last step that is cut short).
    """

    as_of: dt.date
    days: tuple[int, ...]
    months: tuple[float, ...]

    @property
    def horizon_days(self) -> int:
        """Length of the forecast in days."""
        return self.days[-1]

    def dates(self) -> list[dt.date]:
        """Return the last day of each step."""
        return [self.as_of + dt.timedelta(days=day) for day in self.days]


def add_months(day: dt.date, months: int) -> dt.date:
    """Move by calendar months; a day past the month's end is clipped to it.

    Examples
    --------
    >>> add_months(dt.date(2024, 1, 31), 1), add_months(dt.date(2024, 3, 31), -1)
    (datetime.date(2024, 2, 29), datetime.date(2024, 2, 29))
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def latest_beginning(last: dt.date, months: int = HISTORY_MONTHS) -> dt.date:
    """Return the latest first day from which ``months`` calendar months have passed by ``last``.

    Both days are part of the months: they end on the eve of the same day some months later, or
    where that month has no such day, with the month.

    Examples
    --------
    >>> str(latest_beginning(dt.date(2017, 6, 30))), str(latest_beginning(dt.date(2018, 2, 28)))
    ('2017-01-01', '2017-09-01')
    """
    return add_months(last + dt.timedelta(days=1), -months)


def days_to_cover(first: dt.date, months: int = HISTORY_MONTHS) -> int:
    """Return how many days after ``first`` the last day of its ``months`` calendar months lies.

    Examples
    --------
    >>> days_to_cover(dt.date(2017, 1, 1)), days_to_cover(dt.date(2017, 8, 31))
    (180, 181)
    """
    later = add_months(first, months)
    return (later - first).days - (later.day == first.day)


def forecast_grid(config: ForecastConfig, as_of: dt.date) -> Grid:
    """Return one step per calendar month after ``as_of``; ``horizon_days`` cuts the last one short.

    Examples
    --------
    >>> forecast_grid(ForecastConfig(horizon_months=2), dt.date(2024, 1, 31)).days
    (29, 60)
    >>> forecast_grid(ForecastConfig(horizon_days=40), dt.date(2024, 1, 31)).days
    (29, 40)
    """
    if config.horizon_days is None:
        ends = [add_months(as_of, k) for k in range(1, (config.horizon_months or 0) + 1)]
        months = [float(k) for k in range(1, len(ends) + 1)]
    else:
        last = as_of + dt.timedelta(days=config.horizon_days)
        ends, months, k = [], [], 1
        while (end := add_months(as_of, k)) < last:
            ends.append(end)
            months.append(float(k))
            k += 1
        begun = (last - (ends[-1] if ends else as_of)).days
        whole = (end - (ends[-1] if ends else as_of)).days
        months.append(k - 1 + begun / whole)
        ends.append(last)
    return Grid(as_of=as_of, days=tuple((end - as_of).days for end in ends), months=tuple(months))


def past_month_ends(as_of: dt.date, first_day: dt.date) -> list[dt.date]:
    """Return ``as_of`` and the days whole months before it, oldest first, as far as the log goes.

    Each but the last is the eve of a month that the log covers whole.

    Examples
    --------
    >>> [str(end) for end in past_month_ends(dt.date(2024, 3, 31), dt.date(2024, 2, 1))]
    ['2024-01-31', '2024-02-29', '2024-03-31']
    """
    ends, k = [as_of], 1
    while (end := add_months(as_of, -k)) >= first_day - dt.timedelta(days=1):
        ends.append(end)
        k += 1
    return ends[::-1]
