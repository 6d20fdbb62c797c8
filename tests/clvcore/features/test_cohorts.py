"""The name of a cohort is the period or the attribute a customer came with."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest

import clvcore as clv
from clvcore.features import cohort_labels, take_snapshot


@pytest.fixture(scope="module")
def snapshot():
    """One customer a week, over three turns of the year."""
    days = pd.date_range("1998-11-01", "2001-03-01", freq="7D")
    rows = pd.DataFrame({"customer_id": [f"c{k:03d}" for k in range(len(days))], "date": days})
    return take_snapshot(clv.read_transactions(rows.assign(amount=1.0)))


@pytest.mark.parametrize(
    ("cohort_by", "spell"),
    [
        ("month", lambda day: f"{day:%Y-%m}"),
        ("quarter", lambda day: f"{day:%Y}-Q{day.quarter}"),
        ("year", lambda day: f"{day:%Y}"),
        (None, lambda _day: "all"),
    ],
)
def test_every_period_is_spelled_as_its_days_are(snapshot, cohort_by, spell):
    labels = cohort_labels(snapshot, cohort_by)
    assert labels.tolist() == [spell(day) for day in snapshot.customers["first_purchase"]]
    assert labels.index.equals(snapshot.customers.index)
    assert labels.dtype == "str"


@pytest.mark.parametrize("cohort_by", ["month", "quarter", "year", None])
def test_nobody_has_no_cohort(snapshot, cohort_by):
    nobody = replace(snapshot, customers=snapshot.customers.iloc[:0])
    assert cohort_labels(nobody, cohort_by).empty


def test_an_attribute_is_taken_as_it_is_and_another_name_is_refused(shop):
    seen = take_snapshot(shop, as_of=dt.date(2024, 3, 31))
    assert cohort_labels(seen, "channel").equals(seen.customers["channel"])
    with pytest.raises(clv.DataError, match="cohort_by is 'frequency'") as refused:
        cohort_labels(seen, "frequency")
    assert refused.value.code == "UNKNOWN_COHORT"
