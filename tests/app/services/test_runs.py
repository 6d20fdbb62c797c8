"""Forecasts: started, left alone, asked for twice, listed, loaded, deleted."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from app.services import datasets, jobs, new_run, runs
from app.services.jobs import in_process
from app.storage.database import AuditEntry, reading
from clvcore.records.config import ForecastConfig
from clvcore.records.errors import HistoryError, StoreError
from clvcore.runs.forecast import forecast

TENANT = "local"
A_YEAR = ForecastConfig(horizon_months=12)
QUICK = ForecastConfig(horizon_months=6, model="naive")


def test_a_forecast_is_saved_and_equals_the_engines_own(filled_home, entry):
    assert [name for name, _ in dict.fromkeys(filled_home.steps)][-1] == "save"
    shares = [share for _, share in filled_home.steps]
    assert shares == sorted(shares)
    assert runs.list_runs(TENANT) == [entry]
    direct = forecast(datasets.load(TENANT, entry.dataset_id), A_YEAR)
    loaded = runs.load(TENANT, entry.id)
    assert loaded.customers.equals(direct.customers)
    assert entry.clv == pytest.approx(direct.customers["clv"].sum(), rel=1e-12)
    assert (entry.dataset_id, entry.dataset_name) == (filled_home.dataset_id, "our shop.csv")
    assert (entry.as_of, entry.horizon_end) == (direct.as_of, direct.horizon_end)
    assert (entry.horizon_months, entry.horizon_days, entry.currency) == (12, None, "EUR")
    assert ForecastConfig.from_dict(entry.config) == A_YEAR
    with reading() as session:
        trail = session.scalars(select(AuditEntry)).all()
    assert [(line.action, line.subject, line.username) for line in trail] == [
        ("forecast", entry.id, "analyst")
    ]


def test_the_same_forecast_asked_for_twice_at_once_runs_once(saved, monkeypatch):
    entries, waiting, wait = [], threading.Semaphore(0), jobs.wait

    def told(*asked, **how):
        waiting.release()
        return wait(*asked, **how)

    monkeypatch.setattr(jobs, "wait", told)
    for _ in range(2):  # both turns are taken: nobody's forecast begins, let alone ends
        in_process._TURN.acquire()
    askers = [
        threading.Thread(
            target=lambda: entries.append(new_run.start(TENANT, "ana", saved.id, QUICK))
        )
        for _ in range(3)
    ]
    for asker in askers:
        asker.start()
    assert all(waiting.acquire(timeout=300) for _ in range(2))  # for that of the first
    in_process._TURN.release(2)
    for asker in askers:
        asker.join(timeout=300)
    assert len(entries) == 3
    assert len({entry.id for entry in entries}) == 1
    assert len(runs.list_runs(TENANT)) == 1


def test_asked_again_later_it_is_a_new_run_and_the_newest_comes_first(filled_home, entry):
    config = ForecastConfig(horizon_days=30, model="naive")
    second = new_run.start(TENANT, "ana", filled_home.dataset_id, config)
    assert [run.id for run in runs.list_runs(TENANT)] == [second.id, entry.id]
    assert (second.horizon_months, second.horizon_days) == (None, 30)


def test_a_refused_forecast_says_why_and_leaves_nothing(saved, home):
    early = ForecastConfig(as_of=saved.first_day.replace(month=3))
    with pytest.raises(HistoryError):
        new_run.start(TENANT, "ana", saved.id, early)
    assert runs.list_runs(TENANT) == []
    assert not list((home / "tenants" / TENANT).glob("runs/*"))


def test_another_tenant_sees_no_run_and_cannot_start_one(filled_home, entry):
    for use in (runs.load, runs.find, runs.delete):
        with pytest.raises(StoreError) as refused:
            use("other", entry.id)
        assert refused.value.code == "RUN_UNKNOWN"
    assert runs.list_runs("other") == []
    with pytest.raises(StoreError) as refused:
        new_run.start("other", "eve", filled_home.dataset_id, QUICK)
    assert refused.value.code == "DATASET_UNKNOWN"
    assert runs.find(TENANT, entry.id) == entry


def test_loading_is_shared_and_deleting_removes_it(entry, home):
    assert runs.load(TENANT, entry.id) is runs.load(TENANT, entry.id)
    runs.delete(TENANT, entry.id)
    assert runs.list_runs(TENANT) == []
    assert list((home / "tenants" / TENANT / "runs").iterdir()) == []
    with pytest.raises(StoreError):
        runs.load(TENANT, entry.id)


def test_a_run_outlives_its_orders(filled_home, entry):
    datasets.delete(TENANT, filled_home.dataset_id)
    kept = runs.find(TENANT, entry.id)
    assert (kept.dataset_id, kept.dataset_name) == (None, "our shop.csv")
    assert len(runs.load(TENANT, entry.id).customers) == entry.customers
