"""What orders can carry follows the rules of the forecast, and says why where it is less."""

import datetime as dt

import pytest

from clvcore.backtest.capacity import capacity
from clvcore.ingest import read_transactions
from clvcore.members.past import Past, label_window
from clvcore.records.horizon import MEAN_MONTH_DAYS
from clvcore.sample import sample_orders

START = dt.date(2022, 1, 1)


def orders(days, customers, every):
    """Each customer buys every so many days, shifted by one day each."""
    rows = [
        f"c{who},{START + dt.timedelta(days=day)},10.50"
        for who in range(customers)
        for day in range(who % 5, days + 1, every)
    ]
    return read_transactions("\n".join(["customer_id,date,amount", *rows]).encode())


def codes(found):
    return [notice.code for notice in found.findings()]


def test_a_long_log_carries_everything():
    found = capacity(orders(1100, 150, 50))
    assert codes(found) == ["CARRIES_HORIZON", "CARRIES_SEASONS", "CARRIES_TREES"]
    assert found.longest_months == 22
    assert found.past_buyers == 150


def test_a_short_log_says_what_it_lacks():
    found = capacity(orders(80, 150, 20))
    assert codes(found) == ["CARRIES_NO_CHECK", "CARRIES_NO_SEASON", "CARRIES_NO_TREES"]
    assert (found.longest_months, found.past_buyers) == (0, 0)


def test_few_customers_carry_neither_a_check_nor_trees():
    assert codes(capacity(orders(1100, 40, 50)))[0::2] == ["CARRIES_NO_CHECK", "CARRIES_NO_TREES"]


def test_a_season_seen_once_is_told_from_one_not_seen():
    assert codes(capacity(orders(650, 60, 50)))[1] == "CARRIES_ONE_SEASON"
    assert codes(capacity(orders(200, 60, 50)))[1] == "CARRIES_NO_SEASON"


@pytest.fixture(scope="module")
def shop():
    return read_transactions(sample_orders(600))


def test_the_longest_horizon_is_the_last_that_the_backtest_measures_in_full(shop):
    found, bench = capacity(shop), Past(shop, as_of=shop.last_day)
    history = bench.history(shop.last_day)

    def measured(months):
        days = round(months * MEAN_MONTH_DAYS)
        window = label_window(history, days)
        return window == days and bool(bench.training_days(shop.last_day, window))

    assert found.history_days == history
    assert measured(found.longest_months)
    assert not measured(found.longest_months + 1)


def test_the_buyers_are_those_trees_would_learn_from(shop):
    bench = Past(shop, as_of=shop.last_day)
    window = label_window(bench.history(shop.last_day), 365)
    (day,) = bench.training_days(shop.last_day, window)
    bought = int((bench.outcome(day, window).customers["purchases"] > 0).sum())
    assert capacity(shop).past_buyers == bought
