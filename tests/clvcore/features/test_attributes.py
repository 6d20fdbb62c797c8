"""Categories are numbered on one snapshot and mean the same on every other."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest

import clvcore as clv
from clvcore.features import Categories, take_snapshot
from clvcore.features.attributes import MOST_LEVELS

MAPPING = {
    "customer_id": "customer_id", "date": "date", "amount": "amount", "order_id": "order_id",
    "attributes": ("country", "channel"),
}  # fmt: skip


def read(*rows):
    columns = ["customer_id", "date", "amount", "order_id", "country", "channel"]
    frame = pd.DataFrame(rows, columns=columns)
    return clv.read_transactions(frame.assign(date=pd.to_datetime(frame["date"])), mapping=MAPPING)


@pytest.fixture(scope="module")
def log():
    """Two channels in four countries; somebody moves, and newcomers bring news in May."""
    return read(
        ("ann", "2023-01-05", 10.0, "a1", "FR", "mail"),
        ("ann", "2023-03-05", 10.0, "a2", "PT", "search"),
        ("ann", "2023-03-05", 10.0, "a3", "PT", "search"),
        ("bob", "2023-01-09", 10.0, "b1", "ES", "mail"),
        ("cyd", "2023-02-01", 10.0, "c1", "ES", "search"),
        ("dan", "2023-02-02", 10.0, "d1", None, "mail"),
        ("eve", "2023-05-02", 10.0, "e1", "DE", "social"),
        ("fay", "2023-05-03", 10.0, "f1", "DE", "mail"),
        ("gus", "2023-05-03", 10.0, "g1", "DE", "mail"),
    )


@pytest.fixture(scope="module")
def trained(log):
    return Categories.of(take_snapshot(log, as_of=dt.date(2023, 4, 1)))


def test_frequent_values_come_first_and_equally_frequent_ones_by_name(trained):
    assert trained.names == ("country", "channel")
    assert trained.levels == {"country": ("ES", "FR", "unknown"), "channel": ("mail", "search")}


def test_codes_hold_what_customers_came_with(log, trained):
    codes = trained.codes(take_snapshot(log, as_of=dt.date(2023, 4, 1)))
    assert codes.dtype == np.int64
    assert codes.tolist() == [[2, 1], [1, 1], [1, 2], [3, 1]]


def test_what_training_never_saw_is_0_and_old_customers_keep_their_codes(log, trained):
    later = take_snapshot(log)
    codes = pd.DataFrame(trained.codes(later), index=later.customers.index)
    assert codes.loc["eve"].tolist() == [0, 0]
    assert codes.loc["fay"].tolist() == [0, 1]
    before = take_snapshot(log, as_of=dt.date(2023, 4, 1))
    assert codes.loc[before.customers.index].to_numpy().tolist() == trained.codes(before).tolist()


def test_the_thirty_most_frequent_values_have_a_code_and_the_rest_share_0():
    rows = [
        (f"c{level:02d}-{k}", "2023-01-01", 1.0, f"{level}-{k}", f"L{level:02d}", "mail")
        for level in range(MOST_LEVELS + 5)
        for k in range(1 + (level >= 3))  # the first three are rare
    ]
    snapshot = take_snapshot(read(*rows))
    categories = Categories.of(snapshot)
    # two customers each, so by name: the last of them find no place
    assert categories.levels["country"] == tuple(f"L{k:02d}" for k in range(3, 3 + MOST_LEVELS))
    codes = categories.codes(snapshot)[:, 0]
    level = snapshot.customers["country"].str[1:].astype(int)
    expected = np.where((level >= 3) & (level < 3 + MOST_LEVELS), level - 2, 0)
    assert codes.tolist() == expected.tolist()


def test_customers_count_and_not_their_lines():
    rows = [("ann", f"2023-01-{day:02d}", 1.0, f"a{day}", "FR", "x") for day in range(1, 20)]
    rows += [("bob", "2023-01-01", 1.0, "b", "ES", "x"), ("cyd", "2023-01-01", 1.0, "c", "ES", "x")]
    assert Categories.of(take_snapshot(read(*rows))).levels["country"] == ("ES", "FR")


def test_the_order_of_rows_changes_no_code(shop):
    columns = ["customer_id", "date", "amount", "order_id", "channel"]
    rows = shop.lines.select(columns).to_pandas()
    mapping = {**{name: name for name in columns[:-1]}, "attributes": ("channel",)}
    found = set()
    for frame in (rows, rows[::-1], rows.sample(frac=1, random_state=2)):
        snapshot = take_snapshot(clv.read_transactions(frame, mapping=mapping))
        categories = Categories.of(snapshot)
        found.add((str(categories), categories.codes(snapshot).tobytes()))
    assert len(found) == 1


def test_the_mapping_survives_json_whatever_the_order_of_keys(trained):
    document = json.loads(json.dumps(trained.to_dict(), sort_keys=True))
    again = Categories.from_dict(document)
    assert again == trained
    assert again.names == trained.names


def test_a_log_without_attributes_has_no_categories(cdnow):
    snapshot = take_snapshot(cdnow)
    categories = Categories.of(snapshot)
    assert categories.names == ()
    assert categories.codes(snapshot).shape == (len(snapshot.customers), 0)


def test_a_missing_attribute_is_named(cdnow, trained):
    with pytest.raises(clv.DataError, match="country, channel") as refused:
        trained.codes(take_snapshot(cdnow))
    assert refused.value.code == "MISSING_ATTRIBUTES"
