"""What orders can carry before any model is asked: how far ahead, which season, which trees.

The rules are those the forecast itself follows: a horizon is measured on a past window of its own
length (``origins.label_window``), a season is known once most of it was seen (``season_seen``),
and trees learn from customers who bought again within past windows (``models.boosted``).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.backtest.selection import SEASON_KNOWN, TWO_YEARS
from clvcore.members.boosted import MIN_BUYERS
from clvcore.members.past import MIN_CUSTOMERS, label_window, training_days
from clvcore.records.columns import CUSTOMER, KEPT, PURCHASE_DATE
from clvcore.records.config import DEFAULT_HORIZON_MONTHS
from clvcore.records.errors import Notice
from clvcore.records.horizon import MEAN_MONTH_DAYS
from clvcore.records.transactions import Transactions
from clvcore.uncertainty import season_seen

MOST_MONTHS = 60
YEAR_MONTHS = 12

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """What a log can carry.

    Parameters
    ----------
    history_days
        Days from the first to the last kept purchase.
    longest_months
        Longest horizon in months that can be measured on a past window of its full length, 0 to
        60; 0 also where too few customers were known at its start.
    season_seen
        Share, 0 to 1, of the next year's season that the log has shown.
    past_buyers
        Customers of a year ago (or of the middle of a shorter log) who bought again within the
        window that followed: what trees would learn from.
    """

    history_days: int
    longest_months: int
    season_seen: float
    past_buyers: int

    @property
    def learns_seasons(self) -> bool:
        """Whether the season ahead was seen twice, so that it can be told from growth."""
        return self.season_seen >= SEASON_KNOWN and self.history_days >= TWO_YEARS

    @property
    def trains_trees(self) -> bool:
        """Whether enough customers bought again for boosted trees to learn from."""
        return self.past_buyers >= MIN_BUYERS

    def findings(self) -> tuple[Notice, Notice, Notice]:
        """Say how far, which season and which trees; each is part of one sentence."""
        return self._horizon(), self._season(), self._trees()

    def _horizon(self) -> Notice:
        if self.longest_months == 0:
            return Notice(
                "CARRIES_NO_CHECK",
                "these {days} days of orders are too few to check a forecast on a whole past "
                "window",
                days=self.history_days,
            )
        return Notice(
            "CARRIES_HORIZON",
            "forecasts of up to {months} months can be checked on a whole past window",
            months=self.longest_months,
        )

    def _season(self) -> Notice:
        months = round(self.history_days / MEAN_MONTH_DAYS)
        if self.learns_seasons:
            return Notice(
                "CARRIES_SEASONS",
                "seasons can be learned, because the {months} months show each at least twice",
                months=months,
            )
        if self.season_seen >= SEASON_KNOWN:
            return Notice(
                "CARRIES_ONE_SEASON",
                "a season cannot be told from growth, because the {months} months show each once "
                "at most",
                months=months,
            )
        return Notice(
            "CARRIES_NO_SEASON",
            "seasons cannot be learned, because {months} months show too little of a year",
            months=months,
        )

    def _trees(self) -> Notice:
        if self.trains_trees:
            return Notice(
                "CARRIES_TREES",
                "boosted trees can be trained, because {buyers} customers bought again within a "
                "past window",
                buyers=self.past_buyers,
            )
        return Notice(
            "CARRIES_NO_TREES",
            "boosted trees cannot be trained, because {buyers} customers bought again within a "
            "past window and {needed} are needed",
            buyers=self.past_buyers, needed=MIN_BUYERS,
        )  # fmt: skip


def capacity(transactions: Transactions) -> Capacity:
    """Judge what orders can carry, as of their last day."""
    kept = transactions.lines.filter(transactions.lines[KEPT])
    customer = pc.dictionary_encode(kept[CUSTOMER].combine_chunks()).indices.to_numpy()
    day = kept[PURCHASE_DATE].cast(pa.int32()).to_numpy().astype(np.int64)
    last = (transactions.last_day - dt.date(1970, 1, 1)).days
    first_of = np.full(customer.max(initial=-1) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first_of, customer, day)
    history = last - int(day.min())
    window = label_window(history, round(DEFAULT_HORIZON_MONTHS * MEAN_MONTH_DAYS))
    return Capacity(
        history_days=history,
        longest_months=_longest(first_of, last, history),
        season_seen=season_seen(history, round(YEAR_MONTHS * MEAN_MONTH_DAYS)),
        past_buyers=_bought_again(customer, day, first_of, last, window)
        if _has_window(history, window)
        else 0,
    )


def _longest(first_of: Ints, last: int, history: int) -> int:
    """Return the longest horizon with a whole past window and enough customers at its start."""
    for months in range(MOST_MONTHS, 0, -1):
        days = round(months * MEAN_MONTH_DAYS)
        known = int((first_of <= last - days).sum())
        fits = label_window(history, days) == days and _has_window(history, days)
        if fits and known >= MIN_CUSTOMERS:
            return months
    return 0


def _has_window(history: int, days: int) -> bool:
    """Tell whether a past window of ``days`` leaves enough of the log before it."""
    today = dt.date(2000, 1, 1)
    return bool(training_days(today, today - dt.timedelta(days=history), days))


def _bought_again(customer: Ints, day: Ints, first_of: Ints, last: int, window: int) -> int:
    """Count customers known at the start of the last window who bought within it."""
    start = last - window
    known = first_of <= start
    if int(known.sum()) < MIN_CUSTOMERS:
        return 0
    return int(np.unique(customer[(day > start) & known[customer]]).size)
