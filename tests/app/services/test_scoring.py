"""Newer orders scored with a finished forecast, as a job: who may, and what is kept of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.accounts.users import find_user, set_role
from app.services import datasets, history, jobs, new_run, runs, scoring
from app.services.session import Identity
from app.storage import audit
from clvcore.records.config import ForecastConfig
from clvcore.records.errors import StoreError

QUICK = ForecastConfig(horizon_months=6, model="naive", as_of="2024-09-30")


@pytest.fixture
def analyst(filled_home) -> Identity:
    account = find_user("analyst")
    return Identity(
        username=account.username, name=account.username, role=account.role, tenant=account.tenant
    )


@pytest.fixture
def fitted(filled_home):
    """A forecast of the orders as they were in September."""
    return new_run.start("local", "analyst", filled_home.dataset_id, QUICK)


def test_newer_orders_become_a_run_that_says_what_it_was_scored_with(analyst, filled_home, fitted):
    job = scoring.ask(analyst, fitted.id, filled_home.dataset_id)
    assert (job.state, job.kind, job.fitted_run) == (jobs.DONE, "score", fitted.id)
    assert ForecastConfig.from_dict(job.config).model == "naive"
    run = runs.load("local", job.run_id)
    assert run.as_of > fitted.as_of
    assert run.parameters == runs.load("local", fitted.id).parameters
    assert len(run.drift) > 0
    assert history.provenance("local", job.run_id).fitted_run == fitted.id
    assert history.provenance("local", fitted.id).fitted_run is None
    (line,) = audit.list_entries("local", action="scored")
    assert (line.username, line.subject) == ("analyst", job.run_id)
    assert line.detail == {"dataset": filled_home.dataset_id, "with": fitted.id}


def test_its_previous_forecast_is_the_one_it_was_scored_with(analyst, filled_home, fitted):
    job = scoring.ask(analyst, fitted.id, filled_home.dataset_id)
    entry = runs.find("local", job.run_id)
    assert history.previous(entry, runs.list_runs("local")).id == fitted.id


def test_what_cannot_be_scored_ends_the_job_with_its_reason(analyst, filled_home, fitted):
    first = scoring.ask(analyst, fitted.id, filled_home.dataset_id)
    again = scoring.ask(analyst, first.run_id, filled_home.dataset_id)
    assert (again.state, again.run_id) == (jobs.FAILED, None)
    assert again.error.code == "RUN_IS_SCORED"
    assert isinstance(again.error, StoreError)
    assert [entry.id for entry in runs.list_runs("local")].count(again.id) == 0


def test_only_who_may_forecast_may_score_and_only_what_is_theirs(analyst, filled_home, fitted):
    with pytest.raises(StoreError, match="no longer there"):
        scoring.ask(analyst, "f" * 32, filled_home.dataset_id)
    set_role("analyst", "executive")
    with pytest.raises(PermissionError):
        scoring.ask(analyst, fitted.id, filled_home.dataset_id)


def test_a_score_says_nothing_about_how_long_a_forecast_takes(analyst, filled_home, fitted):
    before = jobs.last_seconds("local", filled_home.dataset_id)
    scoring.ask(analyst, fitted.id, filled_home.dataset_id)
    assert jobs.last_seconds("local", filled_home.dataset_id) == before


def test_the_orders_offered_are_newer_and_in_one_currency(entry, filled_home, fitted):
    own = datasets.find("local", filled_home.dataset_id)
    newer = replace(own, id="newer", name="z")
    named = replace(own, id="named")
    others = [
        own, newer, named, replace(own, id="usd", currency="USD"),
        replace(own, id="older", last_day=fitted.as_of.replace(day=1)),
    ]  # fmt: skip
    offered = [dataset.id for dataset in scoring.newer_orders(fitted, others)]
    assert offered == [own.id, "named", "newer"]  # its own hold days the forecast left out
    offered = [dataset.id for dataset in scoring.newer_orders(entry, others)]
    assert offered == ["named", "newer"]
