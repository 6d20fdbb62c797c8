"""A plausible export of a shop system, with the flaws such files have.

The orders come from the simulator; e-mail, channel and country, returns and dirty rows are added
here, from a random stream of their own.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from clvcore.records.columns import AMOUNT, CUSTOMER, DATE, ORDER
from clvcore.sample.simulator import ShopParameters, simulate_shop

SAMPLE_SHOP = ShopParameters(
    customers=4_000,
    first_day=dt.date(2023, 1, 1),
    last_day=dt.date(2024, 12, 31),
    r=0.60, alpha=5.5, a=0.90, b=4.0,
    p=4.0, q=4.2, v=36.0,
    season=(0.85, 0.80, 0.90, 0.95, 1.00, 0.95, 0.85, 0.80, 0.95, 1.05, 1.35, 1.55),
    annual_growth=0.35,
    annual_price_trend=0.03,
)  # fmt: skip

RETURN_SHARE = 0.03
BLANK_ID_SHARE = 0.001
UNREADABLE_DATES = 2
BLANK_AMOUNTS = 3
DUPLICATES = 8
FEWEST_ROWS_WITH_FLAWS = 60

CHANNELS = {"organic": 0.38, "paid_search": 0.27, "email": 0.20, "marketplace": 0.15}
COUNTRIES = {"ES": 0.36, "PT": 0.22, "FR": 0.16, "DE": 0.13, "IT": 0.08, "IE": 0.05}
COLUMNS = [ORDER, CUSTOMER, "email", "order_date", AMOUNT, "channel", "country"]
_FIRST_NAMES = (
    "ana",
    "bruno",
    "carla",
    "diego",
    "elena",
    "fabio",
    "greta",
    "hugo",
    "ines",
    "jonas",
)
_LAST_NAMES = ("alves", "blanco", "costa", "duarte", "ferri", "garcia", "keller", "lopez", "martin")


def sample_orders(n_customers: int = 4_000, *, seed: int = 0) -> pd.DataFrame:
    """Draw two years of orders as a shop system would export them.

    Parameters
    ----------
    n_customers
        Customers who join in 2023 and 2024, 1 or more.
    seed
        Start of the random draws; the same seed gives the same rows.

    Returns
    -------
    DataFrame, every column text, rows sorted by date
        order_id, customer_id, email, order_date (2024-03-31), amount (EUR, 12.50), channel and
        country. About 3 % of the orders have a line of their own that takes money back; a few
        rows are flawed: no customer, a day that does not exist, no amount, an amount that is no
        number, exact duplicates.

    Raises
    ------
    ConfigError
        If ``n_customers`` is not a whole number of 1 or more.
    """
    clean = simulate_shop(_shop_of(n_customers), seed=seed)
    generator = np.random.default_rng([seed, 1])
    orders = _with_traits(clean, n_customers, generator)
    orders = pd.concat([orders, _returns(orders, generator)], ignore_index=True)
    orders = orders.sort_values([DATE, ORDER], kind="stable", ignore_index=True)
    return _with_flaws(_as_text(orders), generator)[COLUMNS]


def _shop_of(n_customers: int) -> ShopParameters:
    settings = {name: getattr(SAMPLE_SHOP, name) for name in SAMPLE_SHOP.__dataclass_fields__}
    return ShopParameters(**{**settings, "customers": n_customers})


def _with_traits(
    orders: pd.DataFrame, n_customers: int, generator: np.random.Generator
) -> pd.DataFrame:
    """Add e-mail and country, one per customer, and the channel of each order."""
    number = orders[CUSTOMER].str.slice(1).astype("int64").to_numpy() - 1
    first = generator.choice(_FIRST_NAMES, n_customers)
    last = generator.choice(_LAST_NAMES, n_customers)
    emails = np.array(
        [f"{a}.{b}{n + 1}@example.com" for n, (a, b) in enumerate(zip(first, last, strict=True))]
    )
    country = _choice(COUNTRIES, n_customers, generator)
    usual = _choice(CHANNELS, n_customers, generator)
    once = _choice(CHANNELS, len(orders), generator)
    channel = np.where(generator.random(len(orders)) < 0.7, usual[number], once)
    return orders.assign(email=emails[number], channel=channel, country=country[number])


def _choice(
    shares: dict[str, float], size: int, generator: np.random.Generator
) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    return generator.choice(np.array(list(shares)), size, p=list(shares.values()))


def _returns(orders: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    """Lines that take money back, under the id of their order: half of them in full."""
    chosen = orders[generator.random(len(orders)) < RETURN_SHARE]
    delay = np.where(generator.random(len(chosen)) < 0.7, generator.integers(1, 31, len(chosen)), 0)
    share = np.where(
        generator.random(len(chosen)) < 0.5, 1.0, generator.uniform(0.2, 0.8, len(chosen))
    )
    back = chosen.assign(
        **{
            DATE: chosen[DATE] + pd.to_timedelta(delay, unit="D"),
            AMOUNT: -np.maximum((chosen[AMOUNT] * share).round(2), 0.01),
        }
    )
    return back[back[DATE] <= pd.Timestamp(SAMPLE_SHOP.last_day)]


def _as_text(orders: pd.DataFrame) -> pd.DataFrame:
    return orders.assign(
        order_date=orders[DATE].dt.strftime("%Y-%m-%d"),
        **{AMOUNT: pd.array([f"{amount:.2f}" for amount in orders[AMOUNT]], dtype="str")},
    )


def _with_flaws(orders: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    """Spoil a few rows; each row at most once, so that every flaw can be counted."""
    size = len(orders)
    if size < FEWEST_ROWS_WITH_FLAWS:
        return orders
    orders = orders.copy()
    february = np.flatnonzero(orders["order_date"].str.startswith("2024-02").to_numpy())
    dates = february[-UNREADABLE_DATES:]
    orders.loc[dates, "order_date"] = "2024-02-30"
    others = np.setdiff1d(np.arange(size), dates)
    guests = int(np.ceil(BLANK_ID_SHARE * size))
    drawn = generator.choice(others, guests + BLANK_AMOUNTS + 1 + DUPLICATES, replace=False)
    blank, no_amount, no_number, twice = np.split(drawn, np.cumsum([guests, BLANK_AMOUNTS, 1]))
    orders.loc[blank, [CUSTOMER, "email"]] = None
    orders.loc[no_amount, AMOUNT] = None
    orders.loc[no_number, AMOUNT] = "n/a"
    rows = np.sort(np.concatenate([np.arange(size), twice]))
    return orders.iloc[rows].reset_index(drop=True)
