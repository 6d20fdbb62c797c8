"""One file holds everything, and gives it back only where it is whole."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import stat
import tarfile

import pytest

from app.accounts import sessions
from app.accounts.keys import secret_key
from app.accounts.users import password_is_right
from app.services import datasets, runs
from app.services.backup import BackupError, make_backup, restore_backup
from app.storage import audit
from clvcore.records.errors import StoreError

PASSWORD = "correct horse battery"


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A function that makes a new, empty CLV_HOME the current one."""

    def move(name="restored"):
        folder = tmp_path / name
        monkeypatch.setenv("CLV_HOME", str(folder))
        return folder

    return move


@pytest.mark.parametrize("suffix", [".tar.gz", ".tar.zst"])
def test_what_was_backed_up_comes_back_whole(filled_home, tmp_path, elsewhere, suffix):
    file = tmp_path / f"backup{suffix}"
    token = sessions.begin("analyst")
    expected = runs.list_runs("local"), datasets.list_datasets("local"), audit.list_entries("local")
    kept = make_backup(file)
    assert (kept.orders, kept.forecasts, kept.with_key) == (1, 1, False)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert runs.list_runs("local") == expected[0]  # the original is untouched
    home = elsewhere()
    assert restore_backup(file) == kept
    assert (
        runs.list_runs("local"), datasets.list_datasets("local"), audit.list_entries("local")
    ) == expected  # fmt: skip
    assert len(runs.load("local", filled_home.run_id).customers) == expected[0][0].customers
    assert len(datasets.load("local", filled_home.dataset_id).lines)
    assert password_is_right("analyst", PASSWORD)
    assert sessions.account_of(token) is None  # nobody is signed in by a copy
    assert stat.S_IMODE((home / "clv.db").stat().st_mode) == 0o600
    assert sorted(x.name for x in home.iterdir())[:1] == ["clv.db"]


def test_the_key_travels_only_if_asked_for(filled_home, tmp_path, elsewhere):
    key = secret_key(filled_home.folder)
    without, with_it = tmp_path / "a.tar.gz", tmp_path / "b.tar.gz"
    make_backup(without)
    make_backup(with_it, with_key=True)
    assert key not in gzip.decompress(without.read_bytes())
    home = elsewhere()
    restore_backup(with_it)
    assert (home / "secret.key").read_bytes() == key
    assert stat.S_IMODE((home / "secret.key").stat().st_mode) == 0o600


def test_a_row_whose_files_went_meanwhile_is_not_in_the_backup(filled_home, tmp_path, elsewhere):
    shutil.rmtree(filled_home.folder / "tenants" / "local" / "runs" / filled_home.run_id)
    make_backup(tmp_path / "a.tar.gz")
    elsewhere()
    restore_backup(tmp_path / "a.tar.gz")
    assert runs.list_runs("local") == []


def test_a_backup_never_replaces_a_file(filled_home, tmp_path):
    file = tmp_path / "a.tar.gz"
    file.write_bytes(b"mine")
    with pytest.raises(BackupError) as refused:
        make_backup(file)
    assert refused.value.code == "BACKUP_EXISTS"
    assert file.read_bytes() == b"mine"
    assert [x.name for x in tmp_path.iterdir() if x.suffix == ".part"] == []
    with pytest.raises(BackupError):
        make_backup(tmp_path / "a.zip")


def test_nothing_is_restored_over_anything(filled_home, tmp_path):
    make_backup(tmp_path / "a.tar.gz")
    with pytest.raises(BackupError) as refused:
        restore_backup(tmp_path / "a.tar.gz")
    assert refused.value.code == "HOME_NOT_EMPTY"
    assert len(runs.list_runs("local")) == 1


def _changed(members: dict[str, bytes], **changes) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w:gz") as tar:
        for name, content in {**members, **changes}.items():
            about = tarfile.TarInfo(name)
            about.size = len(content)
            tar.addfile(about, io.BytesIO(content))
    return sink.getvalue()


def _members(file) -> dict[str, bytes]:
    with tarfile.open(file) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}


@pytest.mark.parametrize("spoil", ["cut", "bit", "file", "missing", "path", "absolute", "text"])
def test_a_damaged_or_hostile_file_leaves_the_home_empty(filled_home, tmp_path, elsewhere, spoil):
    file = tmp_path / "a.tar.gz"
    make_backup(file)
    members = _members(file)
    orders = next(name for name in members if name.endswith("lines.parquet"))
    raw = file.read_bytes()
    missing = {name: content for name, content in members.items() if name != orders}
    file.write_bytes(
        {
            "cut": raw[: len(raw) // 2],
            "bit": raw[:5000] + bytes([raw[5000] ^ 1]) + raw[5001:],
            "file": _changed(members, **{orders: b"other"}),
            "missing": _changed(missing),
            "path": _changed(members, **{"tenants/local/runs/../../../evil": b"x"}),
            "absolute": _changed(members, **{str(tmp_path / "evil"): b"x"}),
            "text": b"no archive",
        }[spoil]
    )
    home = elsewhere()
    with pytest.raises(StoreError) as refused:
        restore_backup(file)
    assert refused.value.code == "BACKUP_DAMAGED"
    assert list(home.iterdir()) == []
    assert not list(tmp_path.rglob("evil"))


@pytest.mark.parametrize("key", [b"some_key" * 4, bytes(32), b"short", bytes(range(16)) * 3])
def test_a_weak_key_in_a_backup_is_refused_and_may_be_left_out(
    filled_home, tmp_path, elsewhere, key
):
    file = tmp_path / "a.tar.gz"
    make_backup(file, with_key=True)
    members = _members(file)
    about = json.loads(members["backup.json"])
    about["files"]["secret.key"] = hashlib.sha256(key).hexdigest()
    changed = {"secret.key": key, "backup.json": json.dumps(about).encode()}
    file.write_bytes(_changed(members, **changed))
    home = elsewhere()
    with pytest.raises(BackupError) as refused:
        restore_backup(file)
    assert refused.value.code == "BACKUP_KEY_WEAK"
    assert list(home.iterdir()) == []
    kept = restore_backup(file, without_key=True)
    assert (kept.forecasts, kept.with_key) == (1, False)
    assert secret_key(home) != key
