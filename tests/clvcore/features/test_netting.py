"""Netting, against the same rules written out line by line."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest

from clvcore.features.netting import judge, net


def by_hand(customer, date, amount, order):
    """Follow the module's own words, one line after the other."""
    lines = range(len(customer))
    day = list(date)
    for line in lines:
        linked = [
            date[k]
            for k in lines
            if (customer[k], order[k]) == (customer[line], order[line]) and amount[k] >= 0
        ]
        if amount[line] < 0 <= order[line] and linked:
            day[line] = min(min(linked), date[line])
    kept = []
    for line in lines:
        sums = [amount[k] for k in lines if (customer[k], day[k]) == (customer[line], day[line])]
        kept.append(min(sums) >= 0 or math.fsum(sums) > 1e-9 * sum(map(abs, sums)))
    return day, kept


@pytest.mark.parametrize("seed", range(12))
def test_every_line_is_judged_as_by_hand(seed):
    draw = np.random.default_rng(seed)
    count = 120
    customer = draw.integers(0, 6, count).astype(np.int32)
    date = draw.integers(-20, 20, count).astype(np.int32)
    amount = draw.integers(-300, 900, count) / 100
    amount[customer == 3] = np.abs(amount[customer == 3])  # who never returns anything
    order = draw.integers(-1, 8, count).astype(np.int32)
    day, kept = judge(customer, date, amount, order)
    expected_day, expected_kept = by_hand(customer, date, amount, order)
    assert day.tolist() == expected_day
    assert kept.tolist() == expected_kept
    assert day.dtype == np.int32
    assert not kept.all()


def table(rows, **more):
    customers, days, amounts = zip(*rows, strict=True)
    dates = pa.array(days, pa.int32()).cast(pa.date32())
    return pa.table({"customer_id": customers, "date": dates, "amount": amounts, **more})


def test_rows_keep_their_order_and_columns():
    lines = table([("b", 1, 5.0), ("a", 2, 7.0), ("b", 9, -5.0)], order_id=["x", None, "x"])
    netted = net(lines)
    assert netted.select(lines.column_names).equals(lines)
    assert netted["purchase_date"].cast(pa.int32()).to_pylist() == [1, 2, 1]
    assert netted["kept"].to_pylist() == [False, True, False]
    assert net(netted).equals(netted)


def test_a_return_without_order_ids_stands_on_its_own_day():
    netted = net(table([("b", 1, 5.0), ("b", 9, -5.0)]))
    assert netted["purchase_date"].cast(pa.int32()).to_pylist() == [1, 9]
    assert netted["kept"].to_pylist() == [True, False]


def test_orders_of_two_customers_are_two_orders():
    lines = table([("a", 1, 5.0), ("b", 9, -5.0)], order_id=["x", "x"])
    assert net(lines)["purchase_date"].cast(pa.int32()).to_pylist() == [1, 9]


def test_without_returns_every_line_stays_where_it_is():
    netted = net(table([("a", 3, 0.0), ("b", 9, 5.0)]))
    assert netted["purchase_date"].equals(netted["date"])
    assert netted["kept"].to_pylist() == [True, True]
