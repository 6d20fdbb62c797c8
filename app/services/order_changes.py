"""Orders added and deleted by somebody: who may, and a line in the trail."""

from __future__ import annotations

from app.services import datasets
from app.services.datasets import Dataset
from app.services.permission import still_may
from app.services.session import Identity
from app.services.uploads import NO_OPTIONS, Intake
from app.storage import audit
from app.storage.gate import changing
from clvcore.ingest import IngestOptions, Mapping


def save_orders(
    identity: Identity,
    intake: Intake,
    mapping: Mapping,
    currency: str | None,
    options: IngestOptions = NO_OPTIONS,
) -> Dataset:
    """Save an inspected file.

    Raises
    ------
    PermissionError
        If this person may not (any more).
    DataError
        As ``datasets.save``.
    """
    with changing(identity.tenant):
        account = still_may(identity, "data")
        dataset = datasets.save(
            account.tenant, intake.content_hash, intake.name, mapping, currency, options,
            intake.layout, claim=intake.claim.id,
        )  # fmt: skip
        return _noted(identity, dataset)


def add_sample_orders(identity: Identity, which: str) -> Dataset:
    """Save one of the samples.

    Raises
    ------
    PermissionError
        If this person may not (any more).
    ConfigError
        If there is no such sample.
    """
    with changing(identity.tenant):
        account = still_may(identity, "data")
        return _noted(identity, datasets.add_sample(account.tenant, which))


def delete_orders(identity: Identity, dataset_id: str) -> None:
    """Delete orders; forecasts made from them stay.

    Raises
    ------
    PermissionError
        If this person may not (any more).
    StoreError
        If the tenant has no such orders.
    """
    account = still_may(identity, "data")
    dataset = datasets.find(account.tenant, dataset_id)
    datasets.delete(account.tenant, dataset.id)
    audit.record(
        account.tenant, account.username, "orders_deleted", dataset.id,
        name=dataset.name, rows=dataset.rows,
    )  # fmt: skip


def _noted(identity: Identity, dataset: Dataset) -> Dataset:
    audit.record(
        identity.tenant, identity.username, "orders_added", dataset.id,
        name=dataset.name, rows=dataset.rows,
    )  # fmt: skip
    return dataset
