"""The job the Forecast page is about: asked for here, or by the same person elsewhere."""

from __future__ import annotations

import streamlit as st

from app.services import jobs
from app.services.datasets import Dataset
from app.services.jobs import Job, JobError
from app.services.session import Identity, can, current_identity
from clvcore.records.config import ForecastConfig
from clvcore.records.errors import ClvError

REFUSED, AGAIN, FOLLOWED = "forecast_refused", "forecast_again", "forecast_jobs"


def ask(identity: Identity, dataset: Dataset, asked: ForecastConfig | ClvError) -> None:
    """Ask for a forecast and follow it; what is refused at once is kept as the page's state."""
    forget(dataset.id)
    if isinstance(asked, ClvError):
        st.session_state[REFUSED] = (dataset.id, None, asked)
        return
    try:
        job = jobs.submit(identity.tenant, identity.username, dataset.id, asked)
    except ClvError as error:
        st.session_state[REFUSED] = (dataset.id, asked, error)
    else:
        _followed()[dataset.id] = job.id


def job_in_view(identity: Identity, dataset: Dataset) -> Job | None:
    """Return the job of these orders that this session follows, or that its person has under way.

    A job that is done becomes the run in view, and the page begins again.
    """
    job = _followed_job(identity, dataset.id)
    if job is None:
        own = jobs.list_jobs(identity.tenant, username=identity.username, under_way=True)
        job = next((job for job in own if job.dataset_id == dataset.id), None)
    if job is None:
        return None
    _followed()[dataset.id] = job.id
    if job.state == jobs.DONE:
        forget(dataset.id)
        st.session_state["run_id"] = st.session_state["forecast_seen"] = job.run_id
        st.rerun()
    return job


def refusal_in_view(
    dataset: Dataset, job: Job | None
) -> tuple[ForecastConfig | None, ClvError] | None:
    """Return what went wrong with these orders' forecast, and what had been asked."""
    held = st.session_state.get(REFUSED)
    if held is not None and held[0] == dataset.id:
        return held[1], held[2]
    if job is not None and job.error is not None:
        return ForecastConfig.from_dict(job.config), job.error
    return None


def may_stop(identity: Identity, job: Job) -> bool:
    """Tell whether this person may stop the job: who asked for it, or an administrator."""
    return can(identity, "forecast") and (
        job.username == identity.username or can(identity, "admin")
    )


def stop(job: Job) -> None:
    """Ask the job to stop; for a button, so who asks is looked up again."""
    identity = current_identity()
    if job.tenant == identity.tenant and may_stop(identity, job):
        jobs.cancel(identity.tenant, identity.username, job.id)


def forget(dataset_id: str) -> None:
    """Leave what came of these orders' last job behind."""
    st.session_state.pop(REFUSED, None)
    _followed().pop(dataset_id, None)


def _followed_job(identity: Identity, dataset_id: str) -> Job | None:
    job_id = _followed().get(dataset_id)
    if job_id is None:
        return None
    try:
        return jobs.find(identity.tenant, job_id)
    except JobError:  # swept meanwhile
        forget(dataset_id)
        return None


def _followed() -> dict[str, str]:
    held: dict[str, str] = st.session_state.setdefault(FOLLOWED, {})
    return held
