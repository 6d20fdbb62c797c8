"""The feature table means the same whatever the rows look like, and never sees the future."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import clvcore as clv
from clvcore.features import ledger, take_outcome, take_snapshot

MAPPING = {"customer_id": "customer_id", "date": "date", "amount": "amount", "order_id": "order_id"}
DAY_0 = dt.date(2023, 1, 1)
AS_OF = dt.date(2023, 7, 1)
MONEY = [
    "monetary_value", "revenue_to_date", "first_amount", "last_amount", "max_amount",
    "recent_mean_amount", "spend_30", "spend_90", "spend_180", "spend_365",
]  # fmt: skip
NOT_SCALED = ["mean_log_amount", "returned_share"]

order_lines = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob", "cyd", "007", "NA 1"]),
        st.integers(0, 364),
        st.integers(-5_000, 20_000).map(lambda cents: cents / 100),
        st.sampled_from(["o1", "o2", "o3", "o4", "o5", "o6"]),
    ),
    min_size=1,
    max_size=40,
)


def table(lines):
    frame = pd.DataFrame(lines, columns=["customer_id", "day", "amount", "order_id"])
    frame["date"] = [DAY_0 + dt.timedelta(days=day) for day in frame.pop("day")]
    # one purchase that is surely kept, so that every log can be read and looked at
    anchor = {"customer_id": "zoe", "amount": 10.0, "order_id": "z", "date": DAY_0}
    return pd.concat([frame, pd.DataFrame([anchor])], ignore_index=True)


def read(frame):
    return clv.read_transactions(frame, mapping=MAPPING)


def snapshot(frame, as_of=AS_OF):
    return take_snapshot(read(frame), as_of=as_of)


def same(left, right):
    assert_frame_equal(left.customers, right.customers, check_exact=True)
    assert_frame_equal(left.purchases, right.purchases, check_exact=True)


@settings(max_examples=60)
@given(order_lines)
def test_future_rows_change_nothing(lines):
    frame = table(lines)
    known = frame[frame["date"] <= AS_OF]
    same(snapshot(frame), snapshot(known))


@settings(max_examples=30)
@given(order_lines, st.randoms())
def test_the_order_of_rows_changes_nothing(lines, random):
    frame = table(lines)
    shuffled = frame.sample(frac=1, random_state=random.randint(0, 2**31))
    same(snapshot(frame), snapshot(shuffled))


@settings(max_examples=30)
@given(order_lines)
def test_renaming_customers_changes_only_names(lines):
    frame = table(lines)
    renamed = frame.assign(customer_id="x" + frame["customer_id"])
    left, right = snapshot(frame).customers, snapshot(renamed).customers
    assert list(right.index) == ["x" + name for name in left.index]
    assert_frame_equal(left.reset_index(drop=True), right.reset_index(drop=True))


@settings(max_examples=30)
@given(order_lines, st.sampled_from([1e-6, 0.01, 117.3, 1e6]))
def test_another_currency_scales_money_and_nothing_else(lines, rate):
    frame = table(lines)
    scaled = frame.assign(amount=frame["amount"] * rate)
    left, right = snapshot(frame).customers, snapshot(scaled).customers
    same = [name for name in left.columns if name not in (*MONEY, *NOT_SCALED)]
    assert_frame_equal(left[same], right[same])
    assert_frame_equal(left[MONEY] * rate, right[MONEY], rtol=1e-9, atol=1e-9 * rate)


@settings(max_examples=30)
@given(order_lines)
def test_every_row_and_every_cent_is_accounted_for_on_any_day(lines):
    transactions = read(table(lines))
    for as_of in (AS_OF, transactions.last_day):
        report = ledger(transactions, as_of=as_of)
        assert report.rows_in == report.rows_used + sum(report.rows_dropped.values())
        dropped = sum(report.amount_dropped.values())
        assert report.amount_in == pytest.approx(report.amount_used + dropped, abs=1e-7)
        customers = take_snapshot(transactions, as_of=as_of).customers
        assert len(customers) == report.customers_used


@settings(max_examples=30)
@given(order_lines)
def test_past_and_outcome_add_up_to_the_whole(lines):
    transactions = read(table(lines))
    end = transactions.last_day
    if end <= AS_OF:
        return
    # without refunds across the cut, nothing known at AS_OF is rewritten later
    if any(amount < 0 for _, _, amount, _ in lines):
        return
    before = take_snapshot(transactions, as_of=AS_OF)
    after = take_outcome(transactions, before, end=end)
    whole = take_snapshot(transactions, as_of=end).customers["revenue_to_date"].sum()
    past = before.customers["revenue_to_date"].sum()
    assert past + after.customers["revenue"].sum() + after.newcomer_revenue == pytest.approx(whole)


def lines_of(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "date", "amount", "order_id"])
    return frame.assign(date=pd.to_datetime(frame["date"]))


def test_lines_of_a_day_are_one_purchase_and_the_first_is_no_repeat():
    frame = lines_of(
        ("ann", "2023-01-01", 10.0, "a"),
        ("ann", "2023-01-01", 5.0, "b"),
        ("ann", "2023-01-11", 20.0, "c"),
        ("ann", "2023-01-31", 40.0, "d"),
    )
    ann = snapshot(frame, dt.date(2023, 2, 10)).customers.loc["ann"]
    assert (ann["frequency"], ann["recency"], ann["T"]) == (2, 30, 40)
    assert (ann["monetary_value"], ann["first_amount"]) == (30.0, 15.0)
    assert (ann["n_orders"], ann["days_since_last"]) == (4, 10)


def test_a_zero_amount_purchase_is_a_purchase():
    frame = lines_of(("ann", "2023-01-01", 10.0, "a"), ("ann", "2023-01-11", 0.0, "b"))
    assert snapshot(frame, dt.date(2023, 1, 11)).customers.loc["ann", "frequency"] == 1


def test_a_day_returned_in_full_is_no_purchase():
    frame = lines_of(
        ("ann", "2023-01-01", 10.0, "a"),
        ("ann", "2023-01-11", 30.30, "b"),
        ("ann", "2023-01-11", -10.10, "b"),
        ("ann", "2023-01-11", -20.20, "b"),
    )
    transactions = read(frame)
    assert take_snapshot(transactions).customers.loc["ann", "frequency"] == 0
    assert transactions.quality.rows_dropped == {"returned": 3}
    assert transactions.quality.amount_dropped["returned"] == pytest.approx(0.0, abs=1e-9)
    assert len(transactions.to_pandas()) == transactions.quality.rows_used


def test_a_later_refund_is_netted_only_where_the_order_links_it():
    frame = lines_of(
        ("ann", "2023-01-01", 100.0, "a"),
        ("ann", "2023-02-01", -40.0, "a"),
        ("bob", "2023-01-01", 100.0, "b"),
        ("bob", "2023-02-01", -40.0, "other"),
    )
    customers = snapshot(frame, dt.date(2023, 3, 1)).customers
    assert customers["revenue_to_date"].to_dict() == {"ann": 60.0, "bob": 100.0}


def test_a_refund_not_yet_made_does_not_reach_back():
    frame = lines_of(("ann", "2023-01-01", 100.0, "a"), ("ann", "2023-02-01", -100.0, "a"))
    frame = pd.concat([frame, lines_of(("bob", "2023-01-05", 1.0, "b"))])
    before = snapshot(frame, dt.date(2023, 1, 31)).customers
    after = snapshot(frame, dt.date(2023, 2, 1)).customers
    assert list(before.index) == ["ann", "bob"]
    assert list(after.index) == ["bob"]


def test_as_of_may_lie_after_the_log_but_not_before_it():
    frame = lines_of(("ann", "2023-01-01", 10.0, "a"))
    assert snapshot(frame, dt.date(2023, 1, 31)).customers.loc["ann", "T"] == 30
    with pytest.raises(clv.DataError, match="2022-12-31") as refused:
        snapshot(frame, dt.date(2022, 12, 31))
    assert refused.value.code == "AS_OF_TOO_EARLY"


def test_an_outcome_that_the_log_does_not_reach_is_refused():
    transactions = clv.read_transactions(lines_of(("ann", "2023-01-01", 10.0, "a")))
    with pytest.raises(clv.DataError) as refused:
        take_outcome(transactions, take_snapshot(transactions), end=dt.date(2023, 1, 2))
    assert refused.value.code == "OUTCOME_INCOMPLETE"


def test_a_planted_leak_is_noticed(shop):
    """A feature that looks at the whole log differs from the one that stops at ``as_of``."""
    as_of = dt.date(2024, 6, 30)
    honest = take_snapshot(shop, as_of=as_of).customers["days_since_last"]
    rows = shop.to_pandas()
    last_of_all = rows.groupby("customer_id")["date"].max().reindex(honest.index)
    leaking = (pd.Timestamp(as_of) - last_of_all).dt.days
    assert not np.array_equal(honest, leaking)
