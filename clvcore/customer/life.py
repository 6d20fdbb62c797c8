"""One customer's purchase days, and the chance of still being a customer on each day so far.

The parameters are those of the run: the curve says what today's model would have said then.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from clvcore.features import take_snapshot
from clvcore.members.published import FittedPublished
from clvcore.members.seasonal import FittedSeasonal
from clvcore.models.base import Histories, Ints
from clvcore.models.seasonal_mbg import Counts
from clvcore.records.columns import CUSTOMER, DAYS_PER_WEEK
from clvcore.records.errors import DataError
from clvcore.records.numbers import Floats
from clvcore.records.run import Run
from clvcore.records.snapshot import Snapshot
from clvcore.records.transactions import Transactions

MOST_POINTS = 260
MOST_KINKS = 400


@dataclass(frozen=True, eq=False, kw_only=True)
class Life:
    """What was known of one customer at ``as_of``, and the run's probabilistic member.

    ``snapshot`` has one row; its days count from the start of the log where the model needs it.
    """

    customer: str
    snapshot: Snapshot
    model: FittedSeasonal | FittedPublished

    @property
    def days(self) -> Ints:
        """Purchase days, counted from the customer's first."""
        day = self.snapshot.purchases["day"].to_numpy(dtype=np.int64)
        return np.asarray(day - day[0])

    @property
    def first_day(self) -> dt.date:
        """The first purchase."""
        day: dt.date = self.snapshot.customers["first_purchase"].iloc[0].date()
        return day

    def purchases(self) -> pd.DataFrame:
        """Return ``date`` and ``amount`` of each purchase day."""
        amount = self.snapshot.purchases["amount"].to_numpy(dtype=np.float64)
        return pd.DataFrame({"date": self._dates(self.days), "amount": amount})

    def alive(self) -> pd.DataFrame:
        """Return ``date`` and ``p_alive`` from the first purchase to ``as_of``.

        Every few days, and at each purchase the day before and the day itself, so that the
        curve's teeth are where they belong.
        """
        days = self._moments()
        return pd.DataFrame({"date": self._dates(days), "p_alive": self.p_alive_on(days)})

    def p_alive_on(self, days: Ints) -> Floats:
        """Return P(alive) at the end of ``days`` after the first purchase, shape (days,).

        What was bought later is not looked at; the parameters are the run's.
        """
        x = np.searchsorted(self.days, days, side="right") - 1
        last = self.days[x]
        if isinstance(self.model, FittedPublished):
            histories = Histories(
                frequency=x,
                recency=last / DAYS_PER_WEEK,
                age=days / DAYS_PER_WEEK,
                weights=np.ones_like(x),
                inverse=np.arange(len(x)),
            )
            return self.model.p_alive(histories)
        begin = np.float64(self.snapshot.purchases["day"].iloc[0])
        counts = Counts(
            x=x,
            first=np.full(len(x), begin),
            last=begin + last,
            end=self.snapshot.history_days,
            repeats=np.zeros(0),
        )
        return self.model.counts.mbg.p_alive_on(counts, begin + days)

    def _moments(self) -> Ints:
        age = (self.snapshot.as_of - self.first_day).days
        regular = np.arange(0, age + 1, max(1, age // MOST_POINTS))
        # of somebody who buys daily, the teeth of the last years are enough
        kinks = self.days[-MOST_KINKS:]
        before = kinks[kinks > 0] - 1
        return np.unique(np.concatenate([regular, kinks, before, [age]]))

    def _dates(self, days: Ints) -> pd.Series[pd.Timestamp]:
        begin = np.datetime64(self.first_day, "D")
        return pd.Series((begin + days.astype("timedelta64[D]")).astype("datetime64[s]"))


def values_of(run: Run, customer: str) -> dict[str, float]:
    """Return the numbers a run has of one customer, by column; raises as ``Run.total``."""
    if customer not in run.customers.index:
        run.total([customer])
    at = run.customers.index.get_loc(customer)
    numbers = run.customers.select_dtypes("number")
    return {name: float(numbers[name].to_numpy()[at]) for name in numbers.columns}


def life_of(run: Run, customer: str, orders: Transactions) -> Life:
    """Return one customer's life up to the run's ``as_of``.

    Parameters
    ----------
    run
        A finished run.
    customer
        An id of the run.
    orders
        What the run was made from. Only this customer's are looked at; later ones than ``as_of``
        are cut off.

    Raises
    ------
    DataError
        ``UNKNOWN_CUSTOMER`` if the run has no such customer, ``OTHER_ORDERS`` if the orders are not
        those of the run, ``NO_CLOCK`` if it was saved without what the curves need.
    """
    values_of(run, customer)
    if orders.content_hash != run.data_hash:
        raise DataError(
            "OTHER_ORDERS",
            "These are not the orders this forecast was made from, so the customer's history "
            "cannot be shown. Run the forecast again.",
        )
    lines = orders.lines
    mine = replace(orders, lines=lines.filter(pc.equal(lines[CUSTOMER], customer)))
    snapshot = take_snapshot(mine, as_of=run.as_of)
    model = _probabilistic(run)
    if isinstance(model, FittedSeasonal):
        snapshot = model.on_clock(snapshot)
    return Life(customer=customer, snapshot=snapshot, model=model)


def _probabilistic(run: Run) -> FittedSeasonal | FittedPublished:
    """Return the member that ``p_alive`` comes from, as it was fitted."""
    if run.state is None:
        raise DataError(
            "NO_CLOCK",
            "This forecast was saved without the season it was fitted on, so the past cannot be "
            "judged by it. Run the forecast again.",
        )
    if run.state.has_clock:
        return FittedSeasonal.from_state(run.state)
    return FittedPublished.from_state(run.state)
