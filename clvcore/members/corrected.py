"""The base with the full correction of one booster or of both; its total stays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from clvcore.members.boosted import Correction
from clvcore.members.member import NOTHING_SHARED, Forecast, Shared
from clvcore.members.seasonal import FittedSeasonal
from clvcore.records.errors import Notice
from clvcore.records.horizon import Grid
from clvcore.records.prediction import Prediction
from clvcore.records.registry import ENTRIES
from clvcore.records.snapshot import Snapshot
from clvcore.records.state import State

if TYPE_CHECKING:
    from clvcore.members.past import Past


@dataclass(frozen=True, eq=False, kw_only=True)
class FittedCorrected:
    """The base, and trees that correct it.

    Parameters
    ----------
    name
        ``ml`` or one of the boosters.
    base, correction
        The seasonal MBG/NBD, and at least the trees the name stands for.
    """

    name: str
    base: FittedSeasonal
    correction: Correction
    notices: tuple[Notice, ...] = ()

    @property
    def parameters(self) -> dict[str, dict[str, float]]:
        """Return those of the base."""
        return self.base.parameters

    @property
    def log_likelihood(self) -> dict[str, float]:
        """Return those of the base."""
        return self.base.log_likelihood

    def weights(self) -> dict[str, float]:
        """Return the model by itself."""
        return {self.name: 1.0}

    def expected(self, snapshot: Snapshot, grid: Grid) -> Prediction:
        """Return what the base expects."""
        return self.base.expected(self.base.on_clock(snapshot), grid)

    def predict(self, snapshot: Snapshot, grid: Grid, shared: Shared = NOTHING_SHARED) -> Forecast:
        """Multiply the base by the trees' mean correction, scaled back to the same total."""
        known = self.base.on_clock(snapshot)
        base = self.base.prediction(known, grid, shared)
        logs = self.correction.logs(known, base) if shared.logs is None else shared.logs
        factor = np.exp(np.mean([logs[kind] for kind in ENTRIES[self.name].boosters], axis=0))
        total = float(base.revenue[:, -1].sum())
        if total > 0:
            factor *= total / (factor @ base.revenue[:, -1])
        prediction = replace(base, revenue=base.revenue * factor[:, None])
        hurdle = self.base.hurdle(known, base, grid, shared)
        return Forecast(
            prediction=prediction, hurdle=hurdle.around(prediction.revenue[:, -1]), fitted=self
        )

    def state(self) -> State:
        """Return the base and the trees the name stands for, each in its booster's format."""
        correction = self.correction.only(ENTRIES[self.name].boosters)
        return State(
            member=self.name,
            learned=self.base.learned() | correction.learned(),
            files=correction.files(),
        )

    @classmethod
    def from_state(cls, state: State, continued_days: int = 0) -> FittedCorrected:
        """Return what had this state, on a clock run on."""
        base = FittedSeasonal.from_state(state, continued_days)
        return cls(name=state.member, base=base, correction=Correction.from_state(state))


@dataclass(frozen=True)
class Corrected:
    """Trees on the base, as a member."""

    name: str

    def fit(
        self,
        past: Past,
        grid: Grid,
        *,
        only_revenue: bool = False,  # noqa: ARG002
    ) -> FittedCorrected:
        """Take base and trees of the day; raises ModelError where the past cannot train any."""
        past.require_repeat_buyers(self.name, grid.as_of)
        correction = past.correction(grid.as_of, grid.horizon_days)
        return FittedCorrected(name=self.name, base=past.base(grid.as_of), correction=correction)

    def shared(self, past: Past, grid: Grid, fitted: Any) -> Shared:  # noqa: ARG002
        """Return the trees' corrections, and what they correct."""
        logs = past.corrections(grid)
        return Shared(prediction=past.forecast(grid), hurdle=past.hurdle(grid), logs=logs)

    def restore(self, state: State, continued_days: int = 0) -> FittedCorrected:
        """Return what had this state."""
        return FittedCorrected.from_state(state, continued_days)
