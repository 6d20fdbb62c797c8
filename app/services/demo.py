"""A first look: the sample shop and its forecast, where there is nothing to look at yet."""

from __future__ import annotations

from app.services import datasets, new_run
from clvcore.records.config import ForecastConfig


def ensure_sample(tenant: str, user: str) -> bool:
    """Save the sample shop and forecast it, unless the tenant has data of its own.

    Returns
    -------
    bool
        Whether anything was added.
    """
    if datasets.list_datasets(tenant):
        return False
    sample = datasets.add_sample(tenant, "sample")
    new_run.start(tenant, user, sample.id, ForecastConfig())
    return True
