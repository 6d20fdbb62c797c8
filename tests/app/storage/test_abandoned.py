"""Backups and restores that are killed: nothing of them stays, and nothing of theirs blocks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.accounts.keys import secret_key
from app.services import backup, retention, runs
from app.services.backup import BackupError, make_backup, restore_backup
from app.services.erase import erase_tenant, forget_customer
from app.storage.abandoned import BACKUP, sweep_abandoned, working_folder
from app.storage.owners import alive, is_alive, sweep_owners
from clvcore.store import load_run, load_transactions

# each stops itself in the middle, as one that is killed there
_BACKUP = """
import os, signal, sys
from pathlib import Path
from app.services import backup
def stop(*_):
    print("there", flush=True)
    os.kill(os.getpid(), signal.SIGSTOP)
backup.os.link = stop
backup.make_backup(Path(sys.argv[1]), with_key=True)
"""
_RESTORE = """
import os, signal, sys
from pathlib import Path
from app.services import backup
def stop(*_, **__):
    print("there", flush=True)
    os.kill(os.getpid(), signal.SIGSTOP)
backup.move_aside = stop
backup.restore_backup(Path(sys.argv[1]))
"""
_OWNER = """
import os, signal
from app.storage.owners import alive
with alive() as owner:
    print(owner, flush=True)
    os.kill(os.getpid(), signal.SIGSTOP)
"""


def _begun(code: str, *words: object) -> subprocess.Popen[str]:
    """Start a process and come back once it has stopped in the middle."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)], stdout=subprocess.PIPE, text=True
    )
    process.said = process.stdout.readline().strip()
    assert process.said
    return process


def _kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait(300)
    process.stdout.close()


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture
def killed_backup(filled_home, tmp_path) -> tuple[Path, Path]:
    """The home and the folder of backups after a backup was killed before its end."""
    target = tmp_path / "copies"
    target.mkdir()
    secret_key(filled_home.folder)
    before = _names(filled_home.folder)
    process = _begun(_BACKUP, target / "a.tar.gz")
    sweep_abandoned()
    assert _names(filled_home.folder) != before  # it lives, and nobody takes it away
    assert len(_names(target)) == 1
    _kill(process)
    return filled_home.folder, target


WAYS = {
    "the next sweep": sweep_abandoned,
    "a server that starts": retention.sweep,
    "forgetting": lambda: forget_customer("local", "nobody"),
    "erasing": lambda: erase_tenant("a-tenant"),
}


@pytest.mark.parametrize("way", WAYS)
def test_nothing_of_a_killed_backup_stays(killed_backup, way):
    home, target = killed_backup
    assert len(list(home.glob(".backup.*"))) == 1
    WAYS[way]()
    assert list(home.glob(".*")) == []
    assert _names(target) == set()


def test_a_killed_backup_is_no_reason_not_to_make_the_next(killed_backup):
    home, target = killed_backup
    make_backup(target / "a.tar.gz")
    assert _names(target) == {"a.tar.gz"}
    assert list(home.glob(".*")) == []


def test_a_killed_restore_blocks_no_other_and_leaves_no_copy(filled_home, tmp_path, monkeypatch):
    file, home = tmp_path / "a.tar.gz", tmp_path / "new"
    make_backup(file)
    monkeypatch.setenv("CLV_HOME", str(home))
    process = _begun(_RESTORE, file)
    try:
        with pytest.raises(BackupError) as refused:
            restore_backup(file)
        assert refused.value.code == "HOME_IN_USE"
    finally:
        _kill(process)
    assert len(list(home.glob(".restore.*/home/clv.db"))) == 1
    restore_backup(file)
    assert _names(home) >= {"clv.db", "tenants", "known-backups.json"}
    assert not [name for name in _names(home) if name.startswith((".", "moved-aside"))]
    assert len(runs.list_runs("local")) == 1


def test_what_an_earlier_version_left_goes_too(filled_home, tmp_path, monkeypatch):
    home = filled_home.folder
    (home / ".backup.0123456789abcdef.db").write_bytes(b"accounts")
    (home / ".backup.0123456789abcdef.db-journal").write_bytes(b"accounts")
    (home / ".restore" / "tenants").mkdir(parents=True)
    sweep_abandoned()
    assert list(home.glob(".*")) == []
    make_backup(tmp_path / "a.tar.gz")
    new = tmp_path / "new"
    (new / ".restore" / "tenants").mkdir(parents=True)
    monkeypatch.setenv("CLV_HOME", str(new))
    assert restore_backup(tmp_path / "a.tar.gz").forecasts == 1


def test_a_folder_that_is_just_begun_is_left_alone(home):
    home.mkdir()
    folder = home / ".backup.0123456789abcdef"
    folder.mkdir()
    sweep_abandoned()
    assert folder.exists()  # its lock comes next
    long_ago = time.time() - 3600
    os.utime(folder, (long_ago, long_ago))
    sweep_abandoned()
    assert not folder.exists()
    for name in (".secret.key.0123456789abcdef", ".probe.0123456789abcdef"):
        (home / name).touch()
        sweep_abandoned()
        assert (home / name).exists()
        os.utime(home / name, (long_ago, long_ago))
        sweep_abandoned()
        assert not (home / name).exists()


def test_only_drafts_of_a_backup_go_with_it(home, tmp_path):
    home.mkdir()
    with working_folder(BACKUP) as folder:
        (folder / "elsewhere").write_text(str(tmp_path / "orders.csv"))
        (tmp_path / "orders.csv").write_text("mine")
    assert (tmp_path / "orders.csv").exists()


def test_locks_of_dead_owners_are_swept_and_the_living_keep_theirs(home):
    home.mkdir()
    process = _begun(_OWNER)
    dead = process.said
    with alive() as owner:
        sweep_owners()
        assert is_alive(dead)
        _kill(process)
        assert (home / "owners" / f"{dead}.lock").exists()
        retention.sweep()
        assert _names(home / "owners") == {f"{owner}.lock"}
        assert is_alive(owner)


def test_forgetting_and_erasing_reach_what_a_restore_moved_aside(filled_home, tmp_path):
    home = filled_home.folder
    customer = str(runs.load("local", filled_home.run_id).customers.index[7])
    make_backup(tmp_path / "a.tar.gz")
    (home / "clv.db").write_bytes(b"no database" * 100)
    for side in home.glob("clv.db-*"):
        side.unlink()
    backup.restore_backup(tmp_path / "a.tar.gz")
    (aside,) = home.glob("moved-aside-*")
    damaged = aside / "tenants" / "local" / "runs" / ("0" * 32)
    damaged.mkdir()
    (damaged / "customers.parquet").write_bytes(customer.encode())
    (aside / "tenants" / "shop").mkdir()
    assert forget_customer("local", customer).forecasts == 1
    assert not damaged.exists()
    assert not list(aside.glob("clv.db*"))  # nobody can say what is in there
    (run,) = (aside / "tenants" / "local" / "runs").iterdir()
    (orders,) = (aside / "tenants" / "local" / "datasets").iterdir()
    assert customer not in load_run(run).customers.index
    assert len(load_run(run).customers) > 300
    assert customer not in set(load_transactions(orders).to_pandas()["customer_id"])
    erase_tenant("shop")
    assert not (aside / "tenants" / "shop").exists()
