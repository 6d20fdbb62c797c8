"""Two units of money in one log are said with the day, both levels and their ratio."""

import datetime as dt

import numpy as np
import pytest
from tables import orders

from clvcore.ingest import read_transactions

START = dt.date(2023, 1, 1)
DAYS = 500


def shop(factor, seed=3, rows=1500, customers=120, spread=0.5):
    """Orders whose amount is multiplied by ``factor(day)``."""
    draw = np.random.default_rng(seed)
    days = np.sort(draw.integers(0, DAYS, rows))
    usual = draw.gamma(6, 8, customers)
    who = draw.integers(0, customers, rows)
    amounts = usual[who] * np.exp(draw.normal(0, spread, rows))
    return [
        f"c{c},{START + dt.timedelta(days=int(d))},{a * factor(int(d), int(c)):.2f}"
        for c, d, a in zip(who, days, amounts, strict=True)
    ]


def notice(rows):
    warnings = read_transactions(orders(*rows)).quality.warnings
    return next((each for each in warnings if each.code == "TWO_UNITS_OF_MONEY"), None)


@pytest.mark.parametrize(
    ("factor", "ratio", "change"),
    [
        (lambda day, _: 100 if day < 220 else 1, 100, 220),
        (lambda day, _: 1 if day < 310 else 100, 100, 310),
        (lambda day, _: 1 if day < 181 else 0.001, 1000, 181),
        (lambda day, _: 100 if 150 <= day < 290 else 1, 100, 150),
        (lambda day, _: 1000 if day < 75 else 1, 1000, 75),
    ],
)
def test_a_change_of_unit_is_said_with_its_day_levels_and_ratio(factor, ratio, change):
    said = notice(shop(factor))
    assert said is not None
    values = said.__dict__["values"]
    assert values["ratio"] == pytest.approx(ratio, rel=0.3)
    assert values["high"] / values["low"] == pytest.approx(values["ratio"])
    day = dt.date.fromisoformat(values["day"])
    assert abs((day - START).days - change) <= 1
    assert str(day) in said


@pytest.mark.parametrize(
    "factor",
    [
        lambda _day, _who: 1,
        lambda day, _: 1.25 if day > 250 else 1,  # dearer
        lambda day, _: 10 if day > 250 else 1,  # wholesale
        lambda day, _: 1.01**day,  # inflation of 100 in the log
        lambda _day, who: 100 if who % 2 else 1,  # small and large customers
        lambda _day, who: 100 if who >= 60 else 1,
        lambda day, _: 100 if day % 7 == 0 else 1,  # machines beside parts
    ],
)
def test_sound_shops_raise_no_alarm(factor):
    for seed in range(4):
        assert notice(shop(factor, seed=seed)) is None


def test_new_customers_of_another_kind_are_no_change_of_unit():
    small = shop(lambda _day, _who: 1)
    large = [row.replace("c", "k", 1) for row in shop(lambda _day, _who: 100, seed=9)]
    later = [row.replace("2024-", "2026-").replace("2023-", "2025-") for row in large]
    assert notice(small + later) is None


def test_heavy_tails_are_no_change_of_unit():
    for seed in range(6):
        assert notice(shop(lambda _day, _who: 1, seed=seed, rows=300, spread=1.5)) is None
