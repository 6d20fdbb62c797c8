"""The feature table, against the same words spelled out customer by customer."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from itertools import pairwise

import pandas as pd
import pytest

from clvcore.features import take_snapshot
from clvcore.records.columns import SNAPSHOT_FEATURES

DAYS = ["frequency", "recency", "T", "monetary_value", "revenue_to_date"]


def spelled_out(lines, as_of):
    """Return the features of one customer from his lines (day, amount, order) that count."""
    days = defaultdict(list)
    for day, *line in sorted(lines, key=lambda line: line[0]):
        days[day].append(line)
    amount = [math.fsum(money for money, _ in of) for of in days.values()]
    returned = -sum(min(money, 0.0) for of in days.values() for money, _ in of)
    orders = sum(len({order for _, order in of if order}) for of in days.values())
    ago = [(as_of - day).days for day in days]
    gaps = [before - after for before, after in pairwise(ago)]
    weight = [round(1e6 * math.exp(-0.00385 * k)) + 1 for k in ago]
    mean_gap = sum(gaps) / len(gaps) if gaps else math.nan
    features = {
        "frequency": len(ago) - 1,
        "recency": ago[0] - ago[-1],
        "T": ago[0],
        "monetary_value": sum(amount[1:]) / len(gaps) if gaps else 0.0,
        "n_orders": max(orders, len(ago)),
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
        "returned_share": returned / (sum(amount) + returned + 1e-4),
        "year_end_share": sum(day.month >= 11 for day in days) / len(ago),
    }
    for window in (30, 90, 180, 365):
        inside = [a for a, k in zip(amount, ago, strict=True) if k < window]
        features |= {f"purchases_{window}": len(inside), f"spend_{window}": sum(inside)}
    return features


@pytest.mark.parametrize("as_of", [dt.date(2024, 12, 31), dt.date(2025, 3, 1)])
def test_every_feature_is_what_its_name_says(shop, as_of):
    lines = defaultdict(list)
    for line in shop.lines.filter(shop.lines["kept"]).to_pylist():
        lines[line["customer_id"]].append((line["purchase_date"], line["amount"], line["order_id"]))
    expected = pd.DataFrame({name: spelled_out(lines[name], as_of) for name in sorted(lines)}).T
    customers = take_snapshot(shop, as_of=as_of).customers
    assert list(customers.index) == list(expected.index)
    assert {*expected.columns} == {*SNAPSHOT_FEATURES, *DAYS}
    for name in expected:
        assert customers[name].tolist() == pytest.approx(
            expected[name].tolist(), rel=1e-7, abs=1e-7, nan_ok=True
        ), name
    for name, choose in (("first_purchase", min), ("last_purchase", max)):
        chosen = [choose(day for day, *_ in lines[who]) for who in customers.index]
        assert customers[name].dt.date.tolist() == chosen


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
