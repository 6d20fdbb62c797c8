"""Everything an installation keeps in one file, and back: each file named with its SHA-256."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import secrets
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from app.accounts.keys import secret_key
from app.services.database import reading, utc_now
from app.services.database.migrating import migrate
from app.services.home import clv_home
from clvcore.errors import StoreError
from clvcore.store import verify_folder

FORMAT = 1
DATABASE, KEY, LIST = "clv.db", "secret.key", "backup.json"
_KINDS = ("datasets", "runs")
_PLACE = re.compile(
    r"tenants/[a-z0-9][a-z0-9-]{0,62}/(datasets|runs)/[0-9a-f]{32}/[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}"
)
# who was signed in, and who had mistyped, is nothing to bring back
_PASSING = ("sessions", "failed_sign_ins")


class BackupError(StoreError):
    """A backup cannot be written, or is not one."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What a backup holds."""

    orders: int
    forecasts: int
    files: int
    with_key: bool


def make_backup(file: Path, *, with_key: bool = False) -> Kept:
    """Write a consistent copy while the server goes on; uploads not yet saved are left out.

    The database is copied first, and of the folders those that the copy tells of: a forecast that
    is saved meanwhile is in the next backup.

    Raises
    ------
    BackupError
        If the file exists already or its name does not end in .tar.gz or .tar.zst.
    """
    _check_suffix(file)
    if file.exists():
        raise BackupError(
            "BACKUP_EXISTS", "{name} exists already. Name a new file.", name=file.name
        )
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}.part")
    copy = clv_home() / f".backup.{secrets.token_hex(8)}.db"
    try:
        with closing(_database_copy(copy)) as database, _writing(draft, file.name) as tar:
            kept = _fill(tar, database, copy, with_key=with_key)
        os.link(draft, file)  # unlike a rename, this never replaces a file
    finally:
        copy.unlink(missing_ok=True)
        draft.unlink(missing_ok=True)
    return kept


def restore_backup(file: Path) -> Kept:
    """Bring a backup back into an empty ``CLV_HOME``; everything is checked before it counts.

    Raises
    ------
    BackupError
        If the home is not empty, or the file is damaged or no backup.
    StoreError
        If a saved folder in it is damaged, or a later version made it.
    """
    _check_suffix(file)
    home = clv_home()
    if any(home.iterdir()):
        raise BackupError(
            "HOME_NOT_EMPTY",
            "CLV_HOME is not empty, and nothing in it was touched. Name a new folder, or move "
            "what is in this one away.",
        )
    draft = home / ".restore"
    draft.mkdir(mode=0o700)
    try:
        kept = _check(draft, _unpack(file, draft))
        for name in (KEY, "tenants", DATABASE):  # the database last: without it nothing counts
            if (draft / name).exists():
                (draft / name).rename(home / name)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    with reading():
        return kept


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
                _add(tar, digests, f"tenants/{tenant}/{kind}/{one}/{name}", content)
    database.commit()
    if with_key:
        _add(tar, digests, KEY, secret_key(clv_home()))
    _add(tar, digests, DATABASE, copy.read_bytes())
    about = {"format": FORMAT, "made_at": utc_now().isoformat(), "files": dict(digests)}
    _add(tar, {}, LIST, json.dumps(about).encode())
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


def _add(tar: tarfile.TarFile, digests: dict[str, str], name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = len(content), 0o600, int(utc_now().timestamp())
    tar.addfile(member, io.BytesIO(content))
    digests[name] = hashlib.sha256(content).hexdigest()


def _unpack(file: Path, draft: Path) -> dict[str, Any]:
    """Write what the file holds under ``draft``; return its list, which every file agrees with."""
    found: dict[str, str] = {}
    about: dict[str, Any] = {}
    try:
        with _reading(file) as tar:
            for member in tar:
                content = _member(tar, member)
                if member.name == LIST:
                    about = json.loads(content)
                    continue
                target = draft / member.name
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(handle, "wb") as out:
                    out.write(content)
                    out.flush()
                    os.fsync(out.fileno())
                found[member.name] = hashlib.sha256(content).hexdigest()
        if int(about["format"]) > FORMAT:
            raise BackupError(
                "BACKUP_NEWER",
                "{name} was made by a later version of this program. Update it, then restore.",
                name=file.name,
            )
        if about["files"] != found or DATABASE not in found:
            raise ValueError(LIST)
    except (tarfile.TarError, EOFError, ValueError, KeyError, TypeError, pa.ArrowException) as e:
        raise _damaged(file) from e
    except OSError as e:
        # without a number it is what the decompressor says of its input, not the disk
        if e.errno is None:
            raise _damaged(file) from e
        raise
    return {"name": file, **about}


def _member(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    name = member.name
    expected = name in (DATABASE, KEY, LIST) or _PLACE.fullmatch(name) is not None
    stream = tar.extractfile(member) if expected and member.isreg() else None
    if stream is None:  # a link, a device, or a path that leads elsewhere
        raise ValueError(name)
    return stream.read()


def _check(draft: Path, about: dict[str, Any]) -> Kept:
    """Check the database and the manifest of every folder that it tells of."""
    numbers = dict.fromkeys(_KINDS, 0)
    migrate(draft / DATABASE)
    (draft / f"{DATABASE}.lock").unlink(missing_ok=True)
    with closing(sqlite3.connect(draft / DATABASE)) as database:
        database.execute("pragma journal_mode = delete")
        if database.execute("pragma integrity_check").fetchone() != ("ok",):
            raise _damaged(about["name"])
        for kind in _KINDS:
            for tenant, one in database.execute(f"select tenant, id from {kind}"):  # noqa: S608
                verify_folder(draft / "tenants" / tenant / kind / one)
                numbers[kind] += 1
    return Kept(
        orders=numbers["datasets"], forecasts=numbers["runs"], files=len(about["files"]),
        with_key=KEY in about["files"],
    )  # fmt: skip


def _damaged(file: Path) -> BackupError:
    return BackupError(
        "BACKUP_DAMAGED",
        "{name} is no backup of this program, or was changed since. Take another one.",
        name=file.name,
    )


def _check_suffix(file: Path) -> None:
    if not file.name.endswith((".tar.gz", ".tar.zst")):
        raise BackupError(
            "BACKUP_SUFFIX",
            "{name} is not named as a backup. Let it end in .tar.gz or .tar.zst.",
            name=file.name,
        )


@contextmanager
def _writing(draft: Path, name: str) -> Iterator[tarfile.TarFile]:
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as raw:
        if name.endswith(".gz"):
            with tarfile.open(fileobj=raw, mode="w|gz") as tar:
                yield tar
        else:
            with (
                pa.CompressedOutputStream(raw, "zstd") as packed,
                tarfile.open(fileobj=packed, mode="w|") as tar,
            ):
                yield tar
        if not raw.closed:
            raw.flush()
            os.fsync(raw.fileno())


@contextmanager
def _reading(file: Path) -> Iterator[tarfile.TarFile]:
    with ExitStack() as stack:
        raw: IO[bytes] = stack.enter_context(open(file, "rb"))
        if file.name.endswith(".gz"):
            yield stack.enter_context(tarfile.open(fileobj=raw, mode="r|gz"))
        else:
            packed: Any = stack.enter_context(pa.CompressedInputStream(raw, "zstd"))
            yield stack.enter_context(tarfile.open(fileobj=packed, mode="r|"))
