"""Everything an installation keeps in one file, and back: each file named with its SHA-256."""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import tarfile
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.accounts.keys import KeyFileError, secret_key
from app.storage.abandoned import BACKUP, RESTORE, name_elsewhere, sweep_abandoned, working_folder
from app.storage.archive import (
    DATABASE,
    FORMAT,
    KEY,
    LIST,
    BackupError,
    add_member,
    check_suffix,
    damaged_error,
    unpack,
    writing_archive,
)
from app.storage.copies import note_backup
from app.storage.database import reading, utc_now
from app.storage.database.migrating import migrate
from app.storage.home import clv_home
from app.storage.replaced import move_aside, refuse_unless_replaceable
from clvcore.store import verify_folder

_KINDS = ("datasets", "runs")
# who was signed in, and who had mistyped, is nothing to bring back
_PASSING = ("sessions", "failed_sign_ins")


__all__ = ["BackupError", "Kept", "make_backup", "restore_backup"]


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What a backup holds; ``moved_aside`` names the folder of what a restore has replaced."""

    orders: int
    forecasts: int
    files: int
    with_key: bool
    moved_aside: str | None = None


def make_backup(file: Path, *, with_key: bool = False) -> Kept:
    """Write a consistent copy while the server goes on; uploads not yet saved are left out.

    The database is copied first, and of the folders those that the copy tells of: a forecast that
    is saved meanwhile is in the next backup.

    Raises
    ------
    BackupError
        If the file exists already or its name does not end in .tar.gz or .tar.zst.
    """
    check_suffix(file)
    if file.exists():
        raise BackupError(
            "BACKUP_EXISTS", "{name} exists already. Name a new file.", name=file.name
        )
    sweep_abandoned()
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}.part")
    with working_folder(BACKUP) as folder:
        name_elsewhere(folder, draft)
        copy = folder / DATABASE
        with (
            closing(_database_copy(copy)) as database,
            writing_archive(draft, file.name) as tar,
        ):
            kept = _fill(tar, database, copy, with_key=with_key)
        os.link(draft, file)  # unlike a rename, this never replaces a file
    with suppress(OSError):  # the backup is whole; only its name could not be written down
        note_backup(file)
    return kept


def restore_backup(file: Path, *, without_key: bool = False) -> Kept:
    """Bring a backup back into a home that is empty or damaged; all is checked before it counts.

    What a damaged home holds is moved aside, not deleted. Its key stays where the backup has none.

    Raises
    ------
    BackupError
        If the home is in order or in use, or the file is damaged, no backup, or has a weak key.
    StoreError
        If a saved folder in it is damaged, or a later version made it.
    """
    check_suffix(file)
    home = clv_home()
    sweep_abandoned()
    with working_folder(RESTORE) as folder:
        refuse_unless_replaceable(home, folder)
        draft = folder / "home"
        draft.mkdir(mode=0o700)
        about = unpack(file, draft)
        if without_key:
            (draft / KEY).unlink(missing_ok=True)
        kept = _check(draft, about)
        aside = move_aside(home, with_key=kept.with_key)
        for name in (KEY, "tenants", DATABASE):  # the database last: without it nothing counts
            if (draft / name).exists():
                (draft / name).rename(home / name)
    with reading():
        pass
    with suppress(OSError):  # all is back; only the name of the file could not be written down
        note_backup(file)
    return replace(kept, moved_aside=str(aside) if aside else None)


def _fill(
    tar: tarfile.TarFile, database: sqlite3.Connection, copy: Path, *, with_key: bool
) -> Kept:
    digests: dict[str, str] = {}
    numbers = dict.fromkeys(_KINDS, 0)
    for kind in _KINDS:
        for tenant, one in database.execute(f"select tenant, id from {kind}").fetchall():  # noqa: S608
            folder = clv_home() / "tenants" / tenant / kind / one
            files = _content(folder)
            if files is None:  # deleted since the copy was made
                database.execute(f"delete from {kind} where id = ?", (one,))  # noqa: S608
                continue
            numbers[kind] += 1
            for name, content in files.items():
                add_member(tar, digests, f"tenants/{tenant}/{kind}/{one}/{name}", content)
    database.commit()
    if with_key:
        add_member(tar, digests, KEY, secret_key(clv_home()))
    add_member(tar, digests, DATABASE, copy.read_bytes())
    about = {"format": FORMAT, "made_at": utc_now().isoformat(), "files": dict(digests)}
    add_member(tar, {}, LIST, json.dumps(about).encode())
    return Kept(
        orders=numbers["datasets"], forecasts=numbers["runs"], files=len(digests), with_key=with_key
    )


def _database_copy(target: Path) -> sqlite3.Connection:
    with reading():
        pass  # up to date before it is copied
    target.touch(mode=0o600)
    copy = sqlite3.connect(target)
    with closing(sqlite3.connect(clv_home() / DATABASE)) as database:
        database.backup(copy)
    copy.execute("pragma journal_mode = delete")
    for table in _PASSING:
        copy.execute(f"delete from {table}")  # noqa: S608
    copy.commit()
    copy.execute("vacuum")
    return copy


def _content(folder: Path) -> dict[str, bytes] | None:
    try:
        return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}
    except FileNotFoundError:
        return None


def _check(draft: Path, about: dict[str, Any]) -> Kept:
    """Check the database and the manifest of every folder that it tells of."""
    numbers = dict.fromkeys(_KINDS, 0)
    _check_key(draft, about["name"])
    migrate(draft / DATABASE)
    (draft / f"{DATABASE}.lock").unlink(missing_ok=True)
    with closing(sqlite3.connect(draft / DATABASE)) as database:
        database.execute("pragma journal_mode = delete")
        if database.execute("pragma integrity_check").fetchone() != ("ok",):
            raise damaged_error(about["name"])
        for kind in _KINDS:
            for tenant, one in database.execute(f"select tenant, id from {kind}"):  # noqa: S608
                verify_folder(draft / "tenants" / tenant / kind / one)
                numbers[kind] += 1
    return Kept(
        orders=numbers["datasets"], forecasts=numbers["runs"], files=len(about["files"]),
        with_key=(draft / KEY).exists(),
    )  # fmt: skip


def _check_key(draft: Path, file: Path) -> None:
    if not (draft / KEY).exists():
        return
    try:
        secret_key(draft)
    except KeyFileError as error:
        raise BackupError(
            "BACKUP_KEY_WEAK",
            "The secret key in {name} is no 32 random bytes, so it protects nothing. Restore with "
            "--without-key: a new key is made, and everybody signs in again.",
            name=file.name,
        ) from error
