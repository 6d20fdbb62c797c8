"""The frozen records that travel through a forecast, left to right.

bytes -> Transactions -> Snapshot -> Prediction -> Run. A record that holds a frame compares by
identity (``eq=False``) and nobody writes to a frame he was given.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.columns import (
    AMOUNT,
    CUSTOMER,
    DATE,
    DRIFT_FRAME,
    EMAIL,
    KEPT,
    LINE,
    ORDER,
    PURCHASE_DATE,
)
from clvcore.config import ForecastConfig
from clvcore.errors import DataError, Notice
from clvcore.numbering import Numbering
from clvcore.promises import Basis, CommonFactor, Trust

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class QualityReport:
    """The ledger: every row and every cent of the input is used or dropped for a reason.

    Two identities hold always: ``rows_in = rows_used + sum(rows_dropped)`` and
    ``amount_in = amount_used + sum(amount_dropped)``. An amount that cannot be read counts as 0.

    Parameters
    ----------
    rows_in, rows_used, rows_dropped
        Rows; dropped ones by reason.
    amount_in, amount_used, amount_dropped
        Money in ``currency``; dropped by reason.
    customers_in, customers_used
        Distinct ids read, and those with at least one kept purchase day.
    warnings
        Doubts about the data.
    rejected
        Table of unreadable rows: ``line`` (1-based, in the file), ``reason``, raw values.
    """

    rows_in: int
    rows_used: int
    rows_dropped: dict[str, int]
    amount_in: float
    amount_used: float
    amount_dropped: dict[str, float]
    customers_in: int
    customers_used: int
    warnings: tuple[Notice, ...] = ()
    rejected: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"line": [], "reason": []}))

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as JSON types, without the rejected rows themselves."""
        return {
            "rows_in": self.rows_in,
            "rows_used": self.rows_used,
            "rows_dropped": self.rows_dropped,
            "amount_in": self.amount_in,
            "amount_used": self.amount_used,
            "amount_dropped": self.amount_dropped,
            "customers_in": self.customers_in,
            "customers_used": self.customers_used,
            "warnings": [str(notice) for notice in self.warnings],
        }


@dataclass(frozen=True, eq=False, kw_only=True)
class Transactions:
    """Orders that passed the intake, one row per order line.

    Parameters
    ----------
    lines
        Arrow table, rows in file order: ``line`` int64 (1-based position in the input),
        ``customer_id`` string, ``date`` date32, ``amount`` float64, ``order_id`` string (may be
        absent), attribute columns, perhaps ``email`` (for exported lists only; never logged nor
        looked at by a model), and, netted as of the last day, ``purchase_date`` date32 and
        ``kept`` bool (False: the line belongs to a day of returns without a purchase).
    quality
        The ledger of the intake.
    attributes
        Names of the columns kept for cohorts, constant or changing per customer.
    currency
        ISO 4217 code if known; only ever printed.
    content_hash
        SHA-256 of the lines' content, the same for the same orders in any order of rows.
    numbering
        The customers of ``lines`` as numbers, where the intake has them; it counts for nothing
        if it is of another table.
    """

    lines: pa.Table
    quality: QualityReport
    content_hash: str
    attributes: tuple[str, ...] = ()
    currency: str | None = None
    numbering: Numbering | None = field(default=None, repr=False)

    @property
    def first_day(self) -> dt.date:
        """First day of the log."""
        day: dt.date = pc.min(self.lines[DATE]).as_py()
        return day

    @property
    def last_day(self) -> dt.date:
        """Last day of the log, the default ``as_of``."""
        day: dt.date = pc.max(self.lines[DATE]).as_py()
        return day

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows that count: customer_id, date, amount, order_id and attributes."""
        extra = [n for n in (LINE, PURCHASE_DATE, KEPT, EMAIL) if n in self.lines.column_names]
        used = self.lines.filter(self.lines[KEPT]).drop_columns(extra)
        first = [name for name in (CUSTOMER, DATE, AMOUNT, ORDER) if name in used.column_names]
        order = first + [name for name in used.column_names if name not in first]
        frame: pd.DataFrame = used.select(order).to_pandas(date_as_object=False)
        return frame


@dataclass(frozen=True, eq=False, kw_only=True)
class Snapshot:
    """What was known of each customer at the end of ``as_of``; nothing later can change it.

    Parameters
    ----------
    as_of, first_day
        Last day known, and day of the first kept purchase: returns before it say nothing.
    customers
        One row per customer with a kept purchase day <= ``as_of``, indexed and sorted by
        ``customer_id``: ``frequency``, ``recency`` and ``T`` (days), ``monetary_value``,
        ``n_orders``, ``days_since_last``, ``revenue_to_date``, ``first_amount``, ``last_amount``,
        ``max_amount``, ``mean_log_amount``, ``recent_mean_amount`` (weights halve every 180 days),
        ``gap_mean`` and ``gap_spread`` (days between purchases, NaN without a repeat),
        ``returned_share``, ``year_end_share`` (purchase days in November and December),
        ``purchases_30`` to ``_365`` and ``spend_30`` to ``_365`` (last days), ``first_purchase``,
        ``last_purchase`` and the attribute columns (value at the first purchase).
    purchases
        One row per kept purchase day: ``customer`` (row number in ``customers``), ``day`` (days
        since ``first_day``), ``amount``; sorted by both.
    """

    as_of: dt.date
    first_day: dt.date
    customers: pd.DataFrame
    purchases: pd.DataFrame

    @property
    def history_days(self) -> int:
        """Days from the first day of the log to ``as_of``."""
        return (self.as_of - self.first_day).days


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcome:
    """What the customers of a snapshot did in (``as_of``, ``end``].

    ``customers`` has one row per customer of the snapshot, in its order: ``revenue`` (sum of kept
    day totals, undiscounted) and ``purchases`` (kept purchase days). ``newcomer_revenue`` is the
    revenue of customers first seen after ``as_of``; they are no part of any forecast.
    """

    as_of: dt.date
    end: dt.date
    customers: pd.DataFrame
    newcomer_revenue: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Grid:
    """Days after ``as_of`` at which cumulative values are given, one per calendar month.

    ``days`` are the ends of the steps (increasing, the last one is the horizon), ``months`` the
    same in months (1, 2, ... and a fraction for a last step that is cut short).
    """

    as_of: dt.date
    days: tuple[int, ...]
    months: tuple[float, ...]

    @property
    def horizon_days(self) -> int:
        """Length of the forecast in days."""
        return self.days[-1]

    def dates(self) -> list[dt.date]:
        """Return the last day of each step."""
        return [self.as_of + dt.timedelta(days=day) for day in self.days]


@dataclass(frozen=True, eq=False, kw_only=True)
class Prediction:
    """Expected purchases and revenue per customer, cumulative over the grid.

    Parameters
    ----------
    index
        Customer ids, in the snapshot's order.
    purchases, revenue
        Shape (customers, steps), cumulative, undiscounted, at margin 1.
    p_alive, p_purchase
        Shape (customers,): at ``as_of``; at least one purchase within the horizon.
    purchase_value
        Shape (customers,): expected amount per purchase day.
    """

    index: pd.Index
    purchases: Floats
    revenue: Floats
    p_alive: Floats
    p_purchase: Floats
    purchase_value: Floats


@dataclass(frozen=True, eq=False, kw_only=True)
class Backtest:
    """How forecasts made on days in the past turned out.

    Parameters
    ----------
    window_days
        Length of the scored windows.
    is_full_length
        Whether that is the horizon of the forecast; if not, its quality is not measured.
    leaderboard
        Indexed by model, columns as in ``columns.LEADERBOARD_FRAME``, averaged over origins.
    totals
        ``origin``, ``model``, ``actual`` and ``forecast`` revenue of everyone known at the origin.
    left_out
        Members that could not be fitted at the latest origin.
    """

    window_days: int
    is_full_length: bool
    leaderboard: pd.DataFrame
    totals: pd.DataFrame
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Run:
    """A finished forecast and everything needed to trust and repeat it.

    ``customers``, ``totals``, ``cohorts``, ``timeline``, ``leaderboard`` and ``weights`` have the
    columns named in ``clvcore.columns``. ``parameters`` and ``log_likelihood`` are keyed by model
    (time in weeks, money in ``currency``). ``boosters`` holds trained trees in their native formats
    by file name (``lightgbm.txt``, ``xgboost.json``); empty where no trees were trained.
    ``distribution`` has the predictive distribution of each row of ``customers`` beside its mean:
    ``buys`` and ``spread`` as in ``clvcore.uncertainty.Hurdle``. ``basis`` is what intervals rest
    on beside the customers they are of, None in runs of earlier versions. ``prediction`` is the
    forecast month by month; a run that was read back leaves it on the disk
    (``store.load_prediction``).
    ``clocks`` has the operational clock of a model by name: ``edges`` (days since the log began,
    the last is ``as_of``) and ``speeds`` between them; empty for models without one.
    ``milestones`` has the value of the same customers after 3, 6 and 12 months, cumulative,
    whatever the horizon. ``drift`` has the columns of ``columns.DRIFT_FRAME`` if the run was scored
    with an earlier one, and no row otherwise.
    """

    customers: pd.DataFrame
    totals: pd.DataFrame
    cohorts: pd.DataFrame
    timeline: pd.DataFrame
    leaderboard: pd.DataFrame
    weights: pd.DataFrame
    quality: QualityReport
    config: ForecastConfig
    as_of: dt.date
    horizon_end: dt.date
    data_hash: str
    model: str
    parameters: dict[str, dict[str, float]]
    log_likelihood: dict[str, float]
    warnings: tuple[Notice, ...] = ()
    currency: str | None = None
    cutoffs: dict[str, float] = field(default_factory=dict)
    trust: Trust = field(default_factory=Trust)
    boosters: dict[str, bytes] = field(default_factory=dict)
    distribution: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame({"buys": [], "spread": []})
    )
    common: CommonFactor | None = None
    basis: Basis | None = None
    prediction: Prediction | None = None
    clocks: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    milestones: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame({"value_3m": [], "value_6m": [], "value_12m": []})
    )
    drift: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(DRIFT_FRAME)))

    def total(self, ids: Iterable[str]) -> pd.Series[float]:
        """Return ``clv``, ``clv_lower`` and ``clv_upper`` of any selection of customers.

        The interval is the selection's own: adding up customers' bounds would promise far too
        much precision.

        Raises
        ------
        DataError
            If an id is not in the run.
        """
        rows = np.flatnonzero(self._chosen(ids))
        total, low, high = self._sum(rows, np.ones(len(rows)))
        return pd.Series({"clv": total, "clv_lower": low, "clv_upper": high})

    def weighted_total(self, weights: Floats) -> tuple[float, float, float]:
        """Return the sum of ``clv`` x weight over all customers, and its bounds.

        Parameters
        ----------
        weights
            Shape (customers,), not negative: what an action wins of each one's value; customers
            of weight 0 are no part of the selection.
        """
        rows = np.flatnonzero(weights > 0)
        return self._sum(rows, weights[rows])

    def _sum(self, rows: npt.NDArray[np.int64], weights: Floats) -> tuple[float, float, float]:
        """Return the weighted sum of some customers' values, and its bounds."""
        clv, variances = self._clv_and_variance
        total = float((clv[rows] * weights).sum())
        if self.common is None:
            return total, np.nan, np.nan
        if not total > 0:
            return total, total, total
        everybody, money = len(clv), float(clv.sum())
        if self.basis is not None:
            everybody, money = self.basis.customers, self.basis.clv
        share = 1.0 if len(rows) == everybody else float(clv[rows].sum()) / money
        own = (variances[rows] * weights**2).sum() / total**2
        average = share * everybody / len(rows)
        width = float(self.common.half_width(own, share, average))
        return total, total * np.exp(-width), total * np.exp(width)

    @property
    def variance(self) -> Floats:
        """Variance of each customer's value, in the order of ``customers``; 0 if unknown."""
        return self._clv_and_variance[1]

    @cached_property
    def _clv_and_variance(self) -> tuple[Floats, Floats]:
        clv = self.customers["clv"].to_numpy(dtype=np.float64)
        if self.common is None:
            return clv, np.zeros(len(clv))
        buys, spread = (self.distribution[c].to_numpy() for c in ("buys", "spread"))
        return clv, clv**2 * np.maximum((1.0 + spread) / buys - 1.0, 0.0)

    def _chosen(self, ids: Iterable[str]) -> npt.NDArray[np.bool_]:
        """Return who is meant; one look-up in Arrow, since 100,000 ids are asked for at a click."""
        known = pa.array(self.customers.index)
        wanted = ids if isinstance(ids, pd.Index | pd.Series | np.ndarray) else list(ids)
        try:
            named = pa.array(wanted).cast(known.type)
        except pa.ArrowException:
            named = pa.array([str(one) for one in wanted], known.type)
        chosen: npt.NDArray[np.bool_] = pc.is_in(known, value_set=named).to_numpy(
            zero_copy_only=False
        )
        if chosen.sum() < len(named):  # some twice, or some unknown
            strangers = pc.unique(named.filter(pc.invert(pc.is_in(named, value_set=known))))
            if len(strangers):
                raise DataError(
                    "UNKNOWN_CUSTOMER",
                    "{count} of the ids are not in this run, the first is {first!r}. Ids are text "
                    "and must match exactly.",
                    count=len(strangers), first=strangers[0].as_py(),
                )  # fmt: skip
        return chosen
