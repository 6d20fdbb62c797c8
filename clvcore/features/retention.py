"""What each cohort has done so far, month by month of its customers' own lives.

Month k of a customer is the k-th stretch of 30.4375 days since the first purchase day, which
opens month 0. Counting from each customer's own day lets old and young cohorts be compared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from clvcore.records.columns import AGE
from clvcore.records.horizon import MEAN_MONTH_DAYS
from clvcore.records.numbers import Floats
from clvcore.records.snapshot import Snapshot

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, kw_only=True)
class CohortMonths:
    """Buyers and revenue of each cohort by month of its customers' lives.

    Parameters
    ----------
    names
        Cohorts, sorted.
    member
        Shape (customers,), number of each customer's cohort.
    sizes
        Shape (cohorts,), customers.
    youngest
        Shape (cohorts,), days since the first purchase of the customer who came last.
    buyers
        Shape (cohorts, months), customers with a purchase day in that month. The months after
        ``lived`` hold what is known so far.
    revenue
        Shape (cohorts, months), money of the kept purchase days in that month.
    """

    names: pd.Index
    member: Ints
    sizes: Ints
    youngest: Ints
    buyers: Floats
    revenue: Floats

    @property
    def lived(self) -> Ints:
        """Months that every customer of the cohort has lived through, shape (cohorts,)."""
        return month_of(self.youngest + 1)

    @classmethod
    def of(cls, snapshot: Snapshot, labels: pd.Series[str]) -> CohortMonths:
        """Count; ``labels`` name the cohort of each customer of the snapshot, in its order."""
        member, names = pd.factorize(labels, sort=True)
        age = snapshot.customers[AGE].to_numpy(dtype=np.int64)
        owner = snapshot.purchases["customer"].to_numpy(dtype=np.int64)
        day = snapshot.purchases["day"].to_numpy(dtype=np.int64)
        month = month_of(day - (snapshot.history_days - age)[owner])
        shape = (len(names), int(month_of(age).max(initial=0)) + 1)
        cell = member[owner] * shape[1] + month
        # purchase days are sorted by customer and day, so a repeat within a month follows at once
        again = (np.diff(owner, prepend=-1) == 0) & (np.diff(month, prepend=-1) == 0)
        amount = snapshot.purchases["amount"].to_numpy(dtype=np.float64)
        youngest = np.full(len(names), np.iinfo(np.int64).max)
        np.minimum.at(youngest, member, age)
        return cls(
            names=names,
            member=member,
            sizes=np.bincount(member, minlength=len(names)),
            youngest=youngest,
            buyers=_sums(cell[~again], None, shape),
            revenue=_sums(cell, amount, shape),
        )


def month_of(days: Ints) -> Ints:
    """Return the month of life a day lies in; day 0 is the first purchase."""
    months: Ints = np.floor(days / MEAN_MONTH_DAYS).astype(np.int64)
    return months


def month_starts(months: int) -> Ints:
    """Return the first day of each month of life from 0 to ``months``, shape (months + 1,)."""
    days: Ints = np.ceil(np.arange(months + 1) * MEAN_MONTH_DAYS).astype(np.int64)
    return days


def observed_retention(snapshot: Snapshot, labels: pd.Series[str]) -> pd.DataFrame:
    """Return what is fully known of each cohort, one row per cohort and month of life.

    Parameters
    ----------
    snapshot
        Customers and purchase days as of a day.
    labels
        Each customer's cohort, in the snapshot's order.

    Returns
    -------
    DataFrame
        ``cohort``, ``customers``, ``month_index`` (0, 1, ...), ``retention`` (share of the
        cohort's customers with a purchase day in that month; 1 in month 0) and
        ``cumulative_value_per_customer`` (revenue up to the end of the month, undiscounted, at
        margin 1, over all customers of the cohort). A month is given only if every customer of
        the cohort has lived through the whole of it.
    """
    months = CohortMonths.of(snapshot, labels)
    row, month = np.nonzero(np.arange(months.buyers.shape[1]) < months.lived[:, None])
    value = np.cumsum(months.revenue, axis=1) / months.sizes[:, None]
    return pd.DataFrame(
        {
            "cohort": months.names[row],
            "customers": months.sizes[row],
            "month_index": month,
            "retention": months.buyers[row, month] / months.sizes[row],
            "cumulative_value_per_customer": value[row, month],
        }
    )


def left_censored(snapshot: Snapshot, labels: pd.Series[str]) -> str | None:
    """Return the first cohort of the log if cohorts are periods of first purchase.

    Its customers were mostly customers before the log began, so their first purchase is not
    really their first, and the cohort is no fair comparison. Cohorts by attribute have none.
    """
    codes, names = pd.factorize(labels, sort=True)
    came = snapshot.customers["first_purchase"].to_numpy().astype("datetime64[D]").astype(np.int64)
    order = np.argsort(codes, kind="stable")
    starts = np.append(0, np.cumsum(np.bincount(codes, minlength=len(names)))[:-1])
    earliest = np.minimum.reduceat(came[order], starts)
    latest = np.maximum.reduceat(came[order], starts)
    for days in (earliest, latest):
        if not all(map(_names_period, names, pd.to_datetime(days, unit="D"))):
            return None
    return str(names[int(earliest.argmin())])


def _names_period(label: str, day: pd.Timestamp) -> bool:
    return label in (f"{day:%Y}", f"{day:%Y}-Q{day.quarter}", f"{day:%Y-%m}")


def _sums(cell: Ints, weights: Floats | None, shape: tuple[int, int]) -> Floats:
    sums = np.bincount(cell, weights=weights, minlength=shape[0] * shape[1])
    return sums.reshape(shape).astype(np.float64)
