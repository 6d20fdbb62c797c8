"""The forecast that another one is compared with: the one before it, like with like."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.services import runs
from app.services.runs import RunEntry
from clvcore.comparison import Comparison, compare
from clvcore.records import Run


@dataclass(frozen=True, eq=False, kw_only=True)
class Since:
    """The previous forecast, and what changed since."""

    before: Run
    change: Comparison


def previous_run(tenant: str, entry: RunEntry) -> RunEntry | None:
    """Return the newest earlier forecast of orders of the same name under the same settings.

    Only the last day of data may differ, and may not lie later: a longer horizon or another margin
    is worth more or less by itself and says nothing about customers.
    """
    return previous_among(entry, runs.list_runs(tenant))


def previous_among(entry: RunEntry, others: Iterable[RunEntry]) -> RunEntry | None:
    """Return the first of these, the newest first, that ``entry`` may be compared with."""
    alike = (
        other
        for other in others
        if other.created_at < entry.created_at
        and other.dataset_name == entry.dataset_name
        and other.as_of <= entry.as_of
        and other.currency == entry.currency
        and _settings(other) == _settings(entry)
    )
    return next(alike, None)


def change_since(tenant: str, entry: RunEntry) -> Since | None:
    """Return what changed since the previous forecast; None where there is none.

    Raises
    ------
    StoreError
        If the files of either are damaged.
    """
    found = previous_run(tenant, entry)
    if found is None:
        return None
    before = runs.load(tenant, found.id)
    return Since(before=before, change=compare(before, runs.load(tenant, entry.id)))


def _settings(entry: RunEntry) -> dict[str, Any]:
    return {name: value for name, value in entry.config.items() if name != "as_of"}
