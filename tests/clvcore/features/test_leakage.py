"""The future stays out: each way in which a backtest commonly cheats, tried and refused.

The future of a log is replaced by markers nobody could overlook, and nothing known at ``as_of``
may change. Then the leaks themselves are planted, to show that they would be seen.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pandas.testing import assert_frame_equal

import clvcore as clv
from clvcore.features import cohort_labels, snapshot, take_outcome, take_snapshot
from clvcore.features.numbered_lines import coded, day_number
from clvcore.members.published import available, create
from clvcore.models.baselines import BASELINES

AS_OF = dt.date(2024, 3, 31)
END = AS_OF + dt.timedelta(days=180)
MARKER, MARKED_AMOUNT = "MARKER", 1e6
MAPPING = {
    "customer_id": "customer_id", "date": "date", "amount": "amount", "order_id": "order_id",
    "attributes": ("channel",),
}  # fmt: skip


def read(rows):
    return clv.read_transactions(rows, mapping=MAPPING)


def orders(*rows):
    columns = ["customer_id", "date", "amount", "order_id", "channel"]
    frame = pd.DataFrame(rows, columns=columns)
    return read(frame.assign(date=pd.to_datetime(frame["date"])))


@pytest.fixture(scope="module")
def known(shop):
    """The rows of the shop up to ``AS_OF``, those of returns included."""
    lines = shop.lines.select(["customer_id", "date", "amount", "order_id", "channel"]).to_pandas()
    lines["date"] = pd.to_datetime(lines["date"])
    return lines[lines["date"] <= pd.Timestamp(AS_OF)].reset_index(drop=True)


@pytest.fixture(scope="module")
def marked(known):
    """The same rows, and a future in which everything is turned over.

    Every second order is refunded in full, everybody buys for a million in another channel,
    strangers join, and the log runs on for a year.
    """
    bought = known[known["amount"] > 0]
    tomorrow = pd.Timestamp(AS_OF) + pd.Timedelta(days=1)
    refunds = bought.iloc[::2].assign(date=tomorrow, amount=-bought["amount"].iloc[::2])
    everybody = bought.drop_duplicates("customer_id")
    spree = everybody.assign(
        date=tomorrow + pd.Timedelta(days=1),
        amount=MARKED_AMOUNT,
        order_id=MARKER + everybody["order_id"],
        channel=MARKER,
    )
    strangers = spree.assign(
        date=pd.Timestamp(AS_OF) + pd.Timedelta(days=365),
        customer_id=MARKER + spree["customer_id"],
    )
    return pd.concat([known, refunds, spree, strangers], ignore_index=True)


def differing(left, right):
    """Names of the frames and columns in which two snapshots differ at all."""
    found = [] if left.customers.index.equals(right.customers.index) else ["index"]
    if not left.purchases.equals(right.purchases):
        found.append("purchases")
    if not found or found == ["purchases"]:
        columns = left.customers.columns
        found += [c for c in columns if not left.customers[c].equals(right.customers[c])]
    return found


# --- what is known at as_of ---------------------------------------------------------------------


def test_no_marker_of_the_future_reaches_a_snapshot(known, marked):
    seen = take_snapshot(read(marked), as_of=AS_OF)
    assert differing(seen, take_snapshot(read(known), as_of=AS_OF)) == []
    assert not seen.customers.index.str.contains(MARKER).any()
    assert not seen.customers["channel"].str.contains(MARKER).any()
    assert seen.customers["revenue_to_date"].max() < MARKED_AMOUNT
    assert seen.purchases["day"].max() <= seen.history_days
    assert (seen.customers["last_purchase"] <= pd.Timestamp(AS_OF)).all()


def test_no_marker_of_the_future_reaches_a_run(known, marked):
    config = clv.ForecastConfig(as_of=AS_OF, horizon_months=6, cohort_by="channel")
    blind, seeing = (clv.forecast(read(rows), config) for rows in (known, marked))
    for name in ("customers", "totals", "cohorts", "timeline", "leaderboard", "weights"):
        assert_frame_equal(getattr(seeing, name), getattr(blind, name), check_exact=True)
    # thresholds of groups and fitted parameters come from the same rows
    assert seeing.cutoffs == blind.cutoffs
    assert (seeing.model, seeing.parameters) == (blind.model, blind.parameters)
    assert seeing.log_likelihood == blind.log_likelihood
    assert [n.code for n in seeing.warnings] == [n.code for n in blind.warnings]


@pytest.mark.parametrize("model", available())
def test_no_parameter_is_fitted_with_later_orders(known, marked, model):
    fits = [create(model).fit(take_snapshot(read(rows), as_of=AS_OF)) for rows in (known, marked)]
    assert fits[0].parameters == fits[1].parameters


@pytest.mark.parametrize("baseline", list(BASELINES))
def test_no_baseline_looks_ahead(known, marked, baseline):
    expected = []
    for rows in (known, marked):
        seen = take_snapshot(read(rows), as_of=AS_OF)
        expected.append(BASELINES[baseline](seen, 365, cohort_labels(seen, "channel")))
    assert np.array_equal(*expected)


def test_age_ends_on_as_of_and_not_with_the_log(marked):
    customers = take_snapshot(read(marked), as_of=AS_OF).customers
    age = (pd.Timestamp(AS_OF) - customers["first_purchase"]).dt.days
    assert (customers["T"] == age).all()
    assert (customers["recency"] + customers["days_since_last"] == customers["T"]).all()


def test_age_runs_on_through_a_silence_that_is_known(known):
    later = AS_OF + dt.timedelta(days=90)
    silent = take_snapshot(read(known), as_of=later).customers
    now = take_snapshot(read(known), as_of=AS_OF).customers
    assert (silent["T"] == now["T"] + 90).all()
    assert (silent["frequency"] == now["frequency"]).all()


def test_an_attribute_is_the_one_a_customer_came_with():
    log = orders(
        ("ann", "2024-01-01", 10.0, "a", "email"),
        ("ann", "2024-02-01", 10.0, "b", "paid_search"),
        ("ann", "2024-05-01", 10.0, "c", MARKER),
    )
    for as_of in ("2024-01-01", "2024-03-01", "2024-06-01"):
        seen = take_snapshot(log, as_of=dt.date.fromisoformat(as_of))
        assert cohort_labels(seen, "channel").to_dict() == {"ann": "email"}


def test_lines_and_orders_of_one_day_do_not_inflate_the_count_of_purchases(known):
    once = take_snapshot(read(known), as_of=AS_OF).customers
    twice = take_snapshot(read(pd.concat([known, known])), as_of=AS_OF).customers
    days = ["frequency", "recency", "T", "n_orders", "days_since_last"]
    assert_frame_equal(twice[days], once[days])


def test_one_time_buyers_and_long_gone_customers_stay(known):
    sales = known[known["amount"] >= 0]
    customers = take_snapshot(read(sales), as_of=AS_OF).customers
    assert (customers["frequency"] == 0).any()
    assert (customers["days_since_last"] > 365).any()
    assert set(customers.index) == set(sales["customer_id"])


def test_the_order_of_rows_changes_nothing_before_or_after(marked):
    seen, outcome = [], []
    for rows in (marked, marked.sample(frac=1, random_state=11), marked.iloc[::-1]):
        log = read(rows)
        seen.append(take_snapshot(log, as_of=AS_OF))
        outcome.append(take_outcome(log, seen[-1], end=END))
    for other, then in zip(seen[1:], outcome[1:], strict=True):
        assert differing(seen[0], other) == []
        assert_frame_equal(outcome[0].customers, then.customers, rtol=1e-12)


# --- what happened after it ---------------------------------------------------------------------


def test_an_outcome_begins_after_as_of_and_holds_its_last_day():
    log = orders(
        ("ann", "2024-01-01", 1.0, "a", "email"),
        ("ann", "2024-01-31", 2.0, "b", "email"),
        ("ann", "2024-02-01", 4.0, "c", "email"),
        ("ann", "2024-02-29", 8.0, "d", "email"),
        ("ann", "2024-03-01", 16.0, "e", "email"),
    )
    seen = take_snapshot(log, as_of=dt.date(2024, 1, 31))
    outcome = take_outcome(log, seen, end=dt.date(2024, 2, 29))
    assert seen.customers.loc["ann", "revenue_to_date"] == 3.0
    assert outcome.customers.loc["ann"].to_dict() == {"revenue": 12.0, "purchases": 2}


def test_an_outcome_keeps_everyone_and_sets_newcomers_apart(shop):
    seen = take_snapshot(shop, as_of=AS_OF)
    outcome = take_outcome(shop, seen, end=END)
    assert outcome.customers.index.equals(seen.customers.index)
    silent = outcome.customers["purchases"] == 0
    assert silent.mean() > 0.3
    assert (outcome.customers.loc[silent, "revenue"] == 0).all()
    assert outcome.newcomer_revenue > 0


def test_windows_side_by_side_count_no_purchase_twice(known):
    log = read(known)
    start, middle = dt.date(2023, 9, 30), dt.date(2023, 12, 31)
    seen = take_snapshot(log, as_of=start)
    first = take_outcome(log, seen, end=middle).customers
    whole = take_outcome(log, seen, end=AS_OF).customers
    second = take_outcome(log, take_snapshot(log, as_of=middle), end=AS_OF).customers
    followed = second.reindex(seen.customers.index).fillna(0.0)
    # a refund that arrives later may still take a purchase of the first window back
    refunded = set(known.loc[known["amount"] < 0, "customer_id"])
    calm = [c for c in seen.customers.index if c not in refunded]
    added = first.loc[calm] + followed.loc[calm]
    assert_frame_equal(added, whole.loc[calm], check_dtype=False)


@pytest.mark.parametrize("beyond", [1, 30, 365])
def test_a_window_that_the_log_does_not_fill_is_no_outcome(known, beyond):
    log = read(known)
    seen = take_snapshot(log, as_of=dt.date(2023, 12, 31))
    take_outcome(log, seen, end=log.last_day)
    with pytest.raises(clv.DataError) as refused:
        take_outcome(log, seen, end=log.last_day + dt.timedelta(days=beyond))
    assert refused.value.code == "OUTCOME_INCOMPLETE"


def test_a_known_silence_is_no_outcome_either(known):
    """``as_of`` may lie after the log, but then nothing is known of what follows."""
    log = read(known)
    seen = take_snapshot(log, as_of=log.last_day + dt.timedelta(days=30))
    with pytest.raises(clv.DataError):
        take_outcome(log, seen, end=seen.as_of + dt.timedelta(days=1))


def test_a_refund_counts_from_the_day_it_is_known_on_either_side_of_the_cut():
    log = orders(
        ("ann", "2024-01-10", 100.0, "before", "email"),
        ("ann", "2024-02-10", 60.0, "within", "email"),
        ("ann", "2024-02-20", -100.0, "before", "email"),
        ("ann", "2024-02-25", -20.0, "within", "email"),
        ("ann", "2024-04-01", -40.0, "within", "email"),
        ("bob", "2024-01-10", 5.0, "other", "email"),
    )
    seen = take_snapshot(log, as_of=dt.date(2024, 1, 31))
    assert seen.customers.loc["ann", "revenue_to_date"] == 100.0
    outcome = take_outcome(log, seen, end=dt.date(2024, 3, 31)).customers
    # the refund of an order from before the cut belongs to that order, not to the window; the one
    # made after the window was not known at its end
    assert outcome.loc["ann"].to_dict() == {"revenue": 40.0, "purchases": 1}
    later = take_snapshot(log, as_of=dt.date(2024, 4, 1)).customers
    assert "ann" not in later.index


# --- leaks, planted -----------------------------------------------------------------------------


def no_cut(monkeypatch, log):
    monkeypatch.setattr(snapshot, "known_lines", lambda transactions, _day: coded(transactions))


def refunds_by_hindsight(monkeypatch, log):
    def cut(transactions, day):
        lines = coded(transactions)
        return lines.select(lines.date <= day_number(day))

    monkeypatch.setattr(snapshot, "known_lines", cut)


def age_to_the_end_of_the_log(monkeypatch, log):
    honest = snapshot._customers
    last = log.last_day
    monkeypatch.setattr(snapshot, "_customers", lambda days, _day, *rest: honest(days, last, *rest))


def attributes_of_today(monkeypatch, log):
    rows = log.lines.select(["customer_id", "date", "channel"]).to_pandas()
    latest = rows.sort_values("date").groupby("customer_id")["channel"].last().astype("str")
    monkeypatch.setattr(snapshot, "_first_attribute", lambda _lines, _name: latest)


def attributes_at_the_last_purchase_known(monkeypatch, log):
    def last(lines, name):
        column = lines.attributes[name]
        rows = pd.DataFrame({"customer_id": lines.customer, "date": lines.date})
        rows[name] = column.levels.take(pa.array(column.number)).to_pandas()
        latest = rows.sort_values("date").groupby("customer_id")[name].last().astype("str")
        return latest.array

    monkeypatch.setattr(snapshot, "_first_attribute", last)


def only_survivors(monkeypatch, log):
    honest = snapshot.known_lines
    everything = coded(log)
    alive = everything.customer[everything.date > day_number(AS_OF)]

    def cut(transactions, day):
        lines = honest(transactions, day)
        return lines.select(np.isin(lines.customer, alive))

    monkeypatch.setattr(snapshot, "known_lines", cut)


@pytest.mark.parametrize(
    ("plant", "given_away_by"),
    [
        (no_cut, "index"),
        (refunds_by_hindsight, "index"),
        (age_to_the_end_of_the_log, "T"),
        (attributes_of_today, "channel"),
    ],
)
def test_a_planted_leak_is_seen(known, marked, monkeypatch, plant, given_away_by):
    honest = take_snapshot(read(known), as_of=AS_OF)
    log = read(marked)
    plant(monkeypatch, log)
    assert given_away_by in differing(take_snapshot(log, as_of=AS_OF), honest)


def test_planted_survivorship_is_seen(shop, monkeypatch):
    everyone = take_snapshot(shop, as_of=AS_OF)
    only_survivors(monkeypatch, shop)
    survivors = take_snapshot(shop, as_of=AS_OF)
    assert differing(survivors, everyone) == ["index", "purchases"]
    assert len(survivors.customers) < len(everyone.customers)


def test_a_planted_attribute_of_the_last_purchase_is_seen(monkeypatch):
    log = orders(
        ("ann", "2024-01-01", 10.0, "a", "email"), ("ann", "2024-02-01", 10.0, "b", "organic")
    )
    honest = take_snapshot(log)
    attributes_at_the_last_purchase_known(monkeypatch, log)
    assert differing(take_snapshot(log), honest) == ["channel"]
