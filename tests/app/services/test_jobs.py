"""The table of jobs: asked, waiting, under way, ended; everything but the processes themselves."""

from __future__ import annotations

import logging

import pytest

from app.services import jobs, runs
from app.services.jobs import forecasting, sweep, transitions
from app.storage.database import JobRow, utc_now, writing
from app.storage.home import tenant_folder
from app.storage.owners import alive, is_alive
from app.workers import workers
from clvcore.records.config import ForecastConfig
from clvcore.records.errors import HistoryError, StoreError
from clvcore.records.horizon import days_to_cover

TENANT = "local"
QUICK = ForecastConfig(horizon_months=6, model="naive")


@pytest.fixture
def nobody_works(monkeypatch):
    """A server whose workers have not come to it yet: what is asked for waits."""
    monkeypatch.setattr(workers, "is_running", lambda: True)


def _config(number: int) -> ForecastConfig:
    return ForecastConfig(horizon_months=number, model="naive")


def _submit(dataset, number=6, user="ana"):
    return jobs.submit(TENANT, user, dataset.id, _config(number))


def _begin(job, owner):
    assert transitions.claim(owner) == job.id
    return job


def _left_behind(job) -> list[str]:
    return [path.name for path in tenant_folder(TENANT, "runs").glob(f"*{job.id}*")]


def test_what_is_asked_twice_while_under_way_is_one_job(saved, nobody_works):
    first = _submit(saved)
    assert (first.state, first.step, first.share) == (jobs.QUEUED, None, 0.0)
    assert _submit(saved, user="bob").id == first.id
    assert _submit(saved, 7).id != first.id
    with alive() as owner:
        _begin(first, owner)
        assert _submit(saved).id == first.id
        jobs.cancel(TENANT, "ana", first.id)
        assert _submit(saved).id != first.id  # the first is about to stop


def test_a_waiting_job_knows_how_many_are_ahead(saved, nobody_works):
    ids = [_submit(saved, number).id for number in (1, 2, 3)]
    assert [jobs.find(TENANT, job_id).ahead for job_id in ids] == [0, 1, 2]
    jobs.cancel(TENANT, "ana", ids[0])
    assert [jobs.find(TENANT, job_id).ahead for job_id in ids] == [0, 0, 1]
    listed = jobs.list_jobs(TENANT, under_way=True)
    assert [(job.id, job.ahead) for job in listed] == [(ids[2], 1), (ids[1], 0)]


def test_a_full_queue_refuses_with_a_code(saved, nobody_works):
    for number in range(jobs.MAX_WAITING_PER_TENANT):
        _submit(saved, number + 1)
    with pytest.raises(jobs.JobError) as refused:
        _submit(saved, 50)
    assert refused.value.code == "QUEUE_FULL"
    assert str(jobs.MAX_WAITING_PER_TENANT) in str(refused.value)
    assert len(jobs.list_jobs(TENANT)) == jobs.MAX_WAITING_PER_TENANT
    assert _submit(saved, 1).state == jobs.QUEUED  # it is under way already, and takes no place


def test_the_queue_is_bounded_over_all_tenants(saved, nobody_works):
    with writing() as session:
        for number in range(jobs.MAX_WAITING):
            session.add(
                JobRow(
                    id=f"{number}", tenant=f"t{number}", username="u", kind="forecast",
                    dataset_id="d", dataset_name="d", config={}, key=f"{number}", state="queued",
                    created_at=utc_now(),
                )
            )  # fmt: skip
    with pytest.raises(jobs.JobError, match="Too many forecasts"):
        _submit(saved)


def test_another_tenant_neither_sees_nor_stops_a_job(saved, nobody_works):
    job = _submit(saved)
    uses = (
        lambda: jobs.find("other", job.id),
        lambda: jobs.cancel("other", "eve", job.id),
        lambda: jobs.wait("other", job.id),
    )
    for use in uses:
        with pytest.raises(jobs.JobError) as refused:
            use()
        assert refused.value.code == "JOB_UNKNOWN"
    assert jobs.list_jobs("other") == []
    with pytest.raises(StoreError):
        jobs.submit("other", "eve", saved.id, QUICK)
    assert jobs.find(TENANT, job.id).state == jobs.QUEUED


def test_one_users_jobs_can_be_told_from_the_others(saved, nobody_works):
    mine, _ = _submit(saved, 1), _submit(saved, 2, user="bob")
    assert [job.id for job in jobs.list_jobs(TENANT, username="ana")] == [mine.id]


def test_a_waiting_job_that_is_cancelled_never_begins(saved, nobody_works):
    job = _submit(saved)
    job = jobs.cancel(TENANT, "ana", job.id)
    assert (job.state, job.error.code) == (jobs.CANCELLED, "JOB_CANCELLED")
    assert transitions.claim("anybody") is None
    with pytest.raises(Exception, match="stopped before it finished"):
        jobs.run_of(job)


def test_a_job_asked_to_stop_stops_at_its_next_step(saved, nobody_works):
    with alive() as owner:
        job = _begin(_submit(saved), owner)
        asked = jobs.cancel(TENANT, "ana", job.id)
        assert (asked.state, asked.cancelling) == (jobs.RUNNING, True)
        forecasting.do_job(job.id, owner)
    ended = jobs.find(TENANT, job.id)
    assert (ended.state, ended.cancelling) == (jobs.CANCELLED, False)
    assert runs.list_runs(TENANT) == []
    assert _left_behind(job) == []


def test_a_job_that_is_done_tells_its_steps_and_cannot_be_stopped(saved):
    job = _submit(saved)
    assert (job.state, job.share, job.cancelling) == (jobs.DONE, 1.0, False)
    assert [step.name for step in job.steps][0::6] == ["read", "save"]
    seconds = [step.seconds for step in job.steps]
    assert seconds == sorted(seconds)
    assert jobs.last_seconds(TENANT, saved.id, "naive") == job.seconds
    assert jobs.last_seconds(TENANT, saved.id, "auto") is None
    assert jobs.cancel(TENANT, "ana", job.id) == job
    assert runs.find(TENANT, jobs.run_of(job)).created_by == "ana"


def test_a_refusal_comes_back_as_it_was_raised(saved):
    early = ForecastConfig(as_of=saved.first_day.replace(month=3))
    job = jobs.submit(TENANT, "ana", saved.id, early)
    assert (job.state, type(job.error)) == (jobs.FAILED, HistoryError)
    assert job.error.values["needed"] == days_to_cover(saved.first_day)


@pytest.mark.parametrize(
    ("fault", "code"),
    [(ZeroDivisionError("a secret"), "JOB_BROKEN"), (MemoryError(), "JOB_MEMORY")],
)
def test_a_fault_of_ours_fails_the_job_and_shows_no_detail(saved, monkeypatch, caplog, fault, code):
    def fail(*_):
        raise fault

    monkeypatch.setattr(forecasting, "forecast", fail)
    with caplog.at_level(logging.ERROR, logger="clv"):
        job = _submit(saved)
    assert (job.state, job.error.code) == (jobs.FAILED, code)
    assert "secret" not in str(job.error)
    if code == "JOB_BROKEN":
        assert job.error.values["reference"] in caplog.text
        assert "a secret" in caplog.text


def test_a_run_whose_job_was_taken_away_while_it_was_saved_leaves_nothing(saved, monkeypatch):
    save = forecasting.save_run

    def save_and_lose(run, folder, **about):
        save(run, folder, **about)
        with writing() as session:
            session.get(JobRow, folder.name).owner = "somebody else"

    monkeypatch.setattr(forecasting, "save_run", save_and_lose)
    job = _submit(saved)
    assert job.state == jobs.RUNNING  # it is the other's to end
    assert runs.list_runs(TENANT) == []
    assert _left_behind(job) == []


def test_a_job_whose_process_is_gone_is_interrupted_and_its_remains_are_swept(saved, nobody_works):
    with alive() as lost:
        job = _begin(_submit(saved), lost)
        folder = tenant_folder(TENANT, "runs")
        (folder / job.id).mkdir()
        (folder / f".{job.id}.abc.part").mkdir()
        sweep.sweep()
        assert jobs.find(TENANT, job.id).state == jobs.RUNNING  # its owner lives
        assert len(_left_behind(job)) == 2
    assert not is_alive(lost)
    sweep.sweep()
    ended = jobs.find(TENANT, job.id)
    assert (ended.state, ended.error.code) == (jobs.INTERRUPTED, "JOB_INTERRUPTED")
    assert _left_behind(job) == []
    assert _submit(saved).id != job.id


def test_asking_again_does_not_wait_for_a_job_whose_process_is_gone(saved):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "is_running", lambda: True)
        with alive() as lost:
            job = _begin(_submit(saved), lost)
    again = _submit(saved)
    assert (again.id != job.id, again.state) == (True, jobs.DONE)


def test_the_sweep_keeps_every_run_with_a_row_and_removes_folders_without(filled_home, entry):
    folder = tenant_folder(TENANT, "runs")
    (folder / "0123456789abcdef").mkdir()
    (folder / ".0123456789abcdef.xyz.part").mkdir()
    sweep.sweep()
    assert [path.name for path in folder.iterdir()] == [entry.id]
    assert len(runs.load(TENANT, entry.id).customers) == entry.customers


def test_jobs_of_long_ago_are_forgotten(saved):
    job = _submit(saved)
    with writing() as session:
        session.get(JobRow, job.id).created_at = utc_now() - 2 * sweep.KEPT
    sweep.sweep()
    assert jobs.list_jobs(TENANT) == []
    assert [entry.id for entry in runs.list_runs(TENANT)] == [job.run_id]


def test_waiting_ends_when_its_time_is_up_and_tells_the_steps_it_saw(saved, nobody_works):
    told = []
    with alive() as owner:
        job = _begin(_submit(saved), owner)
        transitions.note_step(job.id, owner, "read", 0.0)
        seen = jobs.wait(TENANT, job.id, lambda *step: told.append(step), timeout=0)
    assert (seen.state, told) == (jobs.RUNNING, [("read", 0.0)])
