"""What became of a forecast since an earlier one: who stayed, joined and left, and who moved."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import product
from typing import Any

import pandas as pd

from clvcore.records.columns import SEGMENTS
from clvcore.records.config import ForecastConfig
from clvcore.records.errors import DataError
from clvcore.records.run import Run
from clvcore.value.actions import value_at_stake

STAYED, JOINED, LEFT = "stayed", "joined", "left"
MOVES_FRAME = ("segment_before", "segment_after", "customers", "clv_before", "clv_after")
_COMPARED = ("clv", "segment", "risk")


@dataclass(frozen=True, kw_only=True)
class Whole:
    """One of the two forecasts as a whole.

    Parameters
    ----------
    as_of
        Last day it knew.
    customers
        Customers forecast.
    clv, clv_lower, clv_upper
        Their value and its interval, in the run's currency; the bounds of a run that was saved
        before totals had intervals are NaN.
    value_at_stake
        As in ``clvcore.value.actions``.
    """

    as_of: dt.date
    customers: int
    clv: float
    clv_lower: float
    clv_upper: float
    value_at_stake: float


@dataclass(frozen=True, kw_only=True)
class Part:
    """Customers who stayed, joined or left, and their value then and now (money).

    Who joined had no value before, who left has none after.
    """

    customers: int
    clv_before: float
    clv_after: float

    @property
    def change(self) -> float:
        """What this part adds to the change of the whole."""
        return self.clv_after - self.clv_before


@dataclass(frozen=True, kw_only=True)
class SettingChange:
    """A setting that differs; ``name`` is that of ``ForecastConfig``, dotted where nested."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, eq=False, kw_only=True)
class Comparison:
    """Two forecasts side by side.

    The changes of the three parts add up to the change of the whole. Only with the same settings
    do they say something about customers: a longer horizon is worth more by itself.

    Parameters
    ----------
    before, after
        Both wholes.
    stayed, joined, left
        Customers in both, only in the later and only in the earlier one.
    moves
        Nine rows, one per pair of value groups, of those who stayed: columns ``MOVES_FRAME``.
    customers
        Everybody of either, indexed by ``customer_id``: ``part`` (``stayed``, ``joined``,
        ``left``), ``clv_before``, ``clv_after`` and ``change`` (money, 0 for the side somebody is
        missing from), ``segment_before``, ``segment_after``, ``risk_before``, ``risk_after``
        (missing there); sorted by the size of the change, the largest first.
    settings
        What differs, without ``as_of``; empty means that like is compared with like.
    same_data
        Whether both read the same orders.
    currency
        Of both.
    """

    before: Whole
    after: Whole
    stayed: Part
    joined: Part
    left: Part
    moves: pd.DataFrame
    customers: pd.DataFrame
    settings: tuple[SettingChange, ...]
    same_data: bool
    currency: str | None

    @property
    def change(self) -> float:
        """Change in value, in money."""
        return self.after.clv - self.before.clv

    @property
    def moved(self) -> int:
        """How many of those who stayed are in another value group than before."""
        elsewhere = self.moves["segment_before"] != self.moves["segment_after"]
        return int(self.moves.loc[elsewhere, "customers"].sum())


def compare(before: Run, after: Run) -> Comparison:
    """Compare two forecasts, customer by customer.

    Raises
    ------
    DataError
        ``CURRENCIES_DIFFER`` if the two are in different currencies.
    """
    if before.currency != after.currency:
        raise DataError(
            "CURRENCIES_DIFFER",
            "One forecast is in {before}, the other in {after}: their values cannot be compared. "
            "Choose two forecasts in one currency.",
            before=before.currency or "?", after=after.currency or "?",
        )  # fmt: skip
    customers = _side_by_side(before.customers, after.customers)
    return Comparison(
        before=_whole(before),
        after=_whole(after),
        stayed=_part(customers, STAYED),
        joined=_part(customers, JOINED),
        left=_part(customers, LEFT),
        moves=_moves(customers[customers["part"] == STAYED]),
        customers=customers,
        settings=differing_settings(before.config, after.config),
        same_data=before.data_hash == after.data_hash,
        currency=after.currency,
    )


def differing_settings(before: ForecastConfig, after: ForecastConfig) -> tuple[SettingChange, ...]:
    """Return the settings that differ, in the order they are documented; ``as_of`` is none.

    Examples
    --------
    >>> differing_settings(ForecastConfig(), ForecastConfig(seed=1))
    (SettingChange(name='seed', before=0, after=1),)
    """
    old, new = _flat(before), _flat(after)
    return tuple(
        SettingChange(name=name, before=old[name], after=new[name])
        for name in old
        if old[name] != new[name] and name != "as_of"
    )


def _flat(config: ForecastConfig) -> dict[str, Any]:
    settings = config.to_dict()
    nested = settings.pop("segmentation")
    return settings | {f"segmentation.{name}": value for name, value in nested.items()}


def _whole(run: Run) -> Whole:
    total = run.total(run.customers.index)
    return Whole(
        as_of=run.as_of,
        customers=len(run.customers),
        clv=float(total["clv"]),
        clv_lower=float(total["clv_lower"]),
        clv_upper=float(total["clv_upper"]),
        value_at_stake=float(value_at_stake(run.customers).sum()),
    )


def _side_by_side(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    then = before[list(_COMPARED)].add_suffix("_before")
    both = then.join(after[list(_COMPARED)].add_suffix("_after"), how="outer")
    known, remain = both["clv_before"].notna(), both["clv_after"].notna()
    both.insert(0, "part", STAYED)
    both.loc[~known, "part"] = JOINED
    both.loc[~remain, "part"] = LEFT
    both[["clv_before", "clv_after"]] = both[["clv_before", "clv_after"]].fillna(0.0)
    both["change"] = both["clv_after"] - both["clv_before"]
    both.index.name = "customer_id"
    return both.sort_values("change", key=abs, ascending=False, kind="stable")


def _part(customers: pd.DataFrame, part: str) -> Part:
    chosen = customers[customers["part"] == part]
    return Part(
        customers=len(chosen),
        clv_before=float(chosen["clv_before"].sum()),
        clv_after=float(chosen["clv_after"].sum()),
    )


def _moves(stayed: pd.DataFrame) -> pd.DataFrame:
    pairs = pd.MultiIndex.from_tuples(
        product(SEGMENTS, SEGMENTS), names=["segment_before", "segment_after"]
    )
    grouped = stayed.groupby(["segment_before", "segment_after"], observed=True)
    sums = grouped.agg(
        customers=("change", "size"),
        clv_before=("clv_before", "sum"),
        clv_after=("clv_after", "sum"),
    )
    return sums.reindex(pairs, fill_value=0).astype({"customers": int}).reset_index()
