"""Somebody is forgotten by one process while others save, forecast and look."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd
import pytest
from sqlalchemy import select

from app.services import cached, datasets, erase, jobs, kept_uploads, new_run, runs
from app.services.cohorts import cohorts_by
from app.services.customers import open_customer
from app.services.erase import erase_tenant, forget_customer
from app.services.jobs import in_process
from app.storage.database import JobRow, RunRow, reading, tables_of_tenants
from app.storage.home import tenant_folder
from app.widgets.drawn_once import made_once
from clvcore.ingest import read_transactions
from clvcore.records.config import ForecastConfig
from clvcore.records.errors import ClvError
from clvcore.records.transactions import Transactions
from clvcore.sample import sample_orders

PATIENCE = 120  # seconds; reached by nothing that works
PAUSE = """
import sys
def paused(work):
    def first(*given, **named):
        print("here", flush=True)
        sys.stdin.readline()
        return work(*given, **named)
    return first
"""
FORGETS = """
from app.services import erase
erase._forget_in_orders = paused(erase._forget_in_orders)  # it has looked what there is
erase.forget_customer("local", sys.argv[1])
"""
FORECASTS = """
from app.services import jobs
from app.services.jobs import forecasting
from clvcore.records.config import ForecastConfig
forecasting.forecast = paused(forecasting.forecast)  # it has read the orders
jobs.submit(sys.argv[1], "analyst", sys.argv[2], ForecastConfig(horizon_months=6))
"""


@pytest.fixture
def customer(filled_home) -> str:
    return str(runs.load("local", filled_home.run_id).customers.index[7])


@contextmanager
def another_process(lines: str, *given: str) -> Iterator[subprocess.Popen[str]]:
    """Run lines of Python in a process of their own, and go on once it has come to its pause."""
    with subprocess.Popen(
        [sys.executable, "-c", PAUSE + lines, *given],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout.readline() == "here\n"
            yield process
        finally:
            process.kill()


def _go_on(process: subprocess.Popen[str]) -> None:
    process.stdin.write("\n" * 9)
    process.stdin.flush()


class Beside(threading.Thread):
    """Work in a thread of its own; ``begun`` is set once it waits at the gate, or has ended."""

    def __init__(self, monkeypatch, work) -> None:
        super().__init__(daemon=True)
        self.begun, self._work, self.error = threading.Event(), work, None
        from app.storage import gate

        for name in ("acquire_read", "acquire_write"):
            real = getattr(gate.ReadWriteLock, name)

            def acquire(lock, seconds, real=real):
                if threading.current_thread() is self:
                    self.begun.set()
                return real(lock, seconds)

            monkeypatch.setattr(gate.ReadWriteLock, name, acquire)

    def run(self) -> None:
        try:
            self._work()
        except Exception as error:
            self.error = error
        finally:
            self.begun.set()


def _forget_elsewhere(customer: str) -> None:
    """Run ``clv forget`` in a process of its own."""
    program = "from app.cli import main; main()"
    command = [sys.executable, "-c", program, "forget", customer]
    subprocess.run(command, check=True, timeout=PATIENCE)


def _everybody(tenant: str) -> set[str]:
    found: set[str] = set()
    for entry in runs.list_runs(tenant):
        found |= set(runs.load(tenant, entry.id).customers.index)
    for one in datasets.list_datasets(tenant):
        found |= set(datasets.load(tenant, one.id).lines["customer_id"].to_pylist())
    return found


def _forecast(dataset_id: str) -> None:
    new_run.start("local", "analyst", dataset_id, ForecastConfig(horizon_months=6))


def test_a_forecast_asked_for_while_somebody_is_forgotten_waits_and_does_not_know_him(
    filled_home, customer, monkeypatch
):
    beside = Beside(monkeypatch, lambda: _forecast(filled_home.dataset_id))
    with another_process(FORGETS, customer) as forgets:
        beside.start()
        assert beside.begun.wait(PATIENCE)
        _go_on(forgets)
        assert forgets.wait(PATIENCE) == 0
    beside.join(PATIENCE)
    assert beside.error is None
    assert len(runs.list_runs("local")) == 2
    assert customer not in _everybody("local")


def test_a_queued_forecast_taken_while_somebody_is_forgotten_waits_too(
    filled_home, customer, monkeypatch
):
    """A worker takes a job after ``clv forget`` has asked whether one is under way."""
    with monkeypatch.context() as nobody_works:
        nobody_works.setattr(in_process, "work_here", lambda _: None)
        job = jobs.submit("local", "analyst", filled_home.dataset_id, ForecastConfig())
    monkeypatch.setattr(erase, "_refuse_if_busy", lambda _: None)
    beside = Beside(monkeypatch, lambda: in_process.work_here(job.id))
    asks_no_more = "import erase\nerase._refuse_if_busy = lambda _: None\n"
    lines = FORGETS.replace("import erase\n", asks_no_more)
    with another_process(lines, customer) as forgets:
        beside.start()
        assert beside.begun.wait(PATIENCE)
        _go_on(forgets)
        assert forgets.wait(PATIENCE) == 0
    beside.join(PATIENCE)
    assert jobs.find("local", job.id).state == jobs.DONE
    assert customer not in _everybody("local")


def test_orders_saved_while_somebody_is_forgotten_are_dropped_again_instead(
    filled_home, customer, monkeypatch, orders_csv
):
    intake = datasets.inspect_upload("local", "again.csv", orders_csv)
    datasets.check("local", intake.content_hash, intake.mapping, "EUR")
    beside = Beside(
        monkeypatch,
        lambda: datasets.save(
            "local", intake.content_hash, "again", intake.mapping, "EUR", claim=intake.claim.id
        ),
    )
    with another_process(FORGETS, customer) as forgets:
        beside.start()
        assert beside.begun.wait(PATIENCE)
        _go_on(forgets)
        assert forgets.wait(PATIENCE) == 0
    beside.join(PATIENCE)
    assert beside.error.code == "UPLOAD_GONE"
    assert customer not in _everybody("local")


def test_nobody_is_forgotten_under_a_forecast_and_a_killed_one_holds_nothing_up(
    filled_home, customer, monkeypatch
):
    monkeypatch.setattr(erase, "SAVING_SECONDS", 0.1)
    monkeypatch.setattr(erase, "_refuse_if_busy", lambda _: None)  # it was not there a moment ago
    with another_process(FORECASTS, "local", filled_home.dataset_id) as forecasts:
        with pytest.raises(ClvError) as refused:
            forget_customer("local", customer)
        assert refused.value.code == "OTHERS_SAVE"
        assert customer in _everybody("local")
        forecasts.kill()
        forecasts.wait()
        monkeypatch.setattr(erase, "SAVING_SECONDS", PATIENCE)
        forget_customer("local", customer)
    assert customer not in _everybody("local")


def test_a_tenant_erased_under_a_forecast_stays_erased(filled_home, monkeypatch):
    saved = datasets.add_sample("canary", "cdnow")
    with another_process(FORECASTS, "canary", saved.id) as forecasts:
        beside = Beside(monkeypatch, lambda: erase_tenant("canary"))
        beside.start()
        assert beside.begun.wait(PATIENCE)
        _go_on(forecasts)
        forecasts.wait(PATIENCE)  # it finds its job stopped, or gone: whoever is first
    beside.join(PATIENCE)
    assert beside.error is None
    assert not (filled_home.folder / "tenants" / "canary").exists()
    with reading() as session:
        for table, column in tables_of_tenants():
            assert session.scalar(select(column).where(column == "canary").limit(1)) is None, table


def test_an_upload_read_while_its_tenant_is_erased_does_not_bring_the_folder_back(
    filled_home, orders_csv, monkeypatch
):
    kept = kept_uploads.while_kept

    @contextmanager
    def meanwhile(folder):
        erase_tenant("canary")
        with kept(folder):
            yield

    monkeypatch.setattr("app.services.uploads.while_kept", meanwhile)
    with pytest.raises(ClvError) as refused:
        datasets.inspect_upload("canary", "x.csv", orders_csv)
    assert refused.value.code == "UPLOAD_GONE"
    assert not (filled_home.folder / "tenants" / "canary").exists()


def test_a_running_server_holds_nothing_of_somebody_forgotten_elsewhere(filled_home, customer):
    entry = runs.find("local", filled_home.run_id)
    held = [
        weakref.ref(runs.load("local", entry.id)),
        weakref.ref(datasets.load("local", filled_home.dataset_id)),
        weakref.ref(cohorts_by("local", entry, "year")),
    ]
    made: list[int] = []

    def make() -> pd.DataFrame:
        made.append(1)
        return pd.DataFrame({"customer": [customer]})

    for _ in range(2):
        made_once(("customers", entry.id), make)
    assert len(made) == 1
    with cached.heeding_word(every=0.01):
        gc.collect()
        assert all(one() is not None for one in held)
        _forget_elsewhere(customer)
        end = time.monotonic() + PATIENCE
        while any(one() is not None for one in held) and time.monotonic() < end:
            time.sleep(0.01)
            gc.collect()
    assert [one() for one in held] == [None] * len(held)
    made_once(("customers", entry.id), make)
    assert len(made) == 2


@pytest.fixture(scope="module")
def lonely() -> tuple[Transactions, str]:
    """Orders of a shop in which one customer alone lives in his town, and first bought early."""
    orders = sample_orders(120, seed=23)
    counts = orders["customer_id"].value_counts()
    alone = next(str(one) for one, n in counts.items() if n >= 3 and pd.notna(one))
    orders["town"] = orders["customer_id"].astype(str).eq(alone).map({True: "Faro", False: "Porto"})
    return read_transactions(orders, currency="EUR"), alone


@pytest.mark.parametrize("cohort_by", ["quarter", "town"])
def test_a_cohort_of_one_is_gone_from_a_running_server_once_he_is_forgotten_elsewhere(
    home, lonely, cohort_by
):
    transactions, alone = lonely
    saved = datasets._keep("local", "towns", transactions)
    config = ForecastConfig(horizon_months=6, cohort_by=cohort_by)
    entry = new_run.start("local", "analyst", saved.id, config)
    before = cohorts_by("local", entry, "town")
    assert set(before["cohort"]) == {"Faro", "Porto"}
    assert open_customer("local", entry, alone).id == alone
    _forget_elsewhere(alone)
    after = cohorts_by("local", entry, "town")
    assert set(after["cohort"]) == {"Porto"}
    run = runs.load("local", entry.id)
    assert "Faro" not in set(run.totals["key"]) | set(run.cohorts["cohort"])
    assert "Faro" not in set(run.trust.totals["key"]) | set(run.trust.coverage["key"])
    assert (run.trust.totals["customers"] > 1).all()
    with pytest.raises(ClvError) as unknown:
        open_customer("local", entry, alone)
    assert unknown.value.code == "UNKNOWN_CUSTOMER"
    folder = tenant_folder("local", "runs") / entry.id
    assert "Faro" not in (folder / "manifest.json").read_text()
    with reading() as session:
        assert session.get_one(RunRow, entry.id).customers == len(run.customers)
        assert session.get(JobRow, entry.id) is not None
