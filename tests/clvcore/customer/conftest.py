"""A simulated shop, read and forecast once per model for all tests of one customer."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable

import pyarrow.compute as pc
import pytest

import clvcore as clv
from clvcore.customer import Life, life_of
from clvcore.records import Run, Transactions
from clvcore.sample import sample_orders


@pytest.fixture(scope="session")
def orders() -> Transactions:
    return clv.read_transactions(sample_orders(450, seed=5), currency="EUR")


@pytest.fixture(scope="session")
def forecast_by(orders) -> Callable[[str], Run]:
    @functools.cache
    def forecast(model: str) -> Run:
        return clv.forecast(orders, clv.ForecastConfig(horizon_months=6, model=model))

    return forecast


@pytest.fixture(scope="session")
def alone(orders) -> Callable[[str], Transactions]:
    """The orders of one customer."""

    def alone_(customer: str) -> Transactions:
        mine = orders.lines.filter(pc.field("customer_id") == customer)
        return dataclasses.replace(orders, lines=mine)

    return alone_


@pytest.fixture(scope="session")
def live(forecast_by, alone) -> Callable[[str, str], Life]:
    def live_(model: str, customer: str) -> Life:
        return life_of(forecast_by(model), customer, alone(customer))

    return live_
