"""The simulated shop is what its parameters say; the samples are what the README says."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lifetimes import BetaGeoFitter, GammaGammaFitter, ModifiedBetaGeoFitter

from clvcore.records.errors import ClvError, ConfigError
from clvcore.sample import (
    ShopParameters,
    cdnow_sample,
    sample_orders,
    simulate_shop,
    simulate_summary,
)

SAMPLE_FILE = Path(__file__).parents[3] / "sample_data" / "orders.csv"

LAB = ShopParameters(
    customers=6_000,
    first_day=dt.date(2023, 1, 1),
    last_day=dt.date(2024, 6, 30),
    last_join_day=dt.date(2023, 3, 31),
    r=0.6,
    alpha=5.0,
    a=1.2,
    b=3.0,
)


@pytest.fixture(scope="module")
def orders():
    return sample_orders(1_500, seed=3)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fitter", "dropout_at_first"), [(BetaGeoFitter, False), (ModifiedBetaGeoFitter, True)]
)
def test_a_fit_finds_the_true_parameters_again(fitter, dropout_at_first):
    """Means over 12 shops lie within three standard errors of the truth."""
    shop = replace(LAB, dropout_at_first=dropout_at_first)
    found = []
    for seed in range(12):
        summary = simulate_summary(shop, seed=seed)
        fitted = fitter().fit(summary["frequency"], summary["recency"], summary["T"])
        found.append(fitted.params_[["r", "alpha", "a", "b"]].to_numpy())
    error = np.mean(found, axis=0) - [shop.r, shop.alpha, shop.a, shop.b]
    standard_error = np.std(found, axis=0, ddof=1) / np.sqrt(len(found))
    assert (np.abs(error) < 3 * standard_error).all(), error / standard_error
    assert (standard_error / [shop.r, shop.alpha, shop.a, shop.b] < 0.05).all()


@pytest.mark.slow
def test_a_fit_finds_the_true_spend_parameters_again():
    found = []
    for seed in range(8):
        orders = simulate_shop(LAB, seed=seed)
        spend = orders.groupby("customer_id")["amount"].agg(["size", "mean"])
        fitted = GammaGammaFitter().fit(spend["size"], spend["mean"])
        found.append(fitted.params_[["p", "q", "v"]].to_numpy())
    error = np.mean(found, axis=0) - [LAB.p, LAB.q, LAB.v]
    standard_error = np.std(found, axis=0, ddof=1) / np.sqrt(len(found))
    assert (np.abs(error) < 3 * standard_error).all(), error / standard_error


def test_without_dropout_purchases_come_at_the_rate_of_the_gamma():
    shop = replace(LAB, customers=20_000, a=1e-9, b=1.0)
    summary = simulate_summary(shop, seed=1)
    expected = shop.r / shop.alpha * summary["T"].sum()
    assert summary["frequency"].sum() == pytest.approx(expected, rel=0.03)


def test_certain_dropout_leaves_one_repeat_purchase_or_none():
    certain = replace(LAB, customers=2_000, a=1.0, b=1e-9)
    assert simulate_summary(certain, seed=1)["frequency"].max() == 1
    at_first = replace(certain, dropout_at_first=True)
    assert simulate_summary(at_first, seed=1)["frequency"].max() == 0


def test_orders_and_summary_describe_the_same_purchases():
    orders, summary = simulate_shop(LAB, seed=5), simulate_summary(LAB, seed=5)
    by_customer = orders.groupby("customer_id")["date"].agg(["size", "min", "max"])
    assert (by_customer["size"].to_numpy() - 1 == summary["frequency"].to_numpy()).all()
    whole_days = (by_customer["max"] - by_customer["min"]).dt.days.to_numpy()
    assert np.abs(whole_days - 7 * summary["recency"].to_numpy()).max() < 1


def test_orders_are_clean_sorted_and_inside_the_observed_days():
    orders = simulate_shop(LAB, seed=2)
    assert orders["date"].is_monotonic_increasing
    assert orders["order_id"].is_unique
    assert orders["order_id"].is_monotonic_increasing
    assert orders["date"].min() >= pd.Timestamp(LAB.first_day)
    assert orders["date"].max() <= pd.Timestamp(LAB.last_day)
    first = orders.groupby("customer_id")["date"].min()
    assert first.max() <= pd.Timestamp(LAB.last_join_day)
    assert len(first) == LAB.customers
    assert orders["amount"].min() >= 0.01
    assert not orders.isna().any().any()


def test_the_same_seed_gives_the_same_orders_and_another_seed_others():
    pd.testing.assert_frame_equal(simulate_shop(LAB, seed=7), simulate_shop(LAB, seed=7))
    assert not simulate_shop(LAB, seed=7).equals(simulate_shop(LAB, seed=8))


def test_a_season_moves_purchases_into_its_months():
    season = (0.5,) * 11 + (5.0,)
    shop = replace(LAB, customers=5_000, last_day=dt.date(2024, 12, 31), season=season, a=1e-9)
    months = simulate_shop(shop, seed=1)["date"].dt.strftime("%Y-%m").value_counts()
    assert months["2024-12"] / months["2024-10"] == pytest.approx(10, rel=0.1)


def test_growth_and_price_trend_are_per_year():
    shop = ShopParameters(
        customers=30_000,
        last_day=dt.date(2024, 12, 31),
        annual_growth=0.5,
        annual_price_trend=0.2,
    )
    orders = simulate_shop(shop, seed=1)
    joined = orders.groupby("customer_id")["date"].min().dt.year.value_counts()
    assert joined[2024] / joined[2023] == pytest.approx(1.5, rel=0.05)
    price = orders.groupby(orders["date"].dt.year)["amount"].median()
    assert price[2024] / price[2023] == pytest.approx(1.2, rel=0.03)


def test_amounts_average_what_the_gamma_gamma_implies():
    orders = simulate_shop(replace(LAB, customers=40_000), seed=1)
    assert orders["amount"].mean() == pytest.approx(LAB.p * LAB.v / (LAB.q - 1), rel=0.03)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("customers", 0),
        ("customers", 2.5),
        ("customers", True),
        ("r", 0.0),
        ("alpha", -1.0),
        ("v", float("nan")),
        ("q", float("inf")),
        ("annual_growth", -1.0),
        ("season", (1.0,) * 11),
        ("season", (0.0,) * 12),
        ("last_join_day", dt.date(2022, 1, 1)),
        ("last_join_day", dt.date(2030, 1, 1)),
    ],
)
def test_a_parameter_nothing_can_be_drawn_from_is_named(setting, value):
    with pytest.raises(ConfigError, match=setting):
        replace(LAB, **{setting: value})


def test_the_export_holds_text_sorted_by_date(orders):
    assert list(orders.columns) == [
        "order_id", "customer_id", "email", "order_date", "amount", "channel", "country",
    ]  # fmt: skip
    assert all(isinstance(value, str) for value in orders["amount"].dropna())
    readable = pd.to_datetime(orders["order_date"], format="%Y-%m-%d", errors="coerce").dropna()
    assert readable.is_monotonic_increasing
    assert orders["channel"].nunique() == 4
    assert orders["country"].nunique() == 6
    assert orders["email"].dropna().str.endswith("@example.com").all()


def test_returns_share_the_id_of_an_order_and_never_exceed_it(orders):
    amounts = orders.assign(amount=pd.to_numeric(orders["amount"], errors="coerce"))
    amounts = amounts.drop_duplicates()
    back = amounts[amounts["amount"] < 0]
    assert len(back) / len(amounts) == pytest.approx(0.03, abs=0.006)
    sold = amounts[amounts["amount"] > 0].set_index("order_id")
    paired = back.merge(sold, on="order_id", how="left", suffixes=("", "_sold"))
    paired = paired.dropna(subset=["amount_sold"])
    assert len(paired) > 0.98 * len(back)
    assert (paired["amount"] + paired["amount_sold"] >= -1e-9).all()
    assert (paired["order_date"] >= paired["order_date_sold"]).all()
    assert (paired["order_date"] > paired["order_date_sold"]).any()
    assert (paired["amount"] + paired["amount_sold"] == 0).any()


def test_the_flaws_can_be_counted(orders):
    assert (orders["order_date"] == "2024-02-30").sum() == 2
    assert orders["amount"].isna().sum() == 3
    assert (orders["amount"] == "n/a").sum() == 1
    assert orders.duplicated().sum() == 8
    guests = int(np.ceil(0.001 * (len(orders) - 8)))
    assert orders["customer_id"].isna().sum() == guests


@pytest.mark.parametrize("customers", [1, 2, 10])
def test_a_tiny_shop_can_be_exported(customers):
    orders = sample_orders(customers, seed=1)
    assert orders["customer_id"].nunique() == customers
    assert len(orders) >= customers


def test_a_shop_without_customers_is_refused():
    with pytest.raises(ConfigError, match="customers"):
        sample_orders(0)


def test_the_sample_file_is_what_the_generator_writes():
    written = sample_orders().to_csv(index=False, lineterminator="\n").encode()
    assert SAMPLE_FILE.read_bytes() == written


def test_the_cdnow_sample_is_complete():
    orders = cdnow_sample()
    frame = orders.to_pandas()
    assert len(frame) == 6_919
    assert frame["customer_id"].nunique() == 2_357
    assert frame["amount"].sum() == pytest.approx(244_091.94, abs=0.005)
    assert (orders.first_day, orders.last_day) == (dt.date(1997, 1, 1), dt.date(1998, 6, 30))
    assert orders.currency == "USD"
    assert orders.quality.rows_dropped == {} or sum(orders.quality.rows_dropped.values()) == 0


def test_a_missing_cdnow_file_is_a_typed_error(monkeypatch):
    monkeypatch.setattr("clvcore.sample.cdnow.find_spec", lambda _name: None)
    with pytest.raises(ClvError, match="lifetimes"):
        cdnow_sample()
