"""One suite over every registered model: what any forecast must promise, whoever makes it."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import clvcore as clv
from clvcore.features import take_snapshot
from clvcore.members.published import available as published
from clvcore.members.published import create
from clvcore.models.base import Histories
from clvcore.records.columns import CUSTOMERS_FRAME, TIMELINE_FRAME, TOTALS_FRAME
from clvcore.records.horizon import forecast_grid
from clvcore.records.registry import names as available
from clvcore.sample import sample_orders

AS_OF = dt.date(2024, 6, 30)
SMALL, LARGE = 200, 700  # customers
MONEY = [
    "clv", "clv_lower", "clv_upper", "expected_purchase_value", "revenue_to_date",
    "predicted_total_value", "monetary_value",
]  # fmt: skip
MAPPING = {"customer_id": "customer_id", "date": "date", "amount": "amount", "order_id": "order_id"}

every = pytest.mark.parametrize("model", available())
every_published = pytest.mark.parametrize("model", published())


@pytest.fixture(scope="module")
def orders():
    """Order lines of a small shop, and of one large enough for trees to learn from."""
    return {
        count: clv.read_transactions(sample_orders(count, seed=3)).to_pandas()[list(MAPPING)]
        for count in (SMALL, LARGE)
    }


@pytest.fixture
def rows(orders, model):
    return orders[SMALL if model in published() else LARGE]


def run_of(rows, model, **settings):
    settings = {"as_of": AS_OF, "horizon_months": 6} | settings
    transactions = clv.read_transactions(rows, mapping=MAPPING)
    return clv.forecast(transactions, clv.ForecastConfig(model=model, **settings))


@pytest.fixture(scope="module")
def once():
    """Runs already made, by model."""
    return {}


@pytest.fixture
def run(once, rows, model):
    """The forecast that every relation below compares with, made once per model."""
    if model not in once:
        once[model] = run_of(rows, model)
    return once[model]


@pytest.fixture
def reference(run):
    return run.customers


@pytest.mark.parametrize("model", ["ensemble"])
def test_the_larger_shop_has_enough_buyers_for_trees(run, model):
    assert run.weights.set_index("model")["weight"][["lightgbm", "xgboost"]].min() > 0


@every
def test_the_frames_have_the_promised_columns(run, model):
    assert tuple(run.customers.columns) == CUSTOMERS_FRAME
    assert tuple(run.totals.columns) == TOTALS_FRAME
    assert tuple(run.timeline.columns) == TIMELINE_FRAME
    assert run.customers.index.name == "customer_id"
    assert run.customers.index.is_unique


@every
def test_every_number_is_finite_and_within_its_bounds(reference, model):
    customers = reference
    numbers = customers.select_dtypes("number")
    assert np.isfinite(numbers.to_numpy()).all()
    assert (numbers.to_numpy() >= 0).all()
    assert (customers["clv_lower"] <= customers["clv"]).all()
    assert (customers["clv"] <= customers["clv_upper"]).all()
    assert (customers["p_alive"] <= 1).all()
    assert (customers["p_purchase"] <= customers["p_alive"] + 1e-12).all()
    assert (customers["p_purchase"] <= customers["expected_purchases"] + 1e-9).all()


@every
def test_every_scope_adds_up_to_the_customers_and_a_discount_lowers_each(rows, reference, model):
    run = run_of(rows, model, annual_discount_rate=0.2, gross_margin=0.4)
    clv = run.customers["clv"]
    assert (clv <= 0.4 * reference["clv"] * (1 + 1e-12)).all()
    assert clv.sum() < 0.4 * reference["clv"].sum()
    by_scope = run.totals.groupby("scope")["clv"].sum()
    assert by_scope.to_numpy() == pytest.approx(np.full(3, clv.sum()), rel=1e-9)
    assert run.total(run.customers.index)["clv"] == pytest.approx(by_scope["all"], rel=1e-9)


@every_published
def test_value_never_falls_with_the_horizon(shop, model):
    snapshot = take_snapshot(shop, as_of=AS_OF)
    grid = forecast_grid(clv.ForecastConfig(horizon_months=24), AS_OF)
    prediction = create(model).fit(snapshot).expected(snapshot, grid)
    assert (np.diff(prediction.revenue, axis=1) >= -1e-9).all()
    assert (np.diff(prediction.purchases, axis=1) >= -1e-12).all()


@every
def test_neither_the_order_of_rows_nor_orders_after_as_of_change_anything(rows, reference, model):
    known = rows[rows["date"] <= pd.Timestamp(AS_OF)]
    assert len(known) < len(rows)
    shuffled = run_of(known.sample(frac=1, random_state=7), model).customers
    assert_frame_equal(shuffled, reference, rtol=1e-9)


@every
def test_renaming_customers_changes_only_names(rows, reference, model):
    # the new names sort the other way round
    names = sorted(rows["customer_id"].unique())
    renamed = dict(zip(names, [f"{k:06d}" for k in range(len(names), 0, -1)], strict=True))
    other = run_of(rows.assign(customer_id=rows["customer_id"].map(renamed)), model).customers
    expected = reference.rename(index=renamed).sort_index()
    assert_frame_equal(other, expected, rtol=1e-6, check_index_type=False)


@every
def test_another_currency_scales_money_and_nothing_else(rows, reference, model):
    yen = run_of(rows.assign(amount=rows["amount"] * 160.0), model).customers
    assert_frame_equal(yen.drop(columns=MONEY), reference.drop(columns=MONEY), rtol=1e-6)
    assert_frame_equal(yen[MONEY], reference[MONEY] * 160.0, rtol=1e-5)


@every
def test_another_year_changes_only_dates(rows, reference, model):
    # four years keep leap days, and with them the lengths of the months
    later = rows.assign(date=rows["date"] + pd.Timedelta(days=4 * 365 + 1))
    moved = run_of(later, model, as_of=AS_OF.replace(year=2028)).customers
    dated = ["first_purchase", "last_purchase", "cohort"]
    assert_frame_equal(moved.drop(columns=dated), reference.drop(columns=dated), rtol=1e-9)


@every_published
def test_the_input_is_left_as_it_was(shop, model):
    before = shop.lines
    copy = before.to_pandas()
    snapshot = take_snapshot(shop, as_of=AS_OF)
    customers = snapshot.customers.copy()
    fitted = create(model).fit(snapshot)
    fitted.expected(snapshot, forecast_grid(clv.ForecastConfig(), AS_OF))
    assert_frame_equal(snapshot.customers, customers)
    assert_frame_equal(shop.lines.to_pandas(), copy)


@every_published
def test_expectation_and_chance_agree_with_the_moments_given_alive(shop, model):
    snapshot = take_snapshot(shop, as_of=AS_OF)
    purchases = create(model).fit(snapshot).purchases
    histories, weeks = Histories.of(snapshot), 26.0
    alive, counted = purchases.p_alive(histories), purchases.counted(histories, weeks)
    expected = purchases.expected_purchases(histories, [weeks])[:, 0]
    assert alive * counted.first == pytest.approx(expected, rel=0.01)
    chance = purchases.p_purchase(histories, weeks)
    assert alive * counted.buys == pytest.approx(chance, rel=0.01)
    assert (counted.buys <= np.minimum(1.0, counted.first)).all()
    # of whole numbers: N <= N^2, and by Cauchy-Schwarz E[N]^2 <= P(N >= 1) E[N^2]
    assert (counted.first <= counted.second).all()
    assert (counted.first**2 <= counted.buys * counted.second * (1 + 1e-9)).all()


@pytest.mark.slow
def test_two_processes_give_the_same_numbers():
    program = (
        "import sys, clvcore as clv\n"
        "from clvcore.sample import sample_orders\n"
        "for model, customers in (('auto', 700), ('pareto_nbd', 300)):\n"
        "    tx = clv.read_transactions(sample_orders(customers, seed=5))\n"
        "    run = clv.forecast(tx, clv.ForecastConfig(model=model, horizon_months=3))\n"
        "    c = run.customers[['clv', 'clv_lower', 'clv_upper']]\n"
        "    sys.stdout.write(' '.join(f'{x:.10g}' for x in c.to_numpy().ravel()) + '\\n')\n"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", program],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={"PYTHONHASHSEED": seed, "OMP_NUM_THREADS": "1", "PATH": ""},
        )
        for seed in ("1", "2")
    ]  # fmt: skip
    (first, noise), (second, _) = (process.communicate(timeout=300) for process in started)
    assert len(first.splitlines()) == 2, noise
    assert first == second
