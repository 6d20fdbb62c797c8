"""The work of one job: read the orders, forecast, save the files, then the row.

It runs in a worker of the pool, or in the caller where there is no pool; everything it learns goes
into the job's row.
"""

from __future__ import annotations

import logging
import secrets

from app.services import datasets, runs
from app.services.jobs import transitions
from app.services.jobs.records import CANCELLED, FAILED, FITTED_RUN, FORECAST, JobError
from app.services.jobs.sweep import remove_remains
from app.storage.database import JobRow, RunRow, utc_now
from app.storage.gate import changing
from app.storage.home import tenant_folder
from clvcore.records.config import ForecastConfig
from clvcore.records.errors import ClvError
from clvcore.records.run import Run
from clvcore.records.transactions import Transactions
from clvcore.runs.forecast import OnStep, forecast
from clvcore.runs.score import score
from clvcore.store import load_run, save_run

READ, SAVE = "read", "save"
_log = logging.getLogger("clv")


class _StoppedError(Exception):
    """The job was to stop, or was taken away."""


def do_job(job_id: str, owner: str) -> None:
    """Do a claimed job and write down how it ended; nothing is returned or raised for that."""
    row = transitions.asked(job_id, owner)
    if row is None:
        return
    error: ClvError | None = None
    try:
        with changing(row.tenant):  # nobody is forgotten between what it reads and what it saves
            _forecast(row, owner)
    except _StoppedError:
        error = transitions.stopped_error()
    except MemoryError:
        error = transitions.memory_error()
    except ClvError as refused:
        _log.info("forecast refused: %s", refused.code)
        error = refused
    except Exception:  # what is wrong on our side is logged, and told under a reference
        reference = f"{secrets.token_hex(2)}-{secrets.token_hex(1)}".upper()
        _log.exception("reference %s", reference)
        error = transitions.broken_error(reference)
    if error is not None:
        remove_remains(row.tenant, job_id)
        stopped = isinstance(error, JobError) and error.code == "JOB_CANCELLED"
        transitions.end(job_id, owner, CANCELLED if stopped else FAILED, error)


def _forecast(row: JobRow, owner: str) -> None:
    def tell(name: str, share: float) -> None:
        if name != "done" and not transitions.note_step(row.id, owner, name, share):
            raise _StoppedError

    tell(READ, 0.0)
    transactions = datasets.load(row.tenant, row.dataset_id)
    about = {"dataset_id": row.dataset_id, "dataset_name": row.dataset_name}
    # reading and saving take about a twentieth each of what the engine calls the whole
    run, about = _made(
        row, transactions, about, lambda name, share: tell(name, round(0.04 + 0.92 * share, 3))
    )
    tell(SAVE, 0.96)
    now = utc_now()
    save_run(run, tenant_folder(row.tenant, "runs") / row.id, created_at=now, extra=about)
    entry = _run_row(row, run)
    entry.created_at = now
    if not transitions.finish(row.id, owner, entry):
        raise _StoppedError


def _made(
    row: JobRow, transactions: Transactions, about: dict[str, str], on_step: OnStep
) -> tuple[Run, dict[str, str]]:
    """Forecast the orders, or score them with the run the job names, and say so."""
    if row.kind == FORECAST:
        return forecast(transactions, ForecastConfig.from_dict(row.config), on_step), about
    fitted = row.config[FITTED_RUN]
    entry = runs.find(row.tenant, fitted)  # only the tenant's own
    saved = load_run(tenant_folder(row.tenant, "runs") / entry.id)
    return score(saved, transactions, on_step=on_step), about | {FITTED_RUN: fitted}


def _run_row(row: JobRow, run: Run) -> RunRow:
    return RunRow(
        id=row.id, tenant=row.tenant, dataset_id=row.dataset_id, dataset_name=row.dataset_name,
        created_by=row.username, as_of=run.as_of, horizon_end=run.horizon_end,
        customers=len(run.customers), clv=float(run.customers["clv"].sum()),
        currency=run.currency, config=run.config.to_dict(),
    )  # fmt: skip
