"""What this person has under way, in a line or two of the sidebar on every page."""

from __future__ import annotations

import streamlit as st

from app.services import jobs
from app.services.jobs import Job, JobError
from app.services.session import Identity, can
from app.words.text import Words, md

EVERY = 2.0  # seconds between two looks
_SEEN = "jobs_seen"


def job_lines(w: Words, identity: Identity) -> None:
    """Draw a line per job under way, looked up again every other second, and what has ended."""
    if not can(identity, "forecast"):
        return
    under_way = _under_way(identity)
    seen = st.session_state.setdefault(_SEEN, {})
    for job in under_way:
        seen[job.id] = job.dataset_id
    for job_id in [job_id for job_id in seen if job_id not in {job.id for job in under_way}]:
        _ended(w, identity, job_id)
    if under_way:
        _watch(w, identity, [job.id for job in under_way])


def _watch(w: Words, identity: Identity, ids: list[str]) -> None:
    @st.fragment(run_every=EVERY)
    def lines() -> None:
        now = _under_way(identity)
        if [job.id for job in now] != ids:
            st.rerun()
        with st.container(gap="xxsmall", key="jobs-under-way"):
            for job in now:
                st.caption(f":blue[:material/progress_activity:]\u2002{md(_words(w, job))}")

    lines()


def _words(w: Words, job: Job) -> str:
    if job.cancelling:
        return w("Stopping: {name}", name=job.dataset_name)
    if job.state == jobs.QUEUED:
        return w("Waiting: {name}, {n} ahead", name=job.dataset_name, n=job.ahead)
    return w("Forecasting {name}: {share}", name=job.dataset_name, share=w.percent(job.share))


def _ended(w: Words, identity: Identity, job_id: str) -> None:
    """Offer what came of a job while its person was elsewhere, until it is looked at."""
    try:
        job = jobs.find(identity.tenant, job_id)
    except JobError:
        _forget(job_id)
        return
    if job.state != jobs.DONE or job.run_id == st.session_state.get("run_id"):
        _forget(job_id)  # the Forecast page tells what came of it
        return
    st.button(
        md(w("Ready: {name}", name=job.dataset_name)), icon=":material/check_circle:",
        key=f"show-{job_id}", type="tertiary", on_click=_show, args=(job_id, job.run_id),
        help=w("Show this forecast on all pages."),
    )  # fmt: skip


def _show(job_id: str, run_id: str) -> None:
    st.session_state["run_id"] = run_id
    _forget(job_id)


def _forget(job_id: str) -> None:
    st.session_state[_SEEN].pop(job_id, None)


def _under_way(identity: Identity) -> list[Job]:
    return jobs.list_jobs(identity.tenant, username=identity.username, under_way=True)
