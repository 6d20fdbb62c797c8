"""What somebody has a right to see gone: one customer everywhere, or a whole tenant."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import secrets
import shutil
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, func, select, update

from app.accounts.keys import secret_key
from app.services import datasets, kept_uploads, runs
from app.services.cached import leave_word
from app.services.jobs import UNDER_WAY
from app.services.jobs.sweep import remove_orphans
from app.storage import audit
from app.storage.abandoned import sweep_abandoned
from app.storage.database import (
    DatasetRow,
    JobRow,
    RunRow,
    compact,
    reading,
    tables_of_tenants,
    utc_now,
    writing,
)
from app.storage.gate import alone
from app.storage.home import LOCAL_TENANT, clv_home, place_of, tenant_folder
from app.storage.replaced import forget_databases_aside, tenant_folders_aside
from clvcore.records.errors import ClvError, StoreError
from clvcore.store import (
    finish_swaps,
    forget_in_run,
    forget_in_transactions,
    load_transactions,
    read_manifest,
)

SAVING_SECONDS, STOPPING_SECONDS = 10.0, 60.0  # until who saves is done; until who is stopped is


class EraseError(ClvError):
    """Something cannot be erased now, or not this way."""


@dataclass(frozen=True, kw_only=True)
class Forgotten:
    """In how many saved orders and forecasts a customer was, and is no more."""

    orders: int
    forecasts: int


def forget_customer(tenant: str, customer: str, *, by: str = audit.PROGRAM) -> Forgotten:
    """Take a customer's rows out of all saved orders and forecasts of a tenant.

    Files that were dropped and not saved yet are deleted, since nobody can say what is in them.
    What a restore moved aside is searched too, and what is damaged in there is deleted. Sums over
    many customers stay as they were, and so do backups and lists that were exported.

    Raises
    ------
    EraseError
        ``FORGET_BUSY`` while a forecast is being made: it would save the customer again.
    GateError
        ``OTHERS_SAVE`` where somebody is saving for longer than ten seconds.
    StoreError
        If a saved folder is damaged, or the disk refuses; run it again afterwards.
    """
    customer = unicodedata.normalize("NFC", customer).strip()
    _refuse_if_busy(tenant)
    with alone(tenant, SAVING_SECONDS):
        try:
            found = _forget(tenant, customer)
        finally:  # where it fails half-way too
            leave_word()
    audit.record(
        tenant, by, audit.FORGOTTEN, _digest(customer),
        orders=found.orders, forecasts=found.forecasts,
    )  # fmt: skip
    return found


def _forget(tenant: str, customer: str) -> Forgotten:
    kept_uploads.forget_all(tenant)
    orders_folder, runs_folder = tenant_folder(tenant, "datasets"), tenant_folder(tenant, "runs")
    finish_swaps(orders_folder)  # before the sweeps, which may take a new version for a remnant
    finish_swaps(runs_folder)
    sweep_abandoned()
    datasets.clean_up(tenant, now=utc_now() + dt.timedelta(days=1))  # nobody is saving any
    remove_orphans()
    with reading() as session:
        of_orders = list(session.scalars(select(DatasetRow.id).where(DatasetRow.tenant == tenant)))
        of_runs = list(session.scalars(select(RunRow.id).where(RunRow.tenant == tenant)))
    found = Forgotten(
        orders=sum(_forget_in_orders(tenant, orders_folder / one, customer) for one in of_orders),
        forecasts=sum(_forget_in_run(tenant, runs_folder / one, customer) for one in of_runs),
    )
    for aside in tenant_folders_aside(tenant):
        _forget_aside(aside, customer)
    forget_databases_aside()
    _forget_errors(tenant, customer)
    return found


def erase_tenant(tenant: str, *, by: str = audit.PROGRAM) -> None:
    """Delete everything of a tenant: rows of every table, then files. Safe to run again.

    Forecasts under way are stopped first. The line in the trail is the installation's, and names
    the tenant by a digest.

    Raises
    ------
    EraseError
        ``TENANT_LOCAL`` for the installation's own tenant.
    GateError
        ``OTHERS_SAVE`` where somebody is still saving after a minute.
    """
    if tenant == LOCAL_TENANT:
        raise EraseError(
            "TENANT_LOCAL",
            "This is the installation's own tenant. Stop the server and delete its folder instead.",
        )
    _stop_jobs(tenant)
    with alone(tenant, STOPPING_SECONDS):
        with writing() as session:
            for table, column in tables_of_tenants():
                session.execute(delete(table).where(column == tenant))
        _erase_files(tenant)
        leave_word()
    audit.record(LOCAL_TENANT, by, audit.ERASED, _digest(tenant))
    compact()


def _forget_aside(folder: Path, customer: str) -> None:
    """Take a customer out of folders no database tells of any more."""
    shutil.rmtree(folder / "uploads", ignore_errors=True)
    kinds = {"datasets": forget_in_transactions, "runs": forget_in_run}
    for kind, forget in kinds.items():
        finish_swaps(folder / kind)
        for saved in list((folder / kind).glob("*")):
            try:
                is_empty = forget(saved, customer) is None
            except StoreError:  # nobody can say whether they are in there
                is_empty = True
            if is_empty:
                shutil.rmtree(saved)


def _forget_in_orders(tenant: str, folder: Path, customer: str) -> bool:
    taken = forget_in_transactions(folder, customer)
    if taken is None:
        datasets.delete(tenant, folder.name)  # there was nobody else in it
    elif taken:
        orders = load_transactions(folder)
        with writing() as session:
            row = session.get_one(DatasetRow, folder.name)
            row.rows, row.customers = orders.quality.rows_used, orders.quality.customers_used
            row.first_day, row.last_day = orders.first_day, orders.last_day
    return taken != 0


def _forget_in_run(tenant: str, folder: Path, customer: str) -> bool:
    taken = forget_in_run(folder, customer)
    if taken is None:
        runs.delete(tenant, folder.name)
    elif taken:
        metrics = read_manifest(folder)["metrics"]
        with writing() as session:
            row = session.get_one(RunRow, folder.name)
            row.customers, row.clv = metrics["customers"], metrics["clv"]
    return taken != 0


def _erase_files(tenant: str) -> None:
    folder = place_of(tenant, "runs").parent
    gone = folder.with_name(f".erased.{secrets.token_hex(8)}")
    if folder.exists():
        # at once, so that nothing of it is taken for saved if the rest of this is killed, and
        # nobody who still writes in it can keep it there
        folder.rename(gone)
    sweep_abandoned()
    if gone.exists():  # the disk refused the sweep, and says why
        shutil.rmtree(gone)
    for aside in tenant_folders_aside(tenant):
        shutil.rmtree(aside)
    forget_databases_aside()


def _stop_jobs(tenant: str) -> None:
    under_way = update(JobRow).where(JobRow.tenant == tenant, JobRow.state.in_(UNDER_WAY))
    with writing() as session:
        session.execute(under_way.values(cancel_asked=True))


def _refuse_if_busy(tenant: str) -> None:
    under_way = select(func.count()).where(JobRow.tenant == tenant, JobRow.state.in_(UNDER_WAY))
    with reading() as session:
        number = session.scalar(under_way)
    if number:
        raise EraseError(
            "FORGET_BUSY",
            "{number} forecasts are being made and would save the customer again. Stop them or "
            "wait, then ask again.",
            number=number,
        )


def _forget_errors(tenant: str, customer: str) -> None:
    """Delete ended jobs whose reason names the customer."""
    with writing() as session:
        for row in session.scalars(select(JobRow).where(JobRow.tenant == tenant)):
            if row.error and customer in json.dumps(row.error, ensure_ascii=False):
                session.delete(row)


def _digest(text: str) -> str:
    return hmac.new(secret_key(clv_home()), text.encode(), hashlib.sha256).hexdigest()
