"""The feature table, against the same words spelled out customer by customer."""

from __future__ import annotations

import datetime as dt
import math
from itertools import pairwise

import pandas as pd
import pytest

from clvcore.columns import SNAPSHOT_FEATURES
from clvcore.features import take_snapshot

DAYS = ["frequency", "recency", "T", "monetary_value", "revenue_to_date"]


def spelled_out(lines, as_of):
    """Return the features of one customer from his lines that count."""
    days = lines.groupby("purchase_date").agg(
        amount=("amount", "sum"),
        returned=("amount", lambda a: -a[a < 0].sum()),
        orders=("order_id", "nunique"),
    )
    amount = days["amount"].tolist()
    ago = [(as_of - day).days for day in days.index]
    gaps = [before - after for before, after in pairwise(ago)]
    weight = [round(1e6 * math.exp(-0.00385 * k)) + 1 for k in ago]
    mean_gap = sum(gaps) / len(gaps) if gaps else math.nan
    features = {
        "frequency": len(ago) - 1,
        "recency": ago[0] - ago[-1],
        "T": ago[0],
        "monetary_value": sum(amount[1:]) / len(gaps) if gaps else 0.0,
        "n_orders": max(days["orders"].sum(), len(ago)),
        "days_since_last": ago[-1],
        "revenue_to_date": sum(amount),
        "first_amount": amount[0],
        "last_amount": amount[-1],
        "max_amount": max(amount),
        "mean_log_amount": sum(math.log(max(a, 1e-9)) for a in amount) / len(amount),
        "recent_mean_amount": sum(map(math.prod, zip(amount, weight, strict=True))) / sum(weight),
        "gap_mean": mean_gap,
        "gap_spread": math.sqrt(sum((gap - mean_gap) ** 2 for gap in gaps) / len(gaps))
        if gaps
        else math.nan,
        "returned_share": days["returned"].sum() / (sum(amount) + days["returned"].sum() + 1e-4),
        "year_end_share": sum(day.month >= 11 for day in days.index) / len(ago),
    }
    for window in (30, 90, 180, 365):
        inside = [a for a, k in zip(amount, ago, strict=True) if k < window]
        features |= {f"purchases_{window}": len(inside), f"spend_{window}": sum(inside)}
    return features


@pytest.mark.parametrize("as_of", [dt.date(2024, 12, 31), dt.date(2025, 3, 1)])
def test_every_feature_is_what_its_name_says(shop, as_of):
    lines = shop.lines.to_pandas()
    groups = lines[lines["kept"]].groupby("customer_id")
    expected = pd.DataFrame({name: spelled_out(rows, as_of) for name, rows in groups}).T
    customers = take_snapshot(shop, as_of=as_of).customers
    assert list(customers.index) == list(expected.index)
    assert {*expected.columns} == {*SNAPSHOT_FEATURES, *DAYS}
    for name in expected:
        assert customers[name].tolist() == pytest.approx(
            expected[name].tolist(), rel=1e-7, abs=1e-7, nan_ok=True
        ), name
    first = groups["purchase_date"].min()
    assert (customers["first_purchase"].dt.date == first).all()
    assert (customers["last_purchase"].dt.date == groups["purchase_date"].max()).all()


def test_purchases_are_the_days_behind_the_table(shop):
    snapshot = take_snapshot(shop, as_of=dt.date(2024, 3, 31))
    days, customers = snapshot.purchases, snapshot.customers
    assert days.equals(days.sort_values(["customer", "day"]))
    by_customer = days.groupby("customer")
    assert by_customer.size().tolist() == (customers["frequency"] + 1).tolist()
    assert by_customer["amount"].sum().tolist() == pytest.approx(
        customers["revenue_to_date"].tolist()
    )
    age = snapshot.history_days - by_customer["day"].min()
    assert age.tolist() == customers["T"].tolist()
    assert [str(kind) for kind in days.dtypes] == ["int64", "int64", "float64"]


def test_counts_are_whole_and_money_is_not(cdnow):
    kinds = take_snapshot(cdnow).customers.dtypes.astype(str)
    assert kinds.pop("first_purchase") == kinds.pop("last_purchase") == "datetime64[s]"
    counts = {"frequency", "recency", "T", "n_orders", "days_since_last"}
    counts |= {f"purchases_{window}" for window in (30, 90, 180, 365)}
    assert {name for name, kind in kinds.items() if kind == "int64"} == counts
    assert {kind for name, kind in kinds.items() if name not in counts} == {"float64"}
