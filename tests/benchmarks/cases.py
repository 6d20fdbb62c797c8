"""The eight cases accuracy is measured on: five cuts of two real logs, three simulated shops.

The real logs are read from the folder named by ``CLV_DATA``. The simulated shops have known truth:

stationary       rates, dropout and amounts as BG/NBD and Gamma-Gamma assume them: the tutorial's
                 model is the truth, so nobody can be expected to beat it.
seasonal_growing the same kind of customers on a clock with a strong Christmas season, 60 % more new
                 customers a year, prices rising by 4 % a year.
one_time         four in five customers never come back: dropout after the first purchase already
                 (MBG/NBD), few and slow repeat buyers.

Each has 18 months of history, in which all customers join, and a year of outcome from the same
draw. Amounts have finite variance throughout (q above 2).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path

import clvcore as clv
from clvcore.sample import ShopParameters, simulate_shop

FIRST_DAY, AS_OF, HORIZON_DAYS = dt.date(2022, 1, 1), dt.date(2023, 6, 30), 365
SHOP_CUSTOMERS = 5_000
SHOP_SEED = 20_231_123
_SHOP = ShopParameters(
    customers=SHOP_CUSTOMERS,
    first_day=FIRST_DAY,
    last_join_day=AS_OF,
    # a month beyond the outcome, so that the log surely reaches the end of the window
    last_day=AS_OF + dt.timedelta(days=HORIZON_DAYS + 30),
    r=0.7, alpha=7.0, a=0.8, b=3.2,
    p=5.0, q=4.0, v=30.0,
)  # fmt: skip
SHOPS = {
    "stationary": _SHOP,
    "seasonal_growing": replace(
        _SHOP,
        season=(0.80, 0.75, 0.85, 0.90, 0.95, 0.90, 0.80, 0.80, 1.00, 1.15, 1.60, 1.90),
        annual_growth=0.6,
        annual_price_trend=0.04,
    ),
    "one_time": replace(_SHOP, r=0.5, alpha=10.0, a=2.0, b=1.6, dropout_at_first=True),
}
_COLUMNS = {"customer_id": "customer_id", "date": "date", "amount": "amount"}
REAL_LOGS = {
    "cdnow": ("cdnow_full.parquet", "USD", _COLUMNS),
    "online_retail_ii": ("online_retail_ii.parquet", "GBP", _COLUMNS | {"order_id": "order_id"}),
}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One forecast to judge: a log, the last day known and how far to look ahead."""

    log: str
    as_of: dt.date
    horizon_days: int

    @property
    def real(self) -> bool:
        """Whether the log is a real shop's."""
        return self.log in REAL_LOGS

    @property
    def name(self) -> str:
        """As printed: log, last day known, days ahead."""
        return f"{self.log} {self.as_of} +{self.horizon_days}"

    @property
    def end(self) -> dt.date:
        """Last day of the outcome."""
        return self.as_of + dt.timedelta(days=self.horizon_days)


CASES = (
    Case(log="cdnow", as_of=dt.date(1997, 9, 30), horizon_days=273),
    Case(log="cdnow", as_of=dt.date(1997, 12, 31), horizon_days=181),
    Case(log="online_retail_ii", as_of=dt.date(2010, 12, 9), horizon_days=365),
    Case(log="online_retail_ii", as_of=dt.date(2011, 3, 9), horizon_days=275),
    Case(log="online_retail_ii", as_of=dt.date(2011, 6, 9), horizon_days=183),
    *(Case(log=name, as_of=AS_OF, horizon_days=HORIZON_DAYS) for name in SHOPS),
)


def read_log(
    name: str,
    *,
    folder: Path | None = None,
    customers: int = SHOP_CUSTOMERS,
    seed: int = SHOP_SEED,
) -> clv.Transactions:
    """Read a real log from ``folder``, or draw a simulated shop of ``customers``."""
    if name in REAL_LOGS:
        file, currency, mapping = REAL_LOGS[name]
        if folder is None:
            raise FileNotFoundError(f"{file}: CLV_DATA does not name the folder of the real logs")
        return clv.read_transactions(
            folder / file, mapping=clv.Mapping(**mapping), currency=currency
        )
    rows = simulate_shop(replace(SHOPS[name], customers=customers), seed=seed)
    return clv.read_transactions(rows)
