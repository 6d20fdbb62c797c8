"""Whether a run kept what scoring newer orders takes: its forecaster's state, and its causes."""

from __future__ import annotations

from clvcore.records.columns import SCORED
from clvcore.records.errors import StoreError
from clvcore.records.registry import entry_of
from clvcore.records.run import Run
from clvcore.records.state import STATE_VERSION, State
from clvcore.records.trust import Basis


def refuse_unless_scorable(run: Run) -> None:
    """Refuse a run that cannot score; none of its orders is looked at.

    Raises
    ------
    StoreError
        ``RUN_IS_SCORED`` or ``RUN_CANNOT_SCORE``.
    """
    if any(notice.code == SCORED for notice in run.warnings):
        raise StoreError(
            "RUN_IS_SCORED",
            "This forecast was itself scored with an earlier one and has learned nothing of its "
            "own. Score with the one it was fitted by, or forecast again.",
        )
    state_of(run)
    basis_of_scorable(run)
    if run.common is None or len(run.distribution) != len(run.customers):
        raise _forecast_again(run, "its distributions")


def state_of(run: Run) -> State:
    """Return what the run's forecaster has learned; raises StoreError where that is not whole."""
    state = run.state
    if state is None or state.version != STATE_VERSION:
        raise _forecast_again(run, "what the model has learned")
    if entry_of(state.member) is None:
        raise _forecast_again(run, "a model this version knows")
    return state


def basis_of_scorable(run: Run) -> Basis:
    """Return what the run's intervals rest on; raises StoreError where that is not whole."""
    if run.basis is None or run.basis.full_window is None:
        raise _forecast_again(run, "what its ranges rest on")
    return run.basis


def _forecast_again(run: Run, missing: str) -> StoreError:
    return StoreError(
        "RUN_CANNOT_SCORE",
        "The forecast as of {as_of} (model {model}) was saved without {missing}, so it cannot "
        "score newer orders. Forecast again; forecasts of this version can.",
        as_of=run.as_of, model=run.model, missing=missing,
    )  # fmt: skip
