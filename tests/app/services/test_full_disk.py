"""A disk without room: whichever write fails, what was kept stays whole and the reason is said."""

from __future__ import annotations

import contextlib
import errno
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner

from app.cli.commands import command_line
from app.services import datasets, jobs, runs, sandbox, uploads
from app.services.backup import make_backup, restore_backup
from app.services.parse_child import PREVIEW, Limits, Request
from app.storage import audit
from app.storage.database import connection, reading
from app.storage.home import tenant_folder
from clvcore.records.config import ForecastConfig
from clvcore.records.errors import ReadError, StoreError

MOST_WRITES = 60


class FullDisk:
    """Lets so many flushes to disk pass, and then has no room."""

    def __init__(self, passing: int) -> None:
        self.left, self.reached = passing, False
        self._real = os.fsync

    def __call__(self, descriptor: int) -> None:
        self.left -= 1
        if self.left < 0:
            self.reached = True
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._real(descriptor)


def each_write(monkeypatch, attempt) -> int:
    """Call ``attempt(disk)`` with a disk full at the 1st, 2nd, ... write until one passes."""
    for passing in range(MOST_WRITES):
        disk = FullDisk(passing)
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", disk)
            attempt(disk)
        if not disk.reached:
            return passing
    raise AssertionError("no end of writes")


@contextlib.contextmanager
def full_database(home: Path) -> Iterator[None]:
    """SQLite's own limit: no page can be added to the file."""
    with reading():
        pass
    engine = connection.engine_of(home / "clv.db")

    def limit(raw, record) -> None:
        raw.execute("PRAGMA max_page_count = 1")  # it takes what there is already

    event.listen(engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(engine, "connect", limit)


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_orders_are_saved_whole_or_not_at_all(filled_home, monkeypatch):
    before = datasets.list_datasets("local")

    def attempt(disk: FullDisk) -> None:
        with contextlib.suppress(StoreError):
            datasets.add_sample("local", "cdnow")
            assert not disk.reached  # it is never said to be saved when it was not
        if disk.reached:
            assert datasets.list_datasets("local") == before
            assert _names(tenant_folder("local", "datasets")) == {filled_home.dataset_id}

    assert each_write(monkeypatch, attempt) >= 3
    assert len(datasets.list_datasets("local")) == 2


def test_a_forecast_that_finds_no_room_fails_and_the_old_ones_are_read(filled_home, monkeypatch):
    config = ForecastConfig(horizon_months=3, model="naive")

    def attempt(disk: FullDisk) -> None:
        job = jobs.submit("local", "analyst", filled_home.dataset_id, config)
        if disk.reached:
            assert (job.state, job.error.code) == (jobs.FAILED, "RUN_UNWRITABLE")
            assert _names(tenant_folder("local", "runs")) == {filled_home.run_id}
            assert len(runs.load("local", filled_home.run_id).customers)

    disk = FullDisk(0)
    for passing in (0, 1, 5):  # each write of a save is tried in tests/clvcore/store/test_runs.py
        disk = FullDisk(passing)
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", disk)
            attempt(disk)
        assert disk.reached
    assert jobs.submit("local", "analyst", filled_home.dataset_id, config).state == jobs.DONE


def test_a_database_without_room_loses_nothing_and_is_still_read(filled_home):
    with full_database(filled_home.folder):
        kept = audit.list_entries("local")
        refused = 0
        for _ in range(300):  # what is free inside the file is used up first
            try:
                audit.record("local", "analyst", "export", "x" * 4000)
            except OperationalError:
                refused += 1
        assert refused
        orders = datasets.load("local", filled_home.dataset_id)
        with pytest.raises(OperationalError):  # after its files were saved
            datasets._keep("local", "n" * 100_000, orders)
        assert _names(tenant_folder("local", "datasets")) == {filled_home.dataset_id}
        assert len(audit.list_entries("local")) >= len(kept)
        assert len(runs.load("local", filled_home.run_id).customers)
    assert datasets.add_sample("local", "cdnow").customers == 2357


def test_a_backup_that_finds_no_room_leaves_nothing(filled_home, tmp_path, monkeypatch):
    file = tmp_path / "copies" / "a.tar.gz"
    file.parent.mkdir()
    before = _names(filled_home.folder)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", FullDisk(0))
        answer = CliRunner().invoke(command_line(), ["backup", str(file)])
    assert answer.exit_code == 1
    assert "No space left on device" in answer.stderr
    assert list(file.parent.iterdir()) == []
    assert _names(filled_home.folder) == before
    make_backup(file)


def test_a_restore_that_finds_no_room_leaves_an_empty_home(filled_home, tmp_path, monkeypatch):
    file, empty = tmp_path / "a.tar.gz", tmp_path / "empty"
    make_backup(file)
    monkeypatch.setenv("CLV_HOME", str(empty))

    def attempt(disk: FullDisk) -> None:
        with contextlib.suppress(OSError):  # and not a BackupError, which speaks of damage
            restore_backup(file)
            assert not disk.reached
        if disk.reached:
            assert list(empty.iterdir()) == []

    assert each_write(monkeypatch, attempt) > 10
    assert len(runs.load("local", filled_home.run_id).customers)


def test_a_dropped_file_that_finds_no_room_is_refused_with_the_reason(home, monkeypatch):
    class Full(io.BytesIO):
        def write(self, _) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    real = io.open
    with monkeypatch.context() as patch:
        patch.setattr(
            io, "open",
            lambda file, mode="r", *a, **k: Full() if "upload.bin" in str(file) and "w" in mode
            else real(file, mode, *a, **k),
        )  # fmt: skip
        with pytest.raises(ReadError) as refused:
            uploads.inspect_upload("local", "x.csv", b"customer_id,date,amount\n")
    assert refused.value.code == "UPLOAD_UNWRITABLE"
    assert list(tenant_folder("local", "uploads").iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a file that is always full")
def test_a_reader_that_finds_no_room_blames_the_disk_and_not_the_file(tmp_path, orders_csv):
    data = tmp_path / "upload.bin"
    data.write_bytes(orders_csv)
    request = Request(
        task="inspect", data=str(data), name="x.csv", mapping=None, currency=None, limits=Limits()
    )
    (tmp_path / "request.json").write_text(request.to_json())
    (tmp_path / PREVIEW).symlink_to("/dev/full")
    with pytest.raises(ReadError) as refused:
        sandbox._wait(tmp_path)
    assert refused.value.code == "UPLOAD_UNWRITABLE"
