"""The processes behind the jobs: really started, really killed."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from app.server.warm_up import WORK
from app.services import datasets, jobs, new_run, runs
from app.storage.database import writing
from app.storage.home import tenant_folder
from app.workers import workers
from app.workers.workers import Plan
from clvcore.records.config import ForecastConfig

TENANT = "local"
PATIENCE = 120.0  # seconds; only a machine that is busy elsewhere needs more than a few


@pytest.fixture(scope="module")
def served(template, tmp_path_factory) -> Iterator[tuple[str, ExitStack]]:
    """A home whose server has one worker; the id of its orders, and what ends the server."""
    folder = tmp_path_factory.mktemp("served") / "home"
    shutil.copytree(template.folder, folder)
    with pytest.MonkeyPatch.context() as patch, ExitStack() as server:
        patch.setenv("CLV_HOME", str(folder))
        plan = Plan(workers=1, queue=WORK["queue"], preload=("app.services.jobs.forecasting",))
        server.enter_context(workers.running(plan))
        yield datasets.list_datasets(TENANT)[0].id, server


def _submit(dataset_id: str, months: int) -> jobs.Job:
    config = ForecastConfig(horizon_months=months, model="probabilistic")
    return jobs.submit(TENANT, "ana", dataset_id, config)


def _until(job: jobs.Job, reached) -> jobs.Job:
    end = time.monotonic() + PATIENCE
    while not reached(job):
        assert time.monotonic() < end, job
        time.sleep(0.01)
        job = jobs.find(TENANT, job.id)
    return job


def _running(job: jobs.Job) -> jobs.Job:
    return _until(job, lambda job: job.steps or not job.under_way)


def _ended(job: jobs.Job) -> jobs.Job:
    job = jobs.wait(TENANT, job.id, timeout=PATIENCE)
    assert not job.under_way
    return job


def _kept() -> set[str]:
    return {path.name for path in tenant_folder(TENANT, "runs").iterdir()}


def test_a_job_is_done_in_another_process_with_its_steps_told(served):
    told = []
    job = _submit(served[0], 1)
    assert job.state in jobs.UNDER_WAY
    job = jobs.wait(TENANT, job.id, lambda *step: told.append(step), timeout=PATIENCE)
    assert job.state == jobs.DONE, job.error
    assert job.pid not in (None, os.getpid())
    assert list(dict.fromkeys(told)) == [(step.name, step.share) for step in job.steps]
    assert len(runs.load(TENANT, jobs.run_of(job)).customers) > 0


def test_a_killed_worker_fails_its_job_and_the_next_one_works(served):
    job = _running(_submit(served[0], 2))
    before = _kept()
    with writing():  # while this is open no step can be noted: the worker is in the middle
        os.kill(job.pid, signal.SIGKILL)
    job = _ended(job)
    assert (job.state, job.error.code) == (jobs.FAILED, "JOB_KILLED")
    assert _kept() == before - {job.id}
    following = _ended(_submit(served[0], 3))
    assert following.state == jobs.DONE
    assert following.pid != job.pid


def test_a_running_job_that_is_cancelled_ends_and_makes_room(served):
    job, waiting = _running(_submit(served[0], 4)), _submit(served[0], 5)
    assert jobs.cancel(TENANT, "ana", job.id).state != jobs.DONE
    job = _ended(job)
    assert (job.state, job.error.code) == (jobs.CANCELLED, "JOB_CANCELLED")
    assert job.id not in _kept()
    assert _ended(waiting).state == jobs.DONE


class PageWasLeft(BaseException):
    """What Streamlit raises inside a page that is left; not an Exception, like the real one."""


def test_a_forecast_goes_on_when_its_page_is_left(served):
    def leave(step, share):
        raise PageWasLeft

    config = ForecastConfig(horizon_months=10, model="probabilistic")
    with pytest.raises(PageWasLeft):
        new_run.start(TENANT, "ana", served[0], config, leave)
    job = _ended(jobs.list_jobs(TENANT, limit=1)[0])
    assert job.state == jobs.DONE
    assert runs.find(TENANT, jobs.run_of(job)).horizon_months == 10


def test_an_idle_worker_that_is_killed_is_replaced(served):
    first = _ended(_submit(served[0], 6))
    os.kill(first.pid, signal.SIGKILL)
    second = _ended(_submit(served[0], 7))
    assert second.state == jobs.DONE
    assert second.pid != first.pid


def test_when_the_server_ends_what_was_running_is_interrupted(served):
    dataset_id, server = served
    job, waiting = _running(_submit(dataset_id, 8)), _submit(dataset_id, 9)
    server.close()
    assert not workers.is_running()
    job = jobs.find(TENANT, job.id)
    assert (job.state, job.error.code) == (jobs.INTERRUPTED, "JOB_INTERRUPTED")
    assert job.id not in _kept()
    assert jobs.find(TENANT, waiting.id).state == jobs.QUEUED  # it waits for the next server
    assert _kept() == {entry.id for entry in runs.list_runs(TENANT)}
