"""What the charts of cohorts share: months of life across, cohorts down, and who is comparable."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from app.words.text import Words
from clvcore.features.cohorts import PERIODS, WHOLE
from clvcore.records.columns import OBSERVED

Measure = Literal["value", "retention"]
COLUMNS: dict[Measure, str] = {
    "value": "cumulative_value_per_customer",
    "retention": "retention",
}
LEAST_CUSTOMERS = 30
YEAR = 12
CLOSE = 0.1  # apart, as a share: below it newer customers are worth about the same


@dataclass(frozen=True, eq=False, kw_only=True)
class Cohorts:
    """A run's cohorts, ready to draw.

    Parameters
    ----------
    value, retention
        Cohorts (rows) by whole months since the first purchase, 1, 2, ...; NaN beyond the horizon.
    lower, upper
        Bounds of ``value``; NaN where it is observed, or where a run has none.
    observed
        Months everybody of the cohort has lived through.
    customers
        Customers of each cohort.
    by
        ``month``, ``quarter``, ``year``, an attribute, or None.
    cut
        The first cohort of the log, whose customers mostly bought before it began; None for
        cohorts that are no periods.
    """

    value: pd.DataFrame
    retention: pd.DataFrame
    lower: pd.DataFrame
    upper: pd.DataFrame
    observed: pd.Series[int]
    customers: pd.Series[int]
    by: str | None
    cut: str | None

    @classmethod
    def of(cls, frame: pd.DataFrame, by: str | None) -> Cohorts:
        """Read ``columns.COHORTS_FRAME``; periods in time, attributes by customers."""
        counted = frame.assign(months=frame["month_index"] + 1)
        customers = counted.groupby("cohort")["customers"].first()
        if by not in PERIODS:
            customers = customers.sort_values(ascending=False, kind="stable")
        tables = {
            name: counted.pivot_table(column, index="cohort", columns="months", dropna=False).loc[
                customers.index
            ]
            for name, column in (COLUMNS | {"lower": "lower", "upper": "upper"}).items()
        }
        known = counted["kind"].eq(OBSERVED).groupby(counted["cohort"]).sum()
        return cls(
            **tables,
            observed=known.loc[customers.index].astype("int64"),
            customers=customers,
            by=by,
            cut=str(customers.index[0]) if by in PERIODS and len(customers) else None,
        )

    def table(self, measure: Measure) -> pd.DataFrame:
        """Return one measure, cohorts by months."""
        return self.value if measure == "value" else self.retention

    def fair(self) -> list[str]:
        """Return the cohorts that may be compared: not cut off, and not a mere handful."""
        whole = [name for name in self.customers.index if name != self.cut]
        return [name for name in whole if self.customers[name] >= LEAST_CUSTOMERS]


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two cohorts at the same age: the oldest and the newest, or the best and the weakest.

    ``expected`` says that the second figure is still a forecast.
    """

    first: str
    second: str
    months: int
    before: float
    after: float
    expected: bool

    @property
    def ratio(self) -> float:
        """Second against first."""
        return self.after / self.before


def pair(cohorts: Cohorts, measure: Measure, *, fill: bool = True) -> Pair | None:
    """Return the comparison worth a sentence, after a year or as far as both reach.

    Without the forecast (``fill``) only months that everybody has lived through count.
    """
    table = cohorts.table(measure)
    reach = table.notna().sum(axis=1) if fill else cohorts.observed
    names = [name for name in cohorts.fair() if reach[name] > 0]
    if len(names) < 2:
        return None
    if cohorts.by in PERIODS:
        first, second = names[0], names[-1]
        months = int(min(YEAR, reach[first], reach[second]))
    else:
        months = int(min(YEAR, reach[names].min()))
        ranked = table.loc[names, months].sort_values(ascending=False, kind="stable")
        first, second = str(ranked.index[0]), str(ranked.index[-1])
    before, after = (float(value) for value in table.loc[[first, second], months])
    if not before > 0 or (measure == "retention" and months == 1):
        return None
    return Pair(
        first=first,
        second=second,
        months=months,
        before=before,
        after=after,
        expected=bool(cohorts.observed[second] < months),
    )


def cohort_name(w: Words, label: str) -> str:
    """Return a cohort as people say it: 2010 Q1, Jan 2010, everybody; attributes stay."""
    if label == WHOLE:
        return w("Everybody")
    if quarter := re.fullmatch(r"(\d{4})-Q([1-4])", label):
        return w("{year} Q{quarter}", year=quarter[1], quarter=quarter[2])
    if month := re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", label):
        short = w.month(dt.date(int(month[1]), int(month[2]), 1))
        return f"{short if w.language == 'en' else short.lower()} {month[1]}"
    return label


def span_words(w: Words, months: int) -> str:
    """Return an age in words: "a year", "3 months"."""
    return w("a year") if months == YEAR else w.plural("{n} month", "{n} months", months)


def row_words(w: Words, by: str | None) -> str:
    """Say what a row stands for."""
    periods = {
        "month": w("month of first purchase"),
        "quarter": w("quarter of first purchase"),
        "year": w("year of first purchase"),
        None: w("all customers"),
    }
    return periods.get(by, str(by))
