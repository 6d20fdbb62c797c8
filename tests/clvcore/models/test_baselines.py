"""The forecasts anybody could make, computed by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import clvcore as clv
from clvcore.features import cohort_labels, take_outcome, take_snapshot
from clvcore.models.baselines import BASELINES, cohort_mean, last_window, past_rate, zero

ROWS = [
    ("ann", "2023-01-01", 100.0),
    ("ann", "2023-04-10", 50.0),
    ("bob", "2023-01-01", 30.0),
    ("cyd", "2023-04-01", 70.0),
    ("dan", "2023-04-10", 8.0),
]
AS_OF = dt.date(2023, 4, 10)  # day 99 of the log: 100 days are known


@pytest.fixture(scope="module")
def snapshot():
    frame = pd.DataFrame(ROWS, columns=["customer_id", "date", "amount"])
    return take_snapshot(clv.read_transactions(frame), as_of=AS_OF)


@pytest.fixture(scope="module")
def labels(snapshot):
    return cohort_labels(snapshot, "quarter")


def test_zero_expects_nothing(snapshot, labels):
    assert zero(snapshot, 30, labels).tolist() == [0.0, 0.0, 0.0, 0.0]


def test_last_window_repeats_the_last_days_and_counts_as_of_among_them(snapshot, labels):
    assert last_window(snapshot, 1, labels).tolist() == [50.0, 0.0, 0.0, 8.0]
    # 2023-04-01 is the first of the last ten days
    assert last_window(snapshot, 9, labels).tolist() == [50.0, 0.0, 0.0, 8.0]
    assert last_window(snapshot, 10, labels).tolist() == [50.0, 0.0, 70.0, 8.0]


def test_last_window_stretches_a_log_shorter_than_the_horizon(snapshot, labels):
    assert last_window(snapshot, 100, labels).tolist() == [150.0, 30.0, 70.0, 8.0]
    assert last_window(snapshot, 250, labels) == pytest.approx([375.0, 75.0, 175.0, 20.0])


def test_past_rate_counts_from_the_first_purchase_and_thirty_days_at_least(snapshot, labels):
    expected = [150 / 99 * 60, 30 / 99 * 60, 70 / 30 * 60, 8 / 30 * 60]
    assert past_rate(snapshot, 60, labels) == pytest.approx(expected)


def test_cohort_mean_gives_a_cohort_one_rate(snapshot, labels):
    first, second = 180 / (99 + 99) * 60, 78 / (30 + 30) * 60
    assert cohort_mean(snapshot, 60, labels) == pytest.approx([first, first, second, second])


def test_labels_of_other_customers_are_refused(snapshot, labels):
    with pytest.raises(clv.DataError) as refused:
        cohort_mean(snapshot, 60, labels.iloc[::-1])
    assert refused.value.code == "LABELS_OF_OTHERS"


@pytest.mark.parametrize("name", [n for n in BASELINES if n != "zero"])
def test_an_empty_horizon_is_refused(snapshot, labels, name):
    with pytest.raises(clv.DataError) as refused:
        BASELINES[name](snapshot, 0, labels)
    assert refused.value.code == "HORIZON_EMPTY"


@pytest.mark.parametrize("name", list(BASELINES))
@pytest.mark.parametrize("cohort_by", ["month", "country", None])
def test_any_log_gets_finite_revenue_for_every_customer(shop, name, cohort_by):
    snapshot = take_snapshot(shop, as_of=dt.date(2024, 6, 30))
    before = snapshot.customers.copy()
    labels = cohort_labels(snapshot, cohort_by)
    short, long = (BASELINES[name](snapshot, days, labels) for days in (30, 365))
    assert short.shape == long.shape == (len(snapshot.customers),)
    assert short.dtype == np.float64
    assert np.isfinite(long).all()
    assert (short >= 0).all()
    assert (long >= short).all()
    pd.testing.assert_frame_equal(snapshot.customers, before)


def test_the_last_window_is_what_its_outcome_was(shop):
    """Looking back from a day and forward to it from a window earlier sees the same money."""
    end, days = dt.date(2024, 6, 30), 90
    now = take_snapshot(shop, as_of=end)
    spent = pd.Series(last_window(now, days, cohort_labels(now, None)), index=now.customers.index)
    before = take_snapshot(shop, as_of=end - dt.timedelta(days=days))
    outcome = take_outcome(shop, before, end=end)
    both = outcome.customers.index.intersection(spent.index)
    assert spent[both].to_numpy() == pytest.approx(outcome.customers.loc[both, "revenue"])
    everyone = outcome.customers["revenue"].sum() + outcome.newcomer_revenue
    assert spent.sum() == pytest.approx(everyone)
