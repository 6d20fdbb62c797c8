"""The forecast that another one is compared with: the one before it, like with like."""

from __future__ import annotations

from dataclasses import dataclass

from app.services import runs
from app.services.history import compare_runs, previous
from app.services.runs import RunEntry
from app.storage.saved_as import Version
from clvcore.records.run import Run
from clvcore.runs.comparison import Comparison


@dataclass(frozen=True, eq=False, kw_only=True)
class Since:
    """The previous forecast, and what changed since."""

    before: Run
    change: Comparison
    key: tuple[str, Version | None]  # which forecast that was, in which version


def change_since(tenant: str, entry: RunEntry) -> Since | None:
    """Return what changed since the previous forecast; None where there is none.

    Raises
    ------
    StoreError
        If the files of either are damaged.
    """
    found = previous(entry, runs.list_runs(tenant))
    if found is None:
        return None
    _, before, version = runs.open_run(tenant, found.id)
    change = compare_runs(tenant, found.id, entry.id)
    return Since(before=before, change=change, key=(found.id, version))
