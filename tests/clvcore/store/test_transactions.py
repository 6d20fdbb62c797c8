"""Saved orders come back exactly as they were saved."""

import pandas as pd
import pytest

from clvcore.ingest import read_transactions
from clvcore.records.config import ForecastConfig
from clvcore.runs.forecast import forecast
from clvcore.sample import ShopParameters, sample_orders, simulate_shop
from clvcore.store import load_transactions, save_transactions


@pytest.fixture(scope="module")
def transactions():
    return read_transactions(sample_orders(200, seed=1), currency="EUR")


def test_transactions_come_back_equal(transactions, tmp_path):
    save_transactions(transactions, tmp_path / "data")
    loaded = load_transactions(tmp_path / "data")
    assert loaded.lines.equals(transactions.lines)
    assert loaded.lines.schema.equals(transactions.lines.schema)
    assert loaded.quality.to_dict() == transactions.quality.to_dict()
    assert [w.code for w in loaded.quality.warnings] == [
        w.code for w in transactions.quality.warnings
    ]
    pd.testing.assert_frame_equal(loaded.quality.rejected, transactions.quality.rejected)
    assert (loaded.content_hash, loaded.attributes, loaded.currency) == (
        transactions.content_hash,
        transactions.attributes,
        transactions.currency,
    )


def test_clean_transactions_come_back_equal_too(tmp_path):
    clean = read_transactions(simulate_shop(ShopParameters(customers=40), seed=1))
    save_transactions(clean, tmp_path / "data")
    loaded = load_transactions(tmp_path / "data")
    assert loaded.lines.equals(clean.lines)
    pd.testing.assert_frame_equal(loaded.quality.rejected, clean.quality.rejected)


def test_a_forecast_from_reloaded_transactions_is_the_same(transactions, tmp_path):
    run = forecast(transactions, ForecastConfig(horizon_days=100, model="mbg_nbd", seed=4))
    save_transactions(transactions, tmp_path / "data")
    again = forecast(load_transactions(tmp_path / "data"), run.config)
    pd.testing.assert_frame_equal(again.customers, run.customers)
