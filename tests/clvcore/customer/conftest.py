"""A simulated shop, read and forecast once per model for all tests of one customer."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable

import pytest

import clvcore as clv
from clvcore.customer import Life, life_of
from clvcore.records.run import Run
from clvcore.records.transactions import Transactions
from clvcore.sample import sample_orders


@pytest.fixture(scope="session")
def orders() -> Transactions:
    return clv.read_transactions(sample_orders(500, seed=5), currency="EUR")


@pytest.fixture(scope="session")
def forecast_by(orders) -> Callable[[str], Run]:
    @functools.cache
    def forecast(model: str) -> Run:
        # orders after as_of are there to be left alone
        as_of = orders.last_day - dt.timedelta(days=45)
        config = clv.ForecastConfig(horizon_months=6, model=model, as_of=as_of)
        return clv.forecast(orders, config)

    return forecast


@pytest.fixture(scope="session")
def live(forecast_by, orders) -> Callable[[str, str], Life]:
    def live_(model: str, customer: str) -> Life:
        return life_of(forecast_by(model), customer, orders)

    return live_
