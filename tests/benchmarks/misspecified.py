"""Coverage where the model is wrong: shops with a season, rising prices, whales or drifting rates.

    python tests/benchmarks/misspecified.py --out misspecified.md

Each shop is simulated with known truth that the models do not assume. What degrades is printed as
it is: coverage at 80, 90 and 95 % of customers, of those with four repeats and more, the relative
error of the total, and whether the total lay inside its interval.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from cases import AS_OF, FIRST_DAY, HORIZON_DAYS, SHOPS
from interval_tables import markdown

import clvcore as clv
from clvcore.backtest.metrics import coverage
from clvcore.features import take_outcome, take_snapshot
from clvcore.sample import simulate_shop
from clvcore.uncertainty import customers_at

CUSTOMERS = 4_000
LEVELS = (0.8, 0.9, 0.95)
SEEDS = (1, 2, 3)
WHALES, WHALE_FACTOR = 100, 40.0
DRIFT_SD, HALF_YEAR = 0.35, 182


def true_shop(seed: int) -> pd.DataFrame:
    """Rates, dropout and amounts as the models assume."""
    return simulate_shop(replace(SHOPS["stationary"], customers=CUSTOMERS), seed=seed)


def season(seed: int) -> pd.DataFrame:
    """Twice as many purchases in December as in summer, and 60 % more customers a year."""
    return simulate_shop(replace(SHOPS["seasonal_growing"], customers=CUSTOMERS), seed=seed)


def rising_prices(seed: int) -> pd.DataFrame:
    """Amounts grow by a quarter each year."""
    parameters = replace(SHOPS["stationary"], customers=CUSTOMERS, annual_price_trend=0.25)
    return simulate_shop(parameters, seed=seed)


def whales(seed: int) -> pd.DataFrame:
    """One customer in a hundred spends forty times as much per purchase."""
    rows = true_shop(seed)
    ids = rows["customer_id"].to_numpy()
    large = np.isin(ids, np.unique(ids)[::WHALES])
    return rows.assign(amount=np.where(large, WHALE_FACTOR, 1.0) * rows["amount"])


def drifting_rates(seed: int) -> pd.DataFrame:
    """Everyone's own rate is multiplied by a lognormal factor (sd .35) every half year."""
    rng = np.random.default_rng(seed)
    days = (AS_OF - FIRST_DAY).days + HORIZON_DAYS + 30
    joined = rng.integers(0, (AS_OF - FIRST_DAY).days, CUSTOMERS)
    rate = rng.gamma(0.7, 1 / 7.0, CUSTOMERS) / 7.0
    dropout = rng.beta(0.8, 3.2, CUSTOMERS)
    mean_amount = 30.0 / rng.gamma(4.0, size=CUSTOMERS) * 5.0
    rows = []
    for who in range(CUSTOMERS):
        day, speed = float(joined[who]), rate[who]
        step = day + HALF_YEAR
        bought = [day]
        while True:
            day += rng.exponential(1.0 / speed)
            while day > step and step < days:  # what is left of the wait runs at the new rate
                factor = np.exp(rng.normal(0.0, DRIFT_SD))
                speed *= factor
                day = step + (day - step) / factor
                step += HALF_YEAR
            if day >= days:
                break
            bought.append(day)
            if rng.random() < dropout[who]:
                break
        amounts = rng.gamma(5.0, mean_amount[who] / 5.0, len(bought))
        rows += [(f"c{who}", int(when), money) for when, money in zip(bought, amounts, strict=True)]
    table = pd.DataFrame(rows, columns=["customer_id", "day", "amount"])
    dates = pd.Timestamp(FIRST_DAY) + pd.to_timedelta(table.pop("day"), unit="D")
    return table.assign(date=dates, amount=table["amount"].round(2))


SHOPS_TO_TRY: dict[str, Callable[[int], pd.DataFrame]] = {
    "as assumed": true_shop,
    "season and growth": season,
    "prices +25 % a year": rising_prices,
    "1 % whales": whales,
    "drifting rates": drifting_rates,
}


def measure(rows: pd.DataFrame) -> dict[str, float]:
    """Return coverage per level, of everyone and of frequent buyers, bias and total inside."""
    mapping = {"customer_id": "customer_id", "date": "date", "amount": "amount"}
    log = clv.read_transactions(rows[list(mapping)], mapping=mapping)
    run = clv.forecast(log, clv.ForecastConfig(as_of=AS_OF, horizon_days=HORIZON_DAYS))
    snapshot = take_snapshot(log, as_of=AS_OF)
    end = pd.Timestamp(AS_OF) + pd.Timedelta(days=HORIZON_DAYS)
    spent = take_outcome(log, snapshot, end=end.date()).customers["revenue"].to_numpy()
    often = snapshot.customers["frequency"].to_numpy() >= 4
    found = {}
    for level in LEVELS:
        lower, upper = (
            customers_at(run, level)[side].to_numpy() for side in ("clv_lower", "clv_upper")
        )
        found[f"{level:.0%}"] = coverage(spent, lower, upper)
        found[f"{level:.0%} of 4+"] = coverage(spent[often], lower[often], upper[often])
    whole = run.totals[run.totals["scope"] == "all"].iloc[0]
    found["bias"] = whole["clv"] / spent.sum() - 1.0
    found["inside"] = float(whole["clv_lower"] <= spent.sum() <= whole["clv_upper"])
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure every shop over the seeds and print the means."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, help="also write the table to this file")
    parser.add_argument("--seeds", type=int, default=len(SEEDS))
    options = parser.parse_args(arguments)
    rows, headings = [], []
    for name, make in SHOPS_TO_TRY.items():
        means = pd.DataFrame([measure(make(seed)) for seed in SEEDS[: options.seeds]]).mean()
        headings = list(means.index)
        rows.append([name, *(f"{value:.3f}" for value in means)])
    text = markdown(["shop", *headings], rows) + "\n"
    sys.stdout.write(text)
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
