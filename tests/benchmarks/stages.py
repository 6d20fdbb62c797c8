"""What is timed: every stage of a forecast, and what a peer needs for the same.

A stage is prepared outside the clock and returns what the clock sees. Nothing that a call worked
out may serve the next one: logs and snapshots are memo keys, so each call gets a new object.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

import clvcore as clv
from clvcore.features import take_snapshot
from clvcore.members.boosted import train
from clvcore.members.moments import hurdle_of
from clvcore.members.past import Past
from clvcore.members.seasonal import Seasonal
from clvcore.models.base import Histories
from clvcore.models.bg_nbd import BgNbd
from clvcore.models.gamma_gamma import GammaGamma
from clvcore.models.spend import Spending
from clvcore.records.horizon import forecast_grid
from clvcore.sample import ShopParameters, simulate_shop

FIRST_DAY, LAST_DAY = dt.date(2022, 1, 1), dt.date(2023, 6, 30)
MAPPING = clv.Mapping(customer_id="customer_id", date="date", amount="amount")
CONFIG = clv.ForecastConfig(horizon_months=12)
WINDOW = 218
DRAWS = 200
OURS, PEER = "clvcore", "peer"

Call = Callable[[], object]


def simulate(customers: int, file: Path) -> None:
    """Write a shop of about 2.7 orders per customer over 18 months as CSV."""
    shop = ShopParameters(
        customers=customers, first_day=FIRST_DAY, last_join_day=LAST_DAY, last_day=LAST_DAY,
        r=0.7, alpha=9.5, a=0.8, b=3.2, p=5.0, q=4.0, v=30.0,
    )  # fmt: skip
    simulate_shop(shop, seed=1).to_csv(file, index=False)


def high_water_mb() -> int:
    """Return the most memory this program has held; getrusage counts the parent's before exec."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


@dataclass(frozen=True, eq=False)
class Shop:
    """One simulated log, and what stages start from."""

    file: Path

    @cached_property
    def log(self) -> clv.Transactions:
        return clv.read_transactions(self.file, mapping=MAPPING)

    @cached_property
    def snapshot(self):
        return take_snapshot(self.log)

    @cached_property
    def base(self):
        return Seasonal().fit(self.snapshot)

    @cached_property
    def grid(self):
        return forecast_grid(CONFIG, LAST_DAY)

    @cached_property
    def prediction(self):
        return self.base.expected(self.snapshot, self.grid)

    @cached_property
    def rows(self) -> pd.DataFrame:
        return pd.read_csv(self.file, parse_dates=["date"])

    @cached_property
    def summary(self) -> pd.DataFrame:
        return summarize(self.rows)

    @cached_property
    def fitted(self):
        return fit_counts(self.summary), fit_amounts(self.summary)


def summarize(rows: pd.DataFrame) -> pd.DataFrame:
    """Reduce orders with lifetimes; T and recency in weeks."""
    from lifetimes.utils import summary_data_from_transaction_data

    summary = summary_data_from_transaction_data(
        rows, "customer_id", "date", monetary_value_col="amount", observation_period_end=LAST_DAY
    )
    return summary.assign(recency=summary["recency"] / 7.0, T=summary["T"] / 7.0)


def fit_counts(summary: pd.DataFrame):
    from lifetimes import BetaGeoFitter

    return BetaGeoFitter().fit(summary["frequency"], summary["recency"], summary["T"])


def fit_amounts(summary: pd.DataFrame):
    from lifetimes import GammaGammaFitter

    buyers = summary[(summary["frequency"] > 0) & (summary["monetary_value"] > 0)]
    return GammaGammaFitter().fit(buyers["frequency"], buyers["monetary_value"])


def lifetime_value(summary: pd.DataFrame, counts, amounts) -> pd.Series:
    return amounts.customer_lifetime_value(
        counts, summary["frequency"], summary["recency"], summary["T"], summary["monetary_value"],
        time=12, discount_rate=0.0, freq="W",
    )  # fmt: skip


def everything_by_lifetimes(shop: Shop) -> pd.Series:
    """Orders to 12-month values: no backtest, no ensemble, no interval."""
    summary = summarize(shop.rows)
    return lifetime_value(summary, fit_counts(summary), fit_amounts(summary))


def simulate_spend(shop: Shop) -> tuple[np.ndarray, np.ndarray]:
    """Draw each customer's next 12 months 200 times, in chunks, and read off 95 %."""
    counts, amounts = (fitted.params_ for fitted in shop.fitted)
    rng, ends = np.random.default_rng(0), []
    for part in np.array_split(np.arange(len(shop.summary)), max(1, len(shop.summary) // 20_000)):
        x, recency, age, mean = shop.summary.iloc[part].to_numpy().T[:, :, None]
        r, alpha, a, b = (counts[name] for name in ("r", "alpha", "a", "b"))
        odds = np.where(x > 0, a / (b + np.maximum(x, 1) - 1), 0.0)
        dead = odds * ((alpha + age) / (alpha + recency)) ** (r + x)
        size = (len(part), DRAWS)
        alive = rng.random(size) < 1.0 / (1.0 + dead)
        rate = rng.gamma(np.broadcast_to(r + x, size)) / (alpha + age)
        drop = np.maximum(rng.beta(a, np.broadcast_to(b + x, size)), 1e-12)
        bought = alive * np.minimum(rng.poisson(rate * 52.18), rng.geometric(drop))
        p, q, v = (amounts[name] for name in ("p", "q", "v"))
        scale = (v + x * mean) / rng.gamma(np.broadcast_to(q + p * x, size))
        spent = np.where(bought > 0, rng.gamma(np.maximum(p * bought, 1e-9)) * scale, 0.0)
        ends.append(np.quantile(spent, (0.025, 0.975), axis=1))
    lower, upper = np.concatenate(ends, axis=1)
    return lower, upper


def grow_defaults(shop: Shop) -> object:
    """Train LightGBM as it comes (100 trees of 31 leaves) on the same customers."""
    import lightgbm

    past = Past(shop.log, as_of=LAST_DAY).past(LAST_DAY - dt.timedelta(days=WINDOW), WINDOW)
    traits = past.snapshot.customers.select_dtypes("number").to_numpy(np.float64)
    threads = 2 if len(traits) > 5_000 else 1  # two of them would wait for each other
    params = {"objective": "tweedie", "verbosity": -1, "num_threads": threads}
    return lambda: lightgbm.train(params, lightgbm.Dataset(traits, past.revenue))


def _trees(shop: Shop) -> Call:
    past = Past(shop.log, as_of=LAST_DAY).past(LAST_DAY - dt.timedelta(days=WINDOW), WINDOW)
    return lambda: train([past], seed=0)


def _intervals(shop: Shop) -> Call:
    base, grid, prediction = shop.base, shop.grid, shop.prediction

    def call() -> object:
        snapshot = dataclasses.replace(shop.snapshot)
        hurdle = hurdle_of(base, snapshot, prediction, horizon_days=grid.horizon_days)
        return hurdle.shipped(0.95)

    return call


def _score(shop: Shop) -> Call:
    run = clv.forecast(shop.log, dataclasses.replace(CONFIG, model="ensemble"))
    return lambda: clv.score(run, dataclasses.replace(shop.log))


def _score_by_lifetimes(shop: Shop) -> Call:
    rows, fits = shop.rows, shop.fitted
    return lambda: lifetime_value(summarize(rows), *fits)


def _totals(shop: Shop) -> Call:
    run = clv.forecast(shop.log, dataclasses.replace(CONFIG, model="probabilistic"))
    half = run.customers.index[::2]
    return lambda: run.total(half)


def _floor_of_totals(shop: Shop) -> Call:
    values = pd.Series(1.0, index=shop.snapshot.customers.index)
    half = values.index[::2]
    return lambda: values.loc[half].sum()


def _forecast(shop: Shop, model: str) -> Call:
    config = dataclasses.replace(CONFIG, model=model)
    shop.log  # noqa: B018  read before the clock starts
    return lambda: clv.forecast(dataclasses.replace(shop.log), config)


def _peer_of_all(shop: Shop) -> Call:
    shop.rows  # noqa: B018
    return lambda: everything_by_lifetimes(shop)


# stage -> ours, what the peer is, the peer
STAGES: dict[str, tuple[Callable[[Shop], Call], str, Callable[[Shop], Call]]] = {
    "intake": (
        lambda shop: lambda: clv.read_transactions(shop.file, mapping=MAPPING),
        "pandas read_csv, nothing checked",
        lambda shop: lambda: pd.read_csv(shop.file, parse_dates=["date"]),
    ),
    "feature table": (
        lambda shop: (log := shop.log) and (lambda: take_snapshot(dataclasses.replace(log))),
        "lifetimes summary (4 features)",
        lambda shop: (rows := shop.rows) is not None and (lambda: summarize(rows)),
    ),
    "BG/NBD fit": (
        lambda shop: (known := Histories.of(shop.snapshot)) and (lambda: BgNbd().fit(known)),
        "lifetimes BetaGeoFitter",
        lambda shop: (s := shop.summary) is not None and (lambda: fit_counts(s)),
    ),
    "Gamma-Gamma fit": (
        lambda shop: (spent := Spending.of(shop.snapshot)) and (lambda: GammaGamma().fit(spent)),
        "lifetimes GammaGammaFitter",
        lambda shop: (s := shop.summary) is not None and (lambda: fit_amounts(s)),
    ),
    "seasonal base fit": (
        lambda shop: (s := shop.snapshot) and (lambda: Seasonal().fit(dataclasses.replace(s))),
        "lifetimes BG/NBD and Gamma-Gamma",
        lambda shop: (s := shop.summary) is not None and (lambda: (fit_counts(s), fit_amounts(s))),
    ),
    "trees": (_trees, "LightGBM as it comes", grow_defaults),
    "scoring": (
        lambda shop: (base := shop.base)
        and (lambda: base.expected(dataclasses.replace(shop.snapshot), shop.grid)),
        "lifetimes customer_lifetime_value",
        lambda shop: (fits := shop.fitted) and (lambda: lifetime_value(shop.summary, *fits)),
    ),
    "intervals": (
        _intervals,
        "200 draws per customer in numpy",
        lambda shop: shop.fitted and (lambda: simulate_spend(shop)),
    ),
    "total of half the shop": (_totals, "pandas sum without interval", _floor_of_totals),
    "orders scored by a finished run": (
        _score, "lifetimes summary and values, nothing fitted", _score_by_lifetimes
    ),
    "whole, probabilistic": (
        lambda shop: _forecast(shop, "probabilistic"), "lifetimes, summary to values", _peer_of_all
    ),
    "whole, auto": (
        lambda shop: _forecast(shop, "auto"), "lifetimes, summary to values", _peer_of_all
    ),
}  # fmt: skip


def prepare(stage: str, who: str, shop: Shop) -> Call:
    """Return what the clock should see."""
    ours, _, peer = STAGES[stage]
    return (ours if who == OURS else peer)(shop)
