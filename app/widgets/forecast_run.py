"""A forecast under way: where it stands, how long it may take, and a button to stop it."""

from __future__ import annotations

import streamlit as st

from app.services import jobs
from app.services.datasets import Dataset
from app.services.jobs import Job, JobError
from app.services.session import Identity
from app.widgets.forecast_job import may_stop, stop
from app.widgets.page_header import page_header
from app.words.run_in_view import horizon_words
from app.words.text import Words, md

STEPS = ("read", "snapshot", "backtest", "fit", "intervals", "segments", "save")
EVERY = 1.0  # seconds between two looks
_DONE, _NOW, _TO_COME = (
    ":green[:material/check_circle:]",
    ":blue[:material/progress_activity:]",
    ":gray[:material/radio_button_unchecked:]",
)


def step_names(w: Words, rows: int) -> dict[str, str]:
    """Return what each step does."""
    return {
        "read": w.plural("Read {n} row", "Read {n} rows", rows),
        "snapshot": w("Build each customer’s history"),
        "backtest": w("Check the past: forecast it, then compare"),
        "fit": w("Fit the model"),
        "intervals": w("Set the ranges"),
        "segments": w("Segments, actions and totals"),
        "save": w("Save the result"),
    }


def running_header(w: Words, dataset: Dataset, job: Job) -> None:
    """Say what is going on, or what is waited for."""
    if job.state == jobs.QUEUED:
        finding = (
            w.plural(
                "Waiting: {n} forecast is ahead of yours.",
                "Waiting: {n} forecasts are ahead of yours.",
                job.ahead,
            )
            if job.ahead
            else w("Waiting for a free place: yours is next.")
        )
    else:
        finding = w.plural(
            "Forecasting {n} customer …", "Forecasting {n} customers …", dataset.customers
        )
    months, days = job.config.get("horizon_months"), job.config.get("horizon_days")
    page_header(
        w("Forecast"),
        [dataset.name, horizon_words(w, months, days), dataset.currency or ""],
        finding,
        w("You can leave this page; the forecast goes on and waits for you here."),
    )


def running_card(w: Words, identity: Identity, dataset: Dataset, job: Job) -> None:
    """Draw the job as it stands, again every second; start the page anew when it turns."""

    @st.fragment(run_every=EVERY)
    def card() -> None:
        try:
            now = jobs.find(identity.tenant, job.id)
        except JobError:
            st.rerun()
        if (now.state, now.ahead) != (job.state, job.ahead):
            st.rerun()  # the title, the form and the sidebar tell of it too
        with st.container(border=True, key="running"):
            _progress(w, now)
            _steps(w, dataset, now)
            _stop(w, identity, now)

    card()
    st.skeleton(height=260)


def time_words(w: Words, seconds: float) -> str:
    """Say how long something takes: "8 seconds", "about 2 minutes"."""
    if seconds < 90:
        return w.plural("{n} second", "{n} seconds", max(1, round(seconds)))
    return w.plural("about {n} minute", "about {n} minutes", round(seconds / 60))


def took_last_time(w: Words, identity: Identity, dataset: Dataset) -> None:
    """Say how long these orders took before, if they did."""
    seconds = jobs.last_seconds(identity.tenant, dataset.id)
    if seconds is not None:
        st.caption(w("Took {time} last time.", time=time_words(w, seconds)))


def _progress(w: Words, job: Job) -> None:
    if job.cancelling:
        st.progress(job.share, text=w("Stopping …"))
        return
    if job.state == jobs.QUEUED:
        st.progress(0.0, text=w("Not started yet"))
        return
    n = STEPS.index(job.step) + 1 if job.step in STEPS else 1
    said = w("Step {n} of {of}", n=n, of=len(STEPS))
    last = jobs.last_seconds(job.tenant, job.dataset_id, job.config.get("model"))
    if last is not None:
        left = last - job.seconds
        said += " · " + (
            w("{time} to go", time=time_words(w, left))
            if left >= 1
            else w("longer than last time ({time})", time=time_words(w, last))
        )
    st.progress(job.share, text=md(said))


def _steps(w: Words, dataset: Dataset, job: Job) -> None:
    names = step_names(w, dataset.rows)
    reached = STEPS.index(job.step) if job.step in STEPS else -1
    begun = [step.seconds for step in job.steps] + [job.seconds]
    for i, step in enumerate(STEPS):
        if i < reached:
            took = max(0.0, begun[i + 1] - begun[i])
            spent = f"\u2003:gray[{md(w('{n} s', n=w.number(took)))}]"
            st.markdown(f"{_DONE}\u2002{md(names[step])}{spent}")
        else:
            st.markdown(f"{_NOW if i == reached else _TO_COME}\u2002{md(names[step])}")


def _stop(w: Words, identity: Identity, job: Job) -> None:
    if not may_stop(identity, job):
        st.caption(md(w("{name} asked for this forecast, and can stop it.", name=job.username)))
        return
    st.button(
        w("Stopping …") if job.cancelling else w("Stop this forecast"),
        icon=":material/stop_circle:", key="stop-forecast", type="tertiary", on_click=stop,
        args=(job,), disabled=job.cancelling,
    )  # fmt: skip
