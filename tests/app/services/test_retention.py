"""What is too old goes by itself, if it was asked to."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import time

from app.server.unfinished import put_right
from app.services import datasets, retention, runs
from app.storage import audit
from app.storage.database import utc_now
from app.storage.home import tenant_folder
from app.storage.settings import RETENTION as VARIABLE

LATER = dt.timedelta(days=31)


def _kept() -> tuple[int, int, int]:
    lines = [x for x in audit.list_entries("local") if x.action != audit.SWEPT]
    return len(runs.list_runs("local")), len(datasets.list_datasets("local")), len(lines)


def test_nothing_goes_unless_days_are_set(filled_home, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    before = _kept()
    retention.sweep(now=utc_now() + 100 * LATER)
    assert _kept() == before


def test_what_is_older_than_the_days_goes_and_leaves_a_line(filled_home, monkeypatch):
    monkeypatch.setenv(VARIABLE, "30")
    before = _kept()
    retention.sweep(now=utc_now() + LATER - dt.timedelta(days=2))
    assert _kept() == before
    retention.sweep(now=utc_now() + LATER)
    assert _kept()[:2] == (0, 0)
    assert list(tenant_folder("local", "runs").iterdir()) == []
    assert list(tenant_folder("local", "datasets").iterdir()) == []


def test_the_server_sweeps_when_it_starts_and_its_thread_ends_with_it(filled_home, monkeypatch):
    monkeypatch.setenv(VARIABLE, "30")
    later = utc_now() + LATER
    monkeypatch.setattr(retention, "utc_now", lambda: later)
    with retention.daily():
        assert _kept()[:2] == (0, 0)


def test_the_start_removes_orders_that_no_row_tells_of_and_no_others(filled_home):
    folder = tenant_folder("local", "datasets")
    old, young, draft = folder / ("0" * 32), folder / ("1" * 32), folder / ".2.x.part"
    for one in (old, young, draft):
        one.mkdir()
    for one in (old, draft):
        os.utime(one, (0, 0))
    os.utime(folder / filled_home.dataset_id, (0, 0))
    datasets.clean_up("local")
    assert {x.name for x in folder.iterdir()} == {filled_home.dataset_id, young.name}


def test_what_was_half_replaced_is_put_in_place_before_the_first_visitor(filled_home):
    for kind, one in (("datasets", filled_home.dataset_id), ("runs", filled_home.run_id)):
        folder = tenant_folder("local", kind)
        (folder / one).rename(folder / f".{one}.stale")
        shutil.copytree(folder / f".{one}.stale", folder / f".{one}.fresh")
    put_right()
    assert runs.load("local", filled_home.run_id).customers.size
    for kind in ("datasets", "runs"):
        assert not list(tenant_folder("local", kind).glob(".*"))


def test_a_first_sweep_that_fails_is_logged_and_the_next_day_comes(
    filled_home, monkeypatch, caplog
):
    rounds: list[int] = []

    def fail() -> None:
        rounds.append(1)
        raise OSError("no")

    monkeypatch.setattr(retention, "sweep", fail)
    monkeypatch.setattr(retention, "_A_DAY", dt.timedelta(seconds=0.01))
    with retention.daily():
        end = time.monotonic() + 120
        while len(rounds) < 3 and time.monotonic() < end:
            time.sleep(0.01)
    assert len(rounds) >= 3
    assert "too old could not be deleted" in caplog.text
