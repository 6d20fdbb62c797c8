"""Make the report for somebody who may have it, and leave a line in the trail."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from app.report.page import Source, report_html
from app.services import runs
from app.services.downloads import File
from app.services.exports import plain
from app.services.permission import still_may
from app.services.previous import change_since
from app.services.runs import RunEntry
from app.services.session import Identity
from app.storage import audit
from app.storage.home import LOCAL_TENANT, tenant_folder
from app.words.run_in_view import RunInView
from app.words.text import words_for
from clvcore.records.errors import StoreError
from clvcore.records.run import Run
from clvcore.store import load_run, read_manifest


def report_for(identity: Identity, run_id: str, language: str) -> File:
    """Return the report of one forecast as a file.

    The account is looked up again: the button may have been drawn before it was closed.

    Raises
    ------
    PermissionError
        If this person may not have reports (any more).
    StoreError
        If the tenant has no such forecast, or its files are damaged.
    """
    account = still_may(identity, "report")
    entry = runs.find(account.tenant, run_id)
    data = report_of_kept(account.tenant, run_id, language)
    audit.record(account.tenant, account.username, "report", run_id, language=language)
    name = f"report-{plain(entry.dataset_name)}-{entry.as_of.isoformat()}.html"
    return File(content=data, name=name, media_type="text/html; charset=utf-8")


def report_of(run: str, language: str) -> bytes:
    """Return the report of a forecast named by its folder, or by its id in the product's home.

    Raises
    ------
    StoreError
        ``REPORT_OF_NOTHING`` if it is neither; or if files are damaged.
    """
    folder = Path(run)
    if folder.is_dir():
        return report_of_folder(folder, language)
    try:
        return report_of_kept(LOCAL_TENANT, run, language)
    except StoreError as error:
        if error.code != "RUN_UNKNOWN":
            raise
        raise StoreError(
            "REPORT_OF_NOTHING",
            "{run!r} is neither the folder of a saved forecast nor the id of one kept here. Write "
            "one with 'clv forecast FILE --out FOLDER'.",
            run=run,
        ) from None


def report_of_kept(tenant: str, run_id: str, language: str) -> bytes:
    """Return the report of a forecast the product keeps, compared with the one before it."""
    entry = runs.find(tenant, run_id)
    source = Source(
        shown=RunInView(entry, runs.load(tenant, entry.id)),
        manifest=read_manifest(tenant_folder(tenant, "runs") / entry.id),
        since=change_since(tenant, entry),
    )
    return report_html(words_for(language), source).encode()


def report_of_folder(folder: Path, language: str) -> bytes:
    """Return the report of a forecast saved in a folder; no other is known to compare it with."""
    manifest = read_manifest(folder)
    run = load_run(folder)
    name = str((manifest.get("extra") or {}).get("dataset_name") or folder.resolve().name)
    source = Source(shown=RunInView(_entry(run, folder, name), run), manifest=manifest)
    return report_html(words_for(language), source).encode()


def _entry(run: Run, folder: Path, name: str) -> RunEntry:
    return RunEntry(
        id=folder.resolve().name, dataset_id=None, dataset_name=name,
        # a folder need not say when it was made; the report shows what its manifest says
        created_at=dt.datetime.combine(run.as_of, dt.time(), dt.UTC), created_by="",
        as_of=run.as_of, horizon_end=run.horizon_end, horizon_months=run.config.horizon_months,
        horizon_days=run.config.horizon_days, customers=len(run.customers),
        clv=float(run.customers["clv"].sum()), currency=run.currency, config=run.config.to_dict(),
    )  # fmt: skip
