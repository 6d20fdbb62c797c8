"""The base of the ensemble as a model: seasonal MBG/NBD times Gamma-Gamma on all orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from clvcore.models.continued import clock_from_dict, clock_to_dict
from clvcore.models.order_value import Orders, OrderValue
from clvcore.models.seasonal_mbg import Counts, SeasonalFit, SeasonalMbg
from clvcore.records.errors import Notice
from clvcore.records.horizon import Grid
from clvcore.records.prediction import Prediction
from clvcore.records.snapshot import Snapshot


@dataclass(frozen=True)
class Seasonal:
    """Spec of the base; it has nothing to choose."""

    name: str = "seasonal_mbg"

    def fit(self, snapshot: Snapshot) -> FittedSeasonal:
        """Fit clock, counts and amounts; weak priors keep it finite on any log with some time."""
        return FittedSeasonal(
            counts=SeasonalMbg.fit(Counts.of(snapshot)),
            amounts=OrderValue.fit(Orders.of(snapshot)),
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class FittedSeasonal:
    """A fitted base; ``predict`` is pure."""

    counts: SeasonalMbg
    amounts: OrderValue
    notices: tuple[Notice, ...] = ()

    @classmethod
    def restore(
        cls,
        parameters: Mapping[str, Mapping[str, float]],
        clocks: Mapping[str, Mapping[str, Sequence[float]]],
    ) -> FittedSeasonal:
        """Return the base that had these ``parameters`` and ``clocks``, without a fit."""
        parts = {
            name: SeasonalFit.restore(
                parameters[name],
                clock_from_dict(clocks[name]),
                drops_at_first=name == "seasonal_mbg",
            )
            for name in ("seasonal_mbg", "seasonal_bg")
        }
        return cls(
            counts=SeasonalMbg(mbg=parts["seasonal_mbg"], bg=parts["seasonal_bg"]),
            amounts=OrderValue(**parameters["order_value"], unit=1.0),
        )

    @property
    def clocks(self) -> dict[str, dict[str, list[float]]]:
        """Return the edges (days since the log began) and speeds of each part's clock."""
        parts = {"seasonal_mbg": self.counts.mbg, "seasonal_bg": self.counts.bg}
        return {name: clock_to_dict(part.clock) for name, part in parts.items()}

    @property
    def parameters(self) -> dict[str, dict[str, float]]:
        """Return the parameters of each part (operational weeks, money)."""
        return {
            "seasonal_mbg": self.counts.mbg.parameters,
            "seasonal_bg": self.counts.bg.parameters,
            "order_value": self.amounts.parameters,
        }

    @property
    def log_likelihood(self) -> dict[str, float]:
        """Return the log-likelihood of the counting parts, in operational weeks, without prior."""
        return {
            "seasonal_mbg": self.counts.mbg.log_likelihood,
            "seasonal_bg": self.counts.bg.log_likelihood,
        }

    def predict(self, snapshot: Snapshot, grid: Grid) -> Prediction:
        """Return cumulative expected purchases and revenue on the grid."""
        counts = Counts.of(snapshot)
        purchases = self.counts.expected_purchases(counts, grid.days)
        value = self.amounts.expected(Orders.of(snapshot))
        buys = self.counts.mbg.p_purchase(counts, grid.horizon_days)
        return Prediction(
            index=snapshot.customers.index,
            purchases=purchases,
            revenue=purchases * value[:, None],
            p_alive=self.counts.mbg.p_alive(counts),
            p_purchase=np.minimum(buys, purchases[:, -1]),
            purchase_value=value,
        )
