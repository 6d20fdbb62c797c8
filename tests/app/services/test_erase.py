"""A customer, or a tenant, is gone from everything that is kept."""

from __future__ import annotations

import io
import os
import shutil

import pandas as pd
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from app.accounts.users import add_user, find_user
from app.services import datasets, runs
from app.services.erase import EraseError, erase_tenant, forget_customer
from app.storage import audit
from app.storage.database import JobRow, reading, writing
from app.storage.home import tenant_folder
from clvcore.store import finish_swaps, load_run, swap, verify_folder


@pytest.fixture
def customer(filled_home) -> str:
    return str(runs.load("local", filled_home.run_id).customers.index[7])


def _texts(folder) -> str:
    """Everything under a folder that is not compressed, and every cell that is."""
    found = []
    for file in folder.rglob("*"):
        if file.suffix == ".parquet":
            table = pq.read_table(io.BytesIO(file.read_bytes()))
            found += [str(value) for column in table.columns for value in column.to_pylist()]
        elif file.is_file():
            found.append(file.read_bytes().decode("latin-1"))
    return "\n".join(found)


def test_a_forgotten_customer_is_nowhere_and_everybody_else_is_unchanged(filled_home, customer):
    before = runs.load("local", filled_home.run_id)
    assert customer in _texts(filled_home.folder)
    found = forget_customer("local", f" {customer} ", by="admin")
    assert (found.orders, found.forecasts) == (1, 1)
    assert customer not in _texts(filled_home.folder)
    after = runs.load("local", filled_home.run_id)  # not the one in memory
    pd.testing.assert_frame_equal(after.customers, before.customers.drop(index=customer))
    pd.testing.assert_frame_equal(after.totals, before.totals)
    months = runs.load_months("local", filled_home.run_id)
    assert len(months.revenue) == len(after.distribution) == len(after.customers)
    entry = runs.find("local", filled_home.run_id)
    assert entry.customers == len(after.customers)
    assert entry.clv == pytest.approx(after.customers["clv"].sum())


def test_a_half_replaced_folder_of_long_ago_is_finished_and_not_swept(filled_home, customer):
    """Forgetting sweeps remnants, and a new version that waits for its place is none."""
    for kind, one in (("datasets", filled_home.dataset_id), ("runs", filled_home.run_id)):
        folder = tenant_folder("local", kind) / one
        shutil.copytree(folder, folder.with_name(f".{one}.fresh"))
        folder.rename(folder.with_name(f".{one}.stale"))
        for side in folder.parent.iterdir():
            os.utime(side, (1_600_000_000, 1_600_000_000))
    found = forget_customer("local", customer)
    assert (found.orders, found.forecasts) == (1, 1)
    assert len(datasets.load("local", filled_home.dataset_id).lines)
    assert len(runs.load("local", filled_home.run_id).customers)


def test_the_ledger_still_adds_up_and_says_what_was_taken_out(filled_home, customer):
    before = datasets.load("local", filled_home.dataset_id)
    forget_customer("local", customer)
    after = datasets.load("local", filled_home.dataset_id)
    ledger = after.quality
    gone = ledger.rows_dropped["forgotten"]
    assert gone == before.quality.rows_used - ledger.rows_used > 0
    assert ledger.rows_in == ledger.rows_used + sum(ledger.rows_dropped.values())
    assert ledger.amount_in == pytest.approx(
        ledger.amount_used + sum(ledger.amount_dropped.values())
    )
    assert after.content_hash != before.content_hash
    saved = datasets.find("local", filled_home.dataset_id)
    assert (saved.rows, saved.customers) == (ledger.rows_used, ledger.customers_used)
    verify_folder(tenant_folder("local", "datasets") / filled_home.dataset_id)


def test_the_trail_says_that_but_not_whom(filled_home, customer):
    forget_customer("local", customer, by="admin")
    (line,) = audit.list_entries("local", action=audit.FORGOTTEN)
    assert line.detail == {"orders": 1, "forecasts": 1}
    assert len(line.subject) == 64
    assert customer not in line.subject


def test_an_unknown_customer_changes_nothing(filled_home):
    before = (tenant_folder("local", "runs") / filled_home.run_id).stat().st_ino
    found = forget_customer("local", "nobody of ours")
    assert (found.orders, found.forecasts) == (0, 0)
    assert (tenant_folder("local", "runs") / filled_home.run_id).stat().st_ino == before


def test_nothing_is_forgotten_while_a_forecast_is_being_made(filled_home, customer):
    with writing() as session:
        session.scalars(select(JobRow)).first().state = "running"
    with pytest.raises(EraseError) as refused:
        forget_customer("local", customer)
    assert refused.value.code == "FORGET_BUSY"
    assert customer in runs.load("local", filled_home.run_id).customers.index


@pytest.mark.parametrize("step", ["before", "between", "after"])
def test_a_kill_while_a_folder_is_replaced_leaves_one_whole_version(
    filled_home, customer, monkeypatch, step
):
    class KilledError(BaseException):
        pass

    def kill(*_, **__):
        raise KilledError

    run = tenant_folder("local", "runs") / filled_home.run_id
    with monkeypatch.context() as patch:
        if step == "before":
            patch.setattr(swap, "_swap", kill)
        elif step == "between":
            real = swap.Path.rename

            def rename(self, target):
                return kill() if self.name.endswith(".fresh") else real(self, target)

            patch.setattr(swap.Path, "rename", rename)
        else:
            patch.setattr(swap, "flush_folder", kill)
        with pytest.raises(KilledError):
            forget_customer_in(run, customer)
    finish_swaps(run.parent)
    assert [x.name for x in run.parent.iterdir()] == [run.name]
    assert (customer in load_run(run).customers.index) == (step == "before")


def forget_customer_in(folder, customer):
    from clvcore.store import forget_in_run

    forget_in_run(folder, customer)


def test_an_erased_tenant_leaves_nothing_behind(filled_home):
    add_user("guest", "correct horse battery", role="analyst", tenant="canary")
    datasets.add_sample("canary", "cdnow")
    audit.record("canary", "guest", "export", "CANARY-LINE")
    erase_tenant("canary", by="admin")
    erase_tenant("canary")
    assert find_user("guest") is None
    assert datasets.list_datasets("canary") == audit.list_entries("canary") == []
    kept = b"".join(file.read_bytes() for file in filled_home.folder.rglob("*") if file.is_file())
    assert b"CANARY-LINE" not in kept
    assert b"guest" not in kept
    assert not (filled_home.folder / "tenants" / "canary").exists()
    assert runs.load("local", filled_home.run_id) is not None


def test_the_installations_own_tenant_is_not_erased(filled_home):
    with pytest.raises(EraseError) as refused:
        erase_tenant("local")
    assert refused.value.code == "TENANT_LOCAL"
    with reading() as session:
        assert session.scalar(select(JobRow.id)) == filled_home.run_id
