"""One customer's orders read from a saved log: all of his, nobody else's."""

from __future__ import annotations

import pandas as pd
import pytest

import clvcore as clv
from clvcore.errors import DataError
from clvcore.features import take_snapshot
from clvcore.store import load_customer, load_transactions, save_transactions

HOSTILE = "x' OR 1=1 --"


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    dates = pd.date_range("2023-01-01", periods=120, freq="3D")
    ids = ["a", "A", HOSTILE, "a "] * 30
    frame = pd.DataFrame({"customer_id": ids, "date": dates, "amount": [10.0, 20.0, 5.0, 7.5] * 30})
    folder = tmp_path_factory.mktemp("log") / "orders"
    save_transactions(clv.read_transactions(frame), folder)
    return folder


@pytest.mark.parametrize("customer", ["a", "A", HOSTILE])
def test_one_customer_reads_as_in_the_whole(saved, customer):
    mine, whole = load_customer(saved, customer), load_transactions(saved)
    as_of = whole.last_day
    one = take_snapshot(mine, as_of=as_of).customers
    assert list(one.index) == [customer]
    pd.testing.assert_frame_equal(one, take_snapshot(whole, as_of=as_of).customers.loc[[customer]])


def test_an_id_without_orders_is_refused(saved):
    with pytest.raises(DataError) as caught:
        load_customer(saved, "nobody")
    assert caught.value.code == "UNKNOWN_CUSTOMER"
