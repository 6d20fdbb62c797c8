"""What every forecaster is: a member that is fitted to a past, and what was fitted, which predicts.

What was fitted owns its state: nothing else of a run is needed to forecast newer orders.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self

from clvcore.records.errors import Notice
from clvcore.records.horizon import Grid
from clvcore.records.numbers import Floats
from clvcore.records.prediction import Prediction
from clvcore.records.snapshot import Snapshot
from clvcore.records.state import State
from clvcore.uncertainty import Hurdle

if TYPE_CHECKING:
    from clvcore.members.past import Past

UNKNOWN = float("nan")


@dataclass(frozen=True, eq=False, kw_only=True)
class Forecast:
    """What a fitted member says on a day.

    Parameters
    ----------
    prediction
        Cumulative expected purchases and revenue on the grid.
    hurdle
        Predictive distribution of revenue over the horizon; its mean is the forecast.
    fitted
        Who says so.
    """

    prediction: Prediction
    hurdle: Hurdle
    fitted: Fitted

    @property
    def name(self) -> str:
        """The member that spoke; for a chain, the model that could be fitted."""
        return self.fitted.name


@dataclass(frozen=True, eq=False, kw_only=True)
class Shared:
    """What members on one base share on a grid, where it is worked out already.

    Whatever is None is worked out by whoever needs it: the forecast is the same.

    Parameters
    ----------
    prediction, hurdle
        Of the base.
    logs
        Each booster's log correction, shape (customers,).
    spent
        Spend in the days before, as many as the horizon has, shape (customers,).
    cohorts
        The cohort member's forecast.
    """

    prediction: Prediction | None = None
    hurdle: Hurdle | None = None
    logs: Mapping[str, Floats] | None = None
    spent: Floats | None = None
    cohorts: Prediction | None = None


NOTHING_SHARED = Shared()


class Fitted(Protocol):
    """A fitted member; ``predict`` is pure."""

    @property
    def name(self) -> str:
        """Name of the member."""
        ...

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Doubts about the fit."""
        ...

    @property
    def parameters(self) -> dict[str, dict[str, float]]:
        """Fitted parameters by model (weeks, money)."""
        ...

    @property
    def log_likelihood(self) -> dict[str, float]:
        """Log-likelihood by model; NaN or absent where it is not known (any more)."""
        ...

    def weights(self) -> dict[str, float]:
        """Return the share of each member in the forecast; they sum to 1."""
        ...

    def expected(self, snapshot: Snapshot, grid: Grid) -> Prediction:
        """Return what the part that counts purchases and judges who is alive expects."""
        ...

    def predict(self, snapshot: Snapshot, grid: Grid, shared: Shared = NOTHING_SHARED) -> Forecast:
        """Forecast the customers of ``snapshot``; nothing else is looked at.

        Raises
        ------
        DataError
            If the snapshot lacks an attribute the member was fitted with.
        """
        ...

    def state(self) -> State:
        """Return all that was learned."""
        ...

    @classmethod
    def from_state(cls, state: State, continued_days: int = 0) -> Self:
        """Return what had this state; its clock has run on for ``continued_days``."""
        ...


class Member(Protocol):
    """A forecaster before it is fitted."""

    def fit(self, past: Past, grid: Grid, *, only_revenue: bool = False) -> Fitted:
        """Fit on what was known on ``grid.as_of``, for its horizon.

        ``only_revenue`` may leave out what revenue and its distribution do not depend on.

        Raises
        ------
        ModelError
            If the data cannot carry the member.
        """
        ...

    def shared(self, past: Past, grid: Grid, fitted: Any) -> Shared:
        """Return what ``past`` has worked out for other members as well."""
        ...

    def restore(self, state: State, continued_days: int = 0) -> Fitted:
        """Return what had this state, as ``Fitted.from_state``."""
        ...
