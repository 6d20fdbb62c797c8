"""A shop in continuous time whose true parameters are known.

Every customer joins with a first purchase, then buys as a Poisson process of their own rate until
they drop out; rates are gamma, dropout probabilities beta (BG/NBD), amounts gamma with a gamma
scale (Gamma-Gamma). Nothing is rounded to days before the process has run: counting in whole
days biases the very parameters a fit is supposed to find again.

Fader, Hardie & Lee (2005), Marketing Science 24(2); Fader & Hardie (2013), the gamma-gamma note;
Batislam, Denizel & Filiztekin (2007) for the variant that may drop out after the first purchase.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from clvcore.records.columns import (
    AGE,
    AMOUNT,
    CUSTOMER,
    DATE,
    DAYS_PER_WEEK,
    FREQUENCY,
    ORDER,
    RECENCY,
)
from clvcore.records.errors import ConfigError

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

DAYS_PER_YEAR = 365.25
_POSITIVE = ("r", "alpha", "a", "b", "p", "q", "v")
_SMALLEST_DROPOUT = 1e-12  # a geometric draw needs a probability above 0


@dataclass(frozen=True, kw_only=True)
class ShopParameters:
    """The truth a simulated shop is drawn from. Defaults are those published for CDNOW.

    Parameters
    ----------
    customers
        Customers who join, 1 or more.
    first_day, last_day
        Days observed, both inclusive.
    last_join_day
        Last day a customer can join; default ``last_day``.
    r, alpha
        Purchase rates ~ Gamma(shape ``r``, rate ``alpha`` in weeks): ``r / alpha`` purchases per
        week on average.
    a, b
        Probability of dropping out after a purchase ~ Beta(``a``, ``b``).
    dropout_at_first
        Also drop out after the first purchase (MBG/NBD); otherwise only after a repeat purchase.
    p, q, v
        Amount of a purchase ~ Gamma(shape ``p``, rate nu), nu ~ Gamma(shape ``q``, rate ``v`` in
        currency): ``p * v / (q - 1)`` on average for ``q`` above 1.
    season
        Twelve factors, January first, of the rate at which customers join and buy; only their
        ratios matter. ``None`` is a flat year.
    annual_growth
        Growth of new customers per year; 0.25 lets a quarter more join a year later.
    annual_price_trend
        Growth of amounts per year.

    Raises
    ------
    ConfigError
        If a value cannot be drawn from; the message names it.
    """

    customers: int = 1_000
    first_day: dt.date = dt.date(2023, 1, 1)
    last_day: dt.date = dt.date(2024, 12, 31)
    last_join_day: dt.date | None = None
    r: float = 0.243
    alpha: float = 4.414
    a: float = 0.793
    b: float = 2.426
    dropout_at_first: bool = False
    p: float = 6.25
    q: float = 3.74
    v: float = 15.44
    season: tuple[float, ...] | None = None
    annual_growth: float = 0.0
    annual_price_trend: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn from."""
        if isinstance(self.customers, bool) or not isinstance(self.customers, int):
            raise _refusal("customers", self.customers, "a whole number")
        if self.customers < 1:
            raise _refusal("customers", self.customers, "1 or more")
        for name in _POSITIVE:
            if not _is_above(getattr(self, name), 0.0):
                raise _refusal(name, getattr(self, name), "a number above 0")
        for name in ("annual_growth", "annual_price_trend"):
            if not _is_above(getattr(self, name), -1.0):
                raise _refusal(name, getattr(self, name), "a number above -1")
        if self.season is not None and (
            len(self.season) != 12 or not all(_is_above(factor, 0.0) for factor in self.season)
        ):
            raise _refusal("season", self.season, "twelve numbers above 0, January first")
        if not self.first_day <= self.join_end <= self.last_day:
            raise _refusal("last_join_day", self.join_end, "a day from first_day to last_day")

    @property
    def join_end(self) -> dt.date:
        """Last day a customer can join."""
        return self.last_join_day or self.last_day

    @property
    def days(self) -> int:
        """Days observed."""
        return (self.last_day - self.first_day).days + 1


@dataclass(frozen=True, eq=False, kw_only=True)
class _Purchases:
    """Purchases in continuous time, sorted by customer and time.

    ``customer`` counts customers in order of joining; ``time`` is days since the start of
    ``first_day``; ``joined`` holds one time per customer.
    """

    customer: Integers
    time: Floats
    joined: Floats


def simulate_shop(parameters: ShopParameters, *, seed: int) -> pd.DataFrame:
    """Draw the orders of a shop: clean, one row per order, sorted by time.

    Parameters
    ----------
    parameters
        The truth to draw from.
    seed
        Start of the random draws; the same seed gives the same orders.

    Returns
    -------
    DataFrame
        customer_id  str, numbered in order of joining
        date         datetime64, the calendar day of the purchase
        amount       float, currency, two decimals, at least 0.01
        order_id     str, numbered in order of time

    Examples
    --------
    >>> simulate_shop(ShopParameters(customers=2), seed=1)["customer_id"].nunique()
    2
    """
    generator = np.random.default_rng(seed)
    purchases = _draw_purchases(parameters, generator)
    amounts = _draw_amounts(parameters, purchases, generator)
    by_time = np.argsort(purchases.time, kind="stable")
    ids = _numbered("C", parameters.customers, 5)
    days = np.floor(purchases.time[by_time]).astype("timedelta64[D]")
    return pd.DataFrame(
        {
            CUSTOMER: pd.array(ids[purchases.customer[by_time]], dtype="str"),
            DATE: (np.datetime64(parameters.first_day, "D") + days).astype("datetime64[us]"),
            AMOUNT: amounts[by_time],
            ORDER: pd.array(_numbered("O", by_time.size, 6), dtype="str"),
        }
    )


def simulate_summary(parameters: ShopParameters, *, seed: int) -> pd.DataFrame:
    """Return what the models see of the same shop, in continuous time.

    Parameters
    ----------
    parameters, seed
        As in ``simulate_shop``; the same pair describes the same purchases.

    Returns
    -------
    DataFrame, one row per customer in order of joining
        frequency  repeat purchases, int (two on one day are two)
        recency    first to last purchase, weeks, not rounded to days
        T          first purchase to the end of ``last_day``, weeks
    """
    purchases = _draw_purchases(parameters, np.random.default_rng(seed))
    counts = np.bincount(purchases.customer, minlength=parameters.customers)
    last = purchases.time[np.cumsum(counts) - 1]
    return pd.DataFrame(
        {
            FREQUENCY: counts - 1,
            RECENCY: (last - purchases.joined) / DAYS_PER_WEEK,
            AGE: (parameters.days - purchases.joined) / DAYS_PER_WEEK,
        }
    )


def _draw_purchases(parameters: ShopParameters, generator: np.random.Generator) -> _Purchases:
    size = parameters.customers
    joined = _draw_joining(parameters, generator)
    rate = generator.gamma(parameters.r, 1.0 / parameters.alpha, size)
    dropout = generator.beta(parameters.a, parameters.b, size).clip(_SMALLEST_DROPOUT, 1.0)
    lifetime = generator.geometric(dropout) - int(parameters.dropout_at_first)

    # A season speeds the clock up and down: on that clock purchases are a plain Poisson process.
    clock = np.concatenate([[0.0], np.cumsum(_season_by_day(parameters))]) / DAYS_PER_WEEK
    calendar = np.arange(parameters.days + 1, dtype=float)
    start = np.interp(joined, calendar, clock)
    span = clock[-1] - start
    wishes = generator.poisson(rate * span)
    customer = np.repeat(np.arange(size), wishes)
    ticks = start[customer] + generator.random(customer.size) * span[customer]
    order = np.lexsort((ticks, customer))
    rank = np.arange(customer.size) - np.repeat(np.cumsum(wishes) - wishes, wishes)
    alive = rank < lifetime[customer]
    repeats = np.interp(ticks[order][alive], clock, calendar)

    everyone = np.concatenate([np.arange(size), customer[alive]])
    times = np.concatenate([joined, repeats])
    order = np.lexsort((times, everyone))
    # The very end of the last day belongs to the last day.
    within = np.minimum(times[order], np.nextafter(parameters.days, 0.0))
    return _Purchases(customer=everyone[order], time=within, joined=joined)


def _draw_joining(parameters: ShopParameters, generator: np.random.Generator) -> Floats:
    """Days since the start at which customers join, increasing."""
    until = (parameters.join_end - parameters.first_day).days + 1
    growth: Floats = (1.0 + parameters.annual_growth) ** (np.arange(until) / DAYS_PER_YEAR)
    arrivals = np.cumsum(growth * _season_by_day(parameters)[:until])
    share = np.concatenate([[0.0], arrivals / arrivals[-1]])
    drawn = np.sort(generator.random(parameters.customers))
    days: Floats = np.interp(drawn, share, np.arange(until + 1.0))
    return days


def _draw_amounts(
    parameters: ShopParameters, purchases: _Purchases, generator: np.random.Generator
) -> Floats:
    nu = generator.gamma(parameters.q, 1.0 / parameters.v, parameters.customers)
    amount = generator.gamma(parameters.p, 1.0 / nu[purchases.customer])
    trend = (1.0 + parameters.annual_price_trend) ** (purchases.time / DAYS_PER_YEAR)
    return np.maximum(np.round(amount * trend, 2), 0.01)


def _season_by_day(parameters: ShopParameters) -> Floats:
    """Rate of each observed day relative to an average month's."""
    if parameters.season is None:
        return np.ones(parameters.days)
    days = np.datetime64(parameters.first_day, "D") + np.arange(parameters.days)
    months = days.astype("datetime64[M]").astype(np.int64) % 12
    factors: Floats = np.asarray(parameters.season, dtype=float)
    relative: Floats = factors / factors.mean()
    return relative[months]


def _numbered(prefix: str, count: int, digits: int) -> npt.NDArray[np.object_]:
    digits = max(digits, len(str(count)))
    return np.array([f"{prefix}{number:0{digits}d}" for number in range(1, count + 1)], object)


def _is_above(value: object, floor: float) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value) and value > floor  # type: ignore[arg-type,operator]


def _refusal(name: str, value: object, wanted: str) -> ConfigError:
    return ConfigError(
        "SHOP_PARAMETER",
        "{name} of the simulated shop must be {wanted}, got {value!r}.",
        name=name, wanted=wanted, value=value,
    )  # fmt: skip
