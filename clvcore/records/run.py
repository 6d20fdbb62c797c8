"""A finished forecast and everything needed to trust and repeat it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.records.columns import DRIFT_FRAME
from clvcore.records.config import ForecastConfig
from clvcore.records.errors import DataError, Notice
from clvcore.records.numbers import Floats
from clvcore.records.prediction import Prediction
from clvcore.records.state import State
from clvcore.records.transactions import QualityReport
from clvcore.records.trust import Basis, CommonFactor, Trust


@dataclass(frozen=True, eq=False, kw_only=True)
class Run:
    """A finished forecast and everything needed to trust and repeat it.

    ``customers``, ``totals``, ``cohorts``, ``timeline``, ``leaderboard`` and ``weights`` have the
    columns named in ``records.columns``. ``parameters`` and ``log_likelihood`` are keyed by model
    (time in weeks, money in ``currency``). ``state`` is all that the shipped forecaster has
    learned: what scoring newer orders takes, and what tells how it judged a customer.
    ``distribution`` has the predictive distribution of each row of ``customers`` beside its mean:
    ``buys`` and ``spread`` as in ``clvcore.uncertainty.Hurdle``. ``basis`` is what intervals rest
    on beside the customers they are of, None in runs of earlier versions. ``prediction`` is the
    forecast month by month; a run that was read back leaves it on the disk
    (``store.load_prediction``).
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
    state: State | None = None
    distribution: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame({"buys": [], "spread": []})
    )
    common: CommonFactor | None = None
    basis: Basis | None = None
    prediction: Prediction | None = None
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
