"""Newer orders scored with a finished forecast: who may ask, which orders fit, and the asking."""

from __future__ import annotations

from collections.abc import Sequence

from app.services import jobs, runs
from app.services.datasets import Dataset
from app.services.jobs import Job
from app.services.permission import still_may
from app.services.runs import RunEntry
from app.services.session import Identity
from clvcore.records.config import ForecastConfig


def newer_orders(entry: RunEntry, saved: Sequence[Dataset]) -> list[Dataset]:
    """Return the orders a forecast can be tried on: of its currency, not older, not what it knew.

    Those of the forecast's own name come first; whether they are the same shop's is judged when
    they are scored.
    """
    fitting = [
        dataset
        for dataset in saved
        if (dataset.id != entry.dataset_id or dataset.last_day > entry.as_of)
        and (None in (dataset.currency, entry.currency) or dataset.currency == entry.currency)
        and dataset.last_day >= entry.as_of
    ]
    return sorted(fitting, key=lambda dataset: dataset.name != entry.dataset_name)


def ask(identity: Identity, run_id: str, dataset_id: str) -> Job:
    """Ask for orders to be scored with a forecast.

    Raises
    ------
    PermissionError
        If this person may not (any more).
    ClvError
        If the tenant has no such forecast or orders, or too much is waiting.
    """
    account = still_may(identity, "forecast")
    entry = runs.find(account.tenant, run_id)
    config = ForecastConfig.from_dict(entry.config)
    return jobs.submit_score(account.tenant, account.username, dataset_id, entry.id, config)
