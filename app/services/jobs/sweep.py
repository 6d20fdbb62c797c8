"""Tell the truth about jobs whose process is gone, and remove what they left behind."""

from __future__ import annotations

import datetime as dt
import shutil

from sqlalchemy import delete, select

from app.services.jobs import transitions
from app.services.jobs.records import INTERRUPTED, RUNNING, UNDER_WAY
from app.storage.database import JobRow, RunRow, reading, utc_now, writing
from app.storage.home import clv_home, place_of
from app.storage.owners import is_alive
from app.storage.validity import check_database

KEPT = dt.timedelta(days=30)


def sweep() -> None:
    """Do all of it; for the start of a launcher."""
    interrupt_abandoned()
    remove_orphans()
    with writing() as session:
        session.execute(
            delete(JobRow).where(
                JobRow.state.not_in(UNDER_WAY), JobRow.created_at < utc_now() - KEPT
            )
        )


def interrupt_abandoned() -> None:
    """End the jobs that are said to be running, but whose owner is gone."""
    with reading() as session:
        running = session.scalars(select(JobRow).where(JobRow.state == RUNNING)).all()
    for row in running:
        owner = row.owner or ""
        if not is_alive(owner):
            transitions.end(row.id, owner, INTERRUPTED, transitions.interrupted_error())
            remove_remains(row.tenant, row.id)


def remove_remains(tenant: str, job_id: str) -> None:
    """Remove what a job without a run left on the disk: its folder, or the drafts of it."""
    with reading() as session:
        if session.get(RunRow, job_id) is not None:
            return
    runs = place_of(tenant, "runs")
    for folder in (runs / job_id, *runs.glob(f".{job_id}.*.part")):
        shutil.rmtree(folder, ignore_errors=True)


def remove_orphans() -> None:
    """Remove folders of runs that no row tells of and no job is writing."""
    home = clv_home()
    check_database(home / "clv.db")  # whatever it does not tell of is deleted
    folders = list(home.glob("tenants/*/runs/*"))  # listed first: what is saved later is not in it
    with reading() as session:
        known = set(session.scalars(select(RunRow.id)))
        known |= set(session.scalars(select(JobRow.id).where(JobRow.state.in_(UNDER_WAY))))
    for folder in folders:
        if folder.name.removeprefix(".").split(".")[0] not in known:
            shutil.rmtree(folder, ignore_errors=True)
