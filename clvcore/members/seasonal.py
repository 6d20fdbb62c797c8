"""The base of the ensemble as a model: seasonal MBG/NBD times Gamma-Gamma on all orders."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from clvcore.members.member import NOTHING_SHARED, Forecast, Shared
from clvcore.members.moments import hurdle_of
from clvcore.models.continued import clock_from_dict, clock_to_dict, continued
from clvcore.models.order_value import Orders, OrderValue
from clvcore.models.seasonal_mbg import Counts, SeasonalFit, SeasonalMbg
from clvcore.records.errors import Notice
from clvcore.records.horizon import Grid
from clvcore.records.prediction import Prediction
from clvcore.records.snapshot import Snapshot
from clvcore.records.state import State
from clvcore.uncertainty import Hurdle

if TYPE_CHECKING:
    from clvcore.members.past import Past


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

    @property
    def name(self) -> str:
        """The name a user knows it by."""
        return "probabilistic"

    def weights(self) -> dict[str, float]:
        """Return the model by itself."""
        return {self.name: 1.0}

    def predict(self, snapshot: Snapshot, grid: Grid, shared: Shared = NOTHING_SHARED) -> Forecast:
        """Forecast with the base by itself."""
        known = self.on_clock(snapshot)
        prediction = self.prediction(known, grid, shared)
        hurdle = self.hurdle(known, prediction, grid, shared)
        return Forecast(prediction=prediction, hurdle=hurdle, fitted=self)

    def prediction(self, known: Snapshot, grid: Grid, shared: Shared) -> Prediction:
        """Return what is expected, unless it is worked out already."""
        return self.expected(known, grid) if shared.prediction is None else shared.prediction

    def hurdle(self, known: Snapshot, prediction: Prediction, grid: Grid, shared: Shared) -> Hurdle:
        """Return the predictive distribution over the horizon, likewise."""
        if shared.hurdle is not None:
            return shared.hurdle
        return hurdle_of(self, known, prediction, horizon_days=grid.horizon_days)

    def on_clock(self, snapshot: Snapshot) -> Snapshot:
        """Return the snapshot with days counted from where the clock began.

        Orders that begin later (an export that was cut, or one customer's) are no younger log.
        """
        began = snapshot.as_of - dt.timedelta(days=int(self.counts.mbg.clock.edges[-1]))
        shift = (snapshot.first_day - began).days
        if shift == 0:
            return snapshot
        purchases = snapshot.purchases.assign(day=snapshot.purchases["day"] + shift)
        return replace(snapshot, first_day=began, purchases=purchases)

    def state(self) -> State:
        """Return parameters and clocks."""
        return State(member=self.name, learned=self.learned())

    def learned(self) -> dict[str, Any]:
        """Return what any member on this base keeps of it."""
        return {"parameters": self.parameters, "clocks": self.clocks}

    @classmethod
    def from_state(cls, state: State, continued_days: int = 0) -> FittedSeasonal:
        """Return the base that any member's ``state`` holds, its clocks run on."""
        parameters, clocks = state.learned["parameters"], state.learned["clocks"]
        parts = {
            name: SeasonalFit.restore(
                parameters[name],
                continued(clock_from_dict(clocks[name]), continued_days),
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

    def expected(self, snapshot: Snapshot, grid: Grid) -> Prediction:
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


@dataclass(frozen=True)
class Base:
    """The base by itself, as a member."""

    name: str

    def fit(
        self,
        past: Past,
        grid: Grid,
        *,
        only_revenue: bool = False,  # noqa: ARG002
    ) -> FittedSeasonal:
        """Take the base of the day; raises ModelError where too few have bought twice."""
        past.require_repeat_buyers(self.name, grid.as_of)
        return past.base(grid.as_of)

    def shared(self, past: Past, grid: Grid, fitted: Any) -> Shared:  # noqa: ARG002
        """Return the base's own forecast and distribution."""
        return Shared(prediction=past.forecast(grid), hurdle=past.hurdle(grid))

    def restore(self, state: State, continued_days: int = 0) -> FittedSeasonal:
        """Return what had this state."""
        return FittedSeasonal.from_state(state, continued_days)
