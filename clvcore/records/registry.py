"""Every forecaster a user can name: one entry each, from which all lists of names are derived.

Entries say where a forecaster is made, not how, so that whoever checks settings or fills a form
loads no model. A published purchase model is one file in ``models`` and one entry here.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

AUTO = "auto"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A forecaster by name.

    Parameters
    ----------
    name, label
        As a user writes it, and as people call it; the faces translate what is no proper name.
    member
        Where its ``members.member.Member`` is made, ``module:name``.
    purchases
        Of a published model: where its ``models.base.PurchaseModel`` is made; empty for others.
    needs
        What must be worked out before it: ``trees``, the correction by boosters.
    boosters
        Whose full correction it applies.
    fallback
        What takes its place if the orders cannot carry it; empty for the last resort.
    aliveness
        Published model that judges who is alive where this one cannot; empty if it can itself.
    scored_as
        Its name on leaderboards and among weights, if not its own.
    is_scored
        Whether every run of ``auto`` or of a blend scores it on the past.
    is_automatic
        Whether ``auto`` may ship it.
    """

    name: str
    label: str
    member: str
    purchases: str = ""
    needs: tuple[str, ...] = ()
    boosters: tuple[str, ...] = ()
    fallback: str = ""
    aliveness: str = ""
    scored_as: str = ""
    is_scored: bool = False
    is_automatic: bool = False

    @property
    def row(self) -> str:
        """Name of its row on a leaderboard."""
        return self.scored_as or self.name


_PUBLISHED = "clvcore.members.published:Published"
_CORRECTED = "clvcore.members.corrected:Corrected"
_TREES = ("trees",)

# richest first: the order in which ``auto`` prefers them
ENTRIES: dict[str, Entry] = {
    entry.name: entry
    for entry in (
        Entry(
            name="ensemble", label="Ensemble", member="clvcore.members.ensemble:Ensemble",
            needs=_TREES, fallback="bg_nbd", is_scored=True, is_automatic=True,
        ),
        Entry(
            name="ml", label="Boosted trees", member=_CORRECTED, needs=_TREES,
            boosters=("lightgbm", "xgboost"),
        ),
        Entry(
            name="xgboost", label="XGBoost", member=_CORRECTED, needs=_TREES,
            boosters=("xgboost",), is_scored=True,
        ),
        Entry(
            name="lightgbm", label="LightGBM", member=_CORRECTED, needs=_TREES,
            boosters=("lightgbm",), is_scored=True,
        ),
        Entry(
            name="cohort", label="Cohorts", member="clvcore.members.cohort:Cohort", is_scored=True,
        ),
        Entry(
            name="probabilistic", label="Probabilistic",
            member="clvcore.members.seasonal:Base", scored_as="seasonal_mbg", fallback="bg_nbd",
            is_scored=True, is_automatic=True,
        ),
        Entry(
            name="bg_nbd", label="BG/NBD", member=_PUBLISHED, fallback="mbg_nbd",
            purchases="clvcore.models.bg_nbd:BgNbd", aliveness="mbg_nbd",
            is_scored=True, is_automatic=True,
        ),
        Entry(
            name="mbg_nbd", label="MBG/NBD", member=_PUBLISHED, fallback="pareto_nbd",
            purchases="clvcore.models.mbg_nbd:MbgNbd",
        ),
        Entry(
            name="pareto_nbd", label="Pareto/NBD", member=_PUBLISHED, fallback="naive",
            purchases="clvcore.models.pareto_nbd:ParetoNbd",
        ),
        Entry(
            name="naive", label="Simple average", member=_PUBLISHED,
            purchases="clvcore.models.naive:Naive", aliveness="mbg_nbd",
        ),
    )
}  # fmt: skip

PLAINEST = "bg_nbd"  # what every leaderboard compares with, and where fallbacks begin


def names() -> tuple[str, ...]:
    """Return what a user may write, ``auto`` first."""
    return (AUTO, *ENTRIES)


def published() -> tuple[str, ...]:
    """Return the published purchase models."""
    return tuple(name for name, entry in ENTRIES.items() if entry.purchases)


def fallbacks(name: str = PLAINEST) -> tuple[str, ...]:
    """Return a forecaster and what takes its place, in turn.

    Examples
    --------
    >>> fallbacks()
    ('bg_nbd', 'mbg_nbd', 'pareto_nbd', 'naive')
    """
    chain = [name]
    while following := ENTRIES[chain[-1]].fallback:
        chain.append(following)
    return tuple(chain)


def scored() -> tuple[str, ...]:
    """Return the rows of what runs of ``auto`` score, the plainest first."""
    return tuple(entry.row for entry in reversed(ENTRIES.values()) if entry.is_scored)


def automatic() -> tuple[str, ...]:
    """Return the rows of what ``auto`` may ship, the preferred first."""
    return tuple(entry.row for entry in ENTRIES.values() if entry.is_automatic)


def entry_of(name: str) -> Entry | None:
    """Return the entry of a forecaster, by its name or by its row."""
    found = (entry for entry in ENTRIES.values() if entry.row == name)
    return ENTRIES.get(name) or next(found, None)


def row_of(name: str) -> str:
    """Return the name of a forecaster's row on a leaderboard; unknown names are their own.

    Examples
    --------
    >>> row_of("probabilistic"), row_of("bg_nbd")
    ('seasonal_mbg', 'bg_nbd')
    """
    return ENTRIES[name].row if name in ENTRIES else name


def made_at(place: str) -> Any:
    """Return what ``module:name`` names, importing it only now."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
