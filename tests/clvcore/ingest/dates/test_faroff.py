"""Days far from all others are left out and said; a log that reaches far keeps its rows."""

import datetime as dt

import numpy as np
import pytest
from tables import balanced, codes, orders

from clvcore.ingest import read_transactions
from clvcore.ingest.options import IngestOptions

START = dt.date(2022, 3, 1)


def log(days=600, every=2, customers=40, start=START):
    return [
        f"c{n % customers},{start + dt.timedelta(days=n)},{10 + n % 23}.50"
        for n in range(0, days, every)
    ]


def read(rows, **options):
    return read_transactions(orders(*rows), options=IngestOptions(**options) if options else None)


@pytest.mark.parametrize(
    "astray",
    [
        ["2042-06-25"],
        ["2099-12-31", "2032-02-01"],
        ["2025-09-01"],
        ["1999-01-01"] * 40,
        ["1990-01-01", "2042-06-25"],
        ["2032-02-01", "2045-07-09", "2061-03-04", "2077-01-31"],
    ],
)
def test_a_few_rows_far_from_the_others_are_left_out_and_counted(astray):
    rows = log()
    last = rows[-1].split(",")[1]
    got = read(rows + [f"c{n % 40},{day},9.50" for n, day in enumerate(astray)])
    assert balanced(got.quality).rows_dropped == {"far_off_date": len(astray)}
    dates = got.to_pandas()["date"]
    assert (str(dates.min().date()), str(dates.max().date())) == (START.isoformat(), last)
    (notice,) = [each for each in got.quality.warnings if each.code == "FAR_OFF_DATES"]
    assert notice.startswith(f"{len(astray)} rows are dated far")
    assert f"line {len(rows) + 2} is dated {astray[0]}" in notice
    assert list(got.quality.rejected["reason"]) == ["far_off_date"] * len(astray)
    assert "GAPS_IN_TIME" not in codes(got.quality.warnings)


@pytest.mark.parametrize("day", ["1970-01-01", "1900-01-01", "0001-01-01", "9999-12-31"])
def test_placeholders_no_shop_can_mean_are_left_out_too(day):
    got = read([*log(), *[f"c1,{day},9.50"] * 5])
    assert balanced(got.quality).rows_dropped == {"implausible_date": 5}
    assert got.to_pandas()["date"].min().date() == START


@pytest.mark.parametrize(
    "rows",
    [
        log(200, start=dt.date(2010, 1, 1)) + log(),  # open, long shut, open again
        log(30, every=1, start=dt.date(2018, 1, 1)) + log(3000, every=1),  # a short first try
        log(4000, every=90, customers=9),  # an order in three months
        log(20, every=1) + log(20, every=1, start=dt.date(2024, 6, 1)),  # too little to tell
        [f"c{n},{2016 + n % 8}-11-{20 + n % 9},5.50" for n in range(300)],  # once a year
        log(600) + log(1200, every=300, start=dt.date(2025, 1, 1)) * 10,  # slowly fading
    ],
)
def test_a_log_that_truly_spans_keeps_every_row(rows):
    got = read(rows)
    assert got.quality.rows_used == len(rows)
    assert "FAR_OFF_DATES" not in codes(got.quality.warnings)


def test_who_states_the_first_and_the_last_day_is_believed():
    rows = [*log(), "c1,2042-06-25,9.50", "c2,1995-06-25,9.50"]
    kept = read(rows, last_date="2042-12-31", first_date="1995-01-01")
    assert kept.quality.rows_used == len(rows)
    one = read(rows, last_date="2042-12-31")
    assert one.quality.rows_dropped == {"far_off_date": 1}
    assert str(one.to_pandas()["date"].max().date()) == "2042-06-25"


def test_no_honest_log_of_any_pace_loses_a_row():
    draw = np.random.default_rng(7)
    for pace in (0.02, 0.1, 0.5, 3.0):
        for _ in range(25):
            days = np.cumsum(draw.exponential(1 / pace, 200)).astype(int)
            days = days[days < 12_000]
            rows = [f"c{n % 30},{START + dt.timedelta(days=int(d))},5.50"
                    for n, d in enumerate(days)]  # fmt: skip
            assert read(rows).quality.rows_used == len(rows)
