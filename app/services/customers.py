"""One customer of a run: what the run holds, and what their orders add to it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from app.services import datasets, runs
from app.services.cached import cached
from app.services.runs import RunEntry
from app.storage.saved_as import Version
from clvcore.customer import (
    Life,
    TreeEffect,
    drivers,
    life_of,
    one_sided_misses,
    tree_effect,
    typical,
    value_path,
)
from clvcore.records.errors import ClvError, StoreError
from clvcore.records.run import Run
from clvcore.value.actions import value_at_stake

MOST_FOUND = 8


@dataclass(frozen=True, eq=False, kw_only=True)
class CustomerInView:
    """A customer, ready to be shown.

    Parameters
    ----------
    id, row
        The customer's row of the run.
    at_stake, cap
        Money an action could win back or protect, and the most to spend on it.
    drivers, average
        What sets the forecast apart from the average customer's, and the latter's factors.
    life, path, trees
        Purchases and chances, the value to come, and what the trees say; None without the orders.
    missing
        Why there is no ``life``.
    """

    id: str
    row: pd.Series
    at_stake: float
    cap: float
    drivers: pd.DataFrame
    average: pd.Series
    life: Life | None = None
    path: pd.DataFrame | None = None
    trees: TreeEffect | None = None
    missing: ClvError | None = None


def open_customer(tenant: str, entry: RunEntry, customer: str) -> CustomerInView:
    """Return one customer of a run; only their own orders are read.

    Raises
    ------
    DataError
        ``UNKNOWN_CUSTOMER`` if the run has no such customer.
    StoreError
        If the tenant has no such run.
    """
    run = runs.load(tenant, entry.id)
    causes = drivers(run, customer)
    life, missing = _life(tenant, entry, run, customer)
    trees = tree_effect(run, life) if life else None
    path = None
    if life and run.common is not None:
        path = value_path(
            run, life, misses=_misses(tenant, entry.id, runs.current_version(tenant, entry.id))
        )
    one = run.customers.loc[[customer]]
    stake = float(value_at_stake(one).iloc[0])
    return CustomerInView(
        id=customer,
        row=one.iloc[0],
        at_stake=stake,
        cap=run.config.segmentation.uplift * stake,
        drivers=drivers(run, customer, trees=trees.log) if trees else causes,
        average=typical(run),
        life=life,
        path=path,
        trees=trees,
        missing=missing,
    )


def find_customers(run: Run, text: str) -> list[str]:
    """Return ids that contain a text, an exact one alone, at most eight and one more."""
    wanted = text.strip()
    if wanted in run.customers.index:
        return [wanted]
    if not wanted:
        return []
    names = run.customers.index.astype("str")
    hits = names[names.str.casefold().str.contains(wanted.casefold(), regex=False)]
    return [str(name) for name in hits[: MOST_FOUND + 1]]


def _life(
    tenant: str, entry: RunEntry, run: Run, customer: str
) -> tuple[Life | None, ClvError | None]:
    if entry.dataset_id is None:
        return None, StoreError(
            "DATASET_UNKNOWN", "These orders are no longer there. Choose others, or add them."
        )
    try:
        return life_of(run, customer, datasets.load(tenant, entry.dataset_id)), None
    except ClvError as error:
        return None, error


# the work of all customers of a run, done at the first one looked at
@cached(16)
def _misses(tenant: str, run_id: str, version: Version | None) -> dict[float, float]:
    del version
    return one_sided_misses(runs.load(tenant, run_id))
