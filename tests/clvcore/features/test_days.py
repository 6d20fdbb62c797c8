"""Lines become numbers, numbers become purchase days, and nothing is lost on the way."""

from __future__ import annotations

import datetime as dt
import gc
import weakref

import numpy as np
import pandas as pd
import pytest

import clvcore as clv
from clvcore.features import take_outcome, take_snapshot
from clvcore.features.days import DECIMALS, PurchaseDays, money_scale
from clvcore.features.numbered_lines import coded, day_number, day_of
from clvcore.features.snapshot import known_lines

MAPPING = {
    "customer_id": "customer_id", "date": "date", "amount": "amount", "order_id": "order_id",
    "attributes": ("channel",),
}  # fmt: skip
DAY_0 = pd.Timestamp("2023-01-01")


def read(rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "date", "amount", "order_id", "channel"])
    return clv.read_transactions(frame.assign(date=pd.to_datetime(frame["date"])), mapping=MAPPING)


def random_rows(seed, count=300):
    draw = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "customer_id": draw.choice(["zoë", "ann", "Bob", "007", "NA"], count),
            "date": DAY_0 + pd.to_timedelta(draw.integers(0, 200, count), unit="D"),
            "amount": draw.integers(-2_000, 9_000, count) / 100,
            "order_id": draw.choice(np.array(["a", "b", "c", "d", None], dtype=object), count),
            "channel": draw.choice(np.array(["mail", "search", None], dtype=object), count),
        }
    )
    return rows.assign(order_id=rows["customer_id"] + rows["order_id"])


def days_of(transactions):
    lines = coded(transactions)
    return PurchaseDays.of(lines.select(lines.kept))


# --- lines ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_numbered_lines_say_what_the_table_says(seed):
    transactions = clv.read_transactions(random_rows(seed), mapping=MAPPING)
    lines, channel = coded(transactions), coded(transactions).attributes["channel"]
    said = pd.DataFrame(
        {
            "customer_id": lines.ids.take(lines.customer).to_pandas(),
            "date": lines.date,
            "amount": lines.amount,
            "purchase_date": lines.purchase_day,
            "kept": lines.kept,
            "channel": [[*channel.levels.to_pylist(), None][k] for k in channel.number],
        }
    )
    table = transactions.lines.to_pandas()
    for name in ("date", "purchase_date"):
        table[name] = [day_number(day) for day in table[name]]
    by = ["customer_id", "date", "amount", "purchase_date", "kept", "channel"]
    left, right = (t[by].sort_values(by).to_numpy().tolist() for t in (said, table))
    assert str(left) == str(right)
    assert lines.ids.to_pylist() == sorted(table["customer_id"].unique())


def test_a_log_is_numbered_once_and_forgotten_with_it():
    transactions = read([("ann", "2023-01-01", 1.0, "a", "mail")])
    assert coded(transactions) is coded(transactions)
    forgotten = weakref.ref(coded(transactions))
    del transactions
    gc.collect()
    assert forgotten() is None


def test_lines_without_order_ids_or_of_order_ids_only_by_half():
    half = read([("ann", "2023-01-01", 1.0, "a", "x"), ("ann", "2023-01-01", 1.0, None, "x")])
    assert sorted(coded(half).order) == [-1, 0]
    assert (coded(clv.read_transactions(half.to_pandas())).order == -1).sum() == 1
    bare = half.to_pandas().drop(columns=["order_id", "channel"])
    assert (coded(clv.read_transactions(bare)).order == -1).all()


def test_an_earlier_day_knows_fewer_lines_and_nets_them_again():
    log = read(
        [
            ("ann", "2023-01-01", 50.0, "a", "x"),
            ("ann", "2023-01-03", 20.0, "b", "x"),
            ("ann", "2023-02-01", -50.0, "a", "x"),
        ]
    )
    assert known_lines(log, log.last_day).kept.tolist() == [False, True, False]
    before = known_lines(log, dt.date(2023, 1, 31))
    assert before.kept.tolist() == [True, True]
    assert [day_of(number).day for number in before.purchase_day] == [1, 3]


# --- days ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_days_add_up_the_lines_that_count(seed):
    transactions = clv.read_transactions(random_rows(seed), mapping=MAPPING)
    lines = transactions.lines.to_pandas()
    kept = lines[lines["kept"]]
    expected = kept.groupby(["customer_id", "purchase_date"]).agg(
        amount=("amount", "sum"),
        returned=("amount", lambda a: -a[a < 0].sum()),
        orders=("order_id", "nunique"),
    )
    days = days_of(transactions)
    ids = coded(transactions).ids.take(days.customers).to_pylist()
    who, when = expected.index.get_level_values(0), expected.index.get_level_values(1)
    assert [ids[k] for k in days.customer] == list(who)
    assert [day_of(number) for number in days.day] == list(when)
    assert days.units / days.scale == pytest.approx(expected["amount"].to_numpy())
    assert days.returned / days.scale == pytest.approx(expected["returned"].to_numpy())
    assert days.orders.tolist() == expected["orders"].tolist()


def test_a_refund_joins_the_day_of_its_order_however_many_days_lie_between():
    log = read(
        [
            ("ann", "2023-01-01", 50.0, "a", "x"),
            ("ann", "2023-01-01", 30.0, "b", "x"),
            ("ann", "2023-01-05", 20.0, "c", "x"),
            ("ann", "2023-02-01", -10.0, "a", "x"),
            ("bob", "2023-01-02", 5.0, "d", "x"),
        ]
    )
    days = days_of(log)
    assert (days.units / days.scale).tolist() == [70.0, 20.0, 5.0]
    assert (days.returned / days.scale).tolist() == [10.0, 0.0, 0.0]
    assert days.orders.tolist() == [2, 1, 1]


@pytest.mark.parametrize(
    ("amounts", "scale"),
    [
        ([10.25, -3.1234], DECIMALS),
        ([1 / 3], 2.0**52),
        ([100 / 3, 0.0], 2.0**45),
        ([0.0], DECIMALS),
    ],
)
def test_money_is_counted_in_units_that_are_exact_or_as_fine_as_they_come(amounts, scale):
    assert money_scale(np.array(amounts)) == scale


def test_a_guest_account_with_more_money_than_64_bits_hold_is_summed_all_the_same():
    """Thirds need 50 bits a line, and everybody without a login shops as one customer."""
    count, third = 20_000, 100 / 3
    day = pd.Timestamp("2023-01-01")
    guest = pd.DataFrame({"customer_id": "guest", "date": day, "amount": [third] * count})
    later = guest.assign(date=day + pd.Timedelta(days=30))
    log = clv.read_transactions(pd.concat([guest, later]))
    before = take_snapshot(log, as_of=dt.date(2023, 1, 15))
    after = take_outcome(log, before, end=log.last_day)
    for total in (
        before.customers["revenue_to_date"],
        before.purchases["amount"],
        after.customers["revenue"],
    ):
        assert total.tolist() == pytest.approx([third * count], rel=1e-12)


def test_newcomers_are_summed_exactly_in_any_order_of_rows():
    cents = [0.1] * 10 + [1e9, 0.07, 123_456.78]
    rows = [(f"new{k}", "2023-02-01", cents[k], "a", "x") for k in range(len(cents))]
    rows.append(("ann", "2023-01-01", 1.0, "a", "x"))
    totals = set()
    for order in (rows, rows[::-1], rows[5:] + rows[:5]):
        log = read(order)
        snapshot = take_snapshot(log, as_of=dt.date(2023, 1, 15))
        totals.add(take_outcome(log, snapshot, end=log.last_day).newcomer_revenue)
    assert totals == {1_000_123_457.85}
