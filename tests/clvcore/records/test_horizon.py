"""Months are calendar months, counted from the last day known."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

import clvcore as clv
from clvcore.records.horizon import (
    add_months,
    days_to_cover,
    forecast_grid,
    latest_beginning,
    past_month_ends,
)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2024-01-31", 1, "2024-02-29"),
        ("2023-01-31", 1, "2023-02-28"),
        ("2024-12-15", 1, "2025-01-15"),
        ("2024-03-31", -1, "2024-02-29"),
        ("2024-01-15", -1, "2023-12-15"),
        ("2024-02-29", 60, "2029-02-28"),
    ],
)
def test_months_are_added_and_clipped(day, months, expected):
    assert add_months(dt.date.fromisoformat(day), months) == dt.date.fromisoformat(expected)


def test_a_clipped_month_does_not_shorten_the_ones_after_it():
    grid = forecast_grid(clv.ForecastConfig(horizon_months=3), dt.date(2024, 1, 31))
    assert grid.dates() == [dt.date(2024, 2, 29), dt.date(2024, 3, 31), dt.date(2024, 4, 30)]


def test_a_horizon_in_days_ends_on_that_day():
    grid = forecast_grid(clv.ForecastConfig(horizon_days=273), dt.date(1997, 9, 30))
    assert grid.dates()[-1] == dt.date(1998, 6, 30)
    assert grid.days == (30, 61, 91, 122, 151, 181, 212, 242, 273)
    assert grid.months[-1] == pytest.approx(9.0)


def test_a_last_step_cut_short_counts_as_the_part_it_is():
    grid = forecast_grid(clv.ForecastConfig(horizon_days=45), dt.date(2024, 6, 30))
    assert grid.days == (30, 45)
    assert grid.months == (1.0, pytest.approx(1 + 15 / 31))


def test_past_months_are_whole():
    ends = past_month_ends(dt.date(2024, 3, 31), dt.date(2024, 1, 10))
    assert ends == [dt.date(2024, 1, 31), dt.date(2024, 2, 29), dt.date(2024, 3, 31)]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2017-01-01", "2017-06-30"),
        ("2017-01-02", "2017-07-01"),
        ("2016-08-29", "2017-02-28"),
        ("2016-08-30", "2017-02-28"),
        ("2016-08-31", "2017-02-28"),
        ("2016-09-01", "2017-02-28"),
        ("2023-08-29", "2024-02-28"),
        ("2023-08-30", "2024-02-29"),
        ("2023-08-31", "2024-02-29"),
        ("2023-09-01", "2024-02-29"),
        ("2016-10-31", "2017-04-30"),
        ("2016-02-29", "2016-08-28"),
        ("2017-02-28", "2017-08-27"),
        ("2016-12-31", "2017-06-30"),
    ],
)
def test_six_months_end_on_a_day_of_the_calendar(first, last):
    begins, ends = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    assert begins + dt.timedelta(days_to_cover(begins)) == ends
    assert begins <= latest_beginning(ends)
    assert begins > latest_beginning(ends - dt.timedelta(days=1))


@given(
    first=st.dates(dt.date(1950, 1, 1), dt.date(2100, 1, 1)),
    months=st.integers(1, 36),
    more=st.integers(-4, 4),
)
def test_both_ways_to_count_months_agree(first, months, more):
    days = days_to_cover(first, months)
    last = first + dt.timedelta(days=days + more)
    assert (first <= latest_beginning(last, months)) == (more >= 0)
