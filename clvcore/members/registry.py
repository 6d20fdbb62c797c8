"""Every forecast a user can name, made on any day of a log in the same way.

The pipeline calls this for today, the backtest for days in the past: what is scored is what ships.
"""

from __future__ import annotations

from collections.abc import Sequence

from clvcore.members.member import Fitted, Forecast, Member
from clvcore.members.past import Past
from clvcore.members.published import Published
from clvcore.records.errors import ModelError
from clvcore.records.horizon import Grid
from clvcore.records.registry import AUTO, entry_of, made_at, names
from clvcore.records.state import State
from clvcore.uncertainty import Hurdle

TREES = "trees"


def grows_trees(members: Sequence[str]) -> bool:
    """Return whether any of these members needs boosted trees."""
    entries = [entry_of(name) for name in members]
    return any(TREES in entry.needs for entry in entries if entry is not None)


def member_of(name: str) -> Member:
    """Return the member called ``name``; ``auto`` is the chain of published models.

    Raises
    ------
    ModelError
        If there is none of that name.
    """
    if name == AUTO:
        return Published(AUTO)
    entry = entry_of(name)
    if entry is None:
        raise ModelError(
            "UNKNOWN_MODEL",
            "There is no purchase model called {model!r}. Choose one of: {known}.",
            model=name, known=", ".join(names()),
        )  # fmt: skip
    member: Member = made_at(entry.member)(entry.name)
    return member


def make(name: str, past: Past, grid: Grid, *, only_revenue: bool = False) -> Forecast:
    """Forecast on ``grid.as_of`` with the member called ``name``.

    Raises
    ------
    ModelError
        If the data cannot carry that member.
    """
    member = member_of(name)
    fitted = member.fit(past, grid, only_revenue=only_revenue)
    return fitted.predict(past.snapshot(grid.as_of), grid, member.shared(past, grid, fitted))


def distribution(name: str, past: Past, grid: Grid) -> Hurdle:
    """Return the predictive distribution ``make`` gives, without what only a run shows.

    Raises
    ------
    ModelError
        If the data cannot carry that member.
    """
    return make(name, past, grid, only_revenue=True).hurdle


def restore(state: State, continued_days: int = 0) -> Fitted:
    """Return the fitted member that had this state; its clock has run on for some days."""
    return member_of(state.member).restore(state, continued_days)
