"""Cohorts of a run by something else than it was grouped by, worked out from its own orders."""

from __future__ import annotations

import pandas as pd

from app.services import datasets, runs
from app.services.cached import cached
from app.services.runs import RunEntry
from app.storage.saved_as import Version
from clvcore.features import take_snapshot
from clvcore.features.cohorts import PERIODS
from clvcore.records.errors import StoreError
from clvcore.records.transactions import Transactions
from clvcore.runs.cohorts import regroup


def groupings(tenant: str, entry: RunEntry) -> list[str | None]:
    """Return what the customers of a run can be grouped by, its own grouping always among them."""
    own = entry.config.get("cohort_by")
    orders = _orders(tenant, entry)
    if orders is None or runs.load_months(tenant, entry.id) is None:
        return [own]
    every: list[str | None] = [*PERIODS, *orders.attributes]
    return every if own in every else [own, *every]


def cohorts_by(tenant: str, entry: RunEntry, by: str | None) -> pd.DataFrame:
    """Return the frame of cohorts; nobody may write to it, it is shared.

    Raises
    ------
    StoreError
        If the run or its orders are gone, or damaged.
    DataError
        If ``by`` names no column of the orders.
    """
    if by is None or by == entry.config.get("cohort_by"):
        return runs.load(tenant, entry.id).cohorts
    orders = entry.dataset_id or ""  # none is found by that, which is said
    versions = (runs.current_version(tenant, entry.id), datasets.current_version(tenant, orders))
    return _regrouped(tenant, entry.id, orders, by, versions)


# keyed by the versions of both: where a customer was forgotten, by whatever process, they are new
@cached(16)
def _regrouped(
    tenant: str, run_id: str, dataset_id: str, by: str, versions: tuple[Version | None, ...]
) -> pd.DataFrame:
    del versions
    run, months = runs.load(tenant, run_id), runs.load_months(tenant, run_id)
    if months is None:
        raise StoreError(
            "RUN_WITHOUT_MONTHS",
            "This forecast was saved without its months, so its customers cannot be grouped anew. "
            "Run the forecast again.",
        )
    snapshot = take_snapshot(datasets.load(tenant, dataset_id), as_of=run.as_of)
    return regroup(run, months, snapshot, by)


def _orders(tenant: str, entry: RunEntry) -> Transactions | None:
    """Return the orders a run was made from; None if they were deleted."""
    if entry.dataset_id is None:
        return None
    try:
        return datasets.load(tenant, entry.dataset_id)
    except StoreError:
        return None
