"""Dropped bytes on the disk: one folder a content, shared by all of a tenant who dropped the same.

Whoever drops a file holds a claim on it until they save it or let it go; the last to do so takes
the folder along. A folder is moved aside before it is deleted, so nobody finds half of one.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from app.services.sandbox import no_room_error
from app.storage.clock import utc_now
from app.storage.home import place_of, tenant_folder
from clvcore.records.errors import ReadError

KEPT_FOR = dt.timedelta(hours=24)
DATA = "upload.bin"
_CLAIMS = "claims"
_HASH = re.compile(r"[0-9a-f]{64}")
_CLAIM = re.compile(r"[0-9a-f]{32}")
_log = logging.getLogger("clv")


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Somebody's share in a kept file; ``id`` is theirs alone, the content may be everybody's."""

    tenant: str
    content_hash: str
    id: str


def keep(tenant: str, data: bytes) -> Claim:
    """Keep the bytes, unless they are kept already, and claim them.

    Raises
    ------
    ReadError
        ``UPLOAD_UNWRITABLE`` if the disk refuses.
    """
    claim = Claim(
        tenant=tenant, content_hash=hashlib.sha256(data).hexdigest(), id=secrets.token_hex(16)
    )
    try:
        folder = tenant_folder(tenant, "uploads") / claim.content_hash
        with _alone(tenant):
            _keep(folder, data, claim.id)
    except OSError as error:
        raise no_room_error() from error
    return claim


def kept_folder(tenant: str, content_hash: str) -> Path:
    """Return the folder of a kept file.

    Raises
    ------
    ReadError
        ``UPLOAD_GONE`` if it is no longer kept.
    """
    if _HASH.fullmatch(content_hash):
        folder = _uploads(tenant) / content_hash
        if (folder / DATA).exists():
            return folder
    raise gone_error()


@contextmanager
def while_kept(folder: Path) -> Iterator[None]:
    """Say that a file is no longer kept, whatever its going away makes a reader say."""
    try:
        yield
    except (OSError, ReadError) as error:
        if (folder / DATA).exists():
            raise
        raise gone_error() from error


def refuse_unless_claimed(tenant: str, content_hash: str, claim: str) -> None:
    """Raise ``UPLOAD_GONE`` if this claim was let go already: what it was for is done."""
    held = _HASH.fullmatch(content_hash) and _CLAIM.fullmatch(claim)
    if not held or not (_uploads(tenant) / content_hash / _CLAIMS / claim).exists():
        raise gone_error()


def let_go(tenant: str, content_hash: str, claim: str | None) -> None:
    """Give up a claim; the file and all read from it go, unless somebody else holds one."""
    if not _HASH.fullmatch(content_hash):
        return
    folder = _uploads(tenant) / content_hash
    if not folder.exists():
        return
    with _alone(tenant):
        if claim is not None and _CLAIM.fullmatch(claim):
            (folder / _CLAIMS / claim).unlink(missing_ok=True)
        _delete_unless_claimed(folder)


def forget_old(tenant: str, *, now: dt.datetime | None = None) -> int:
    """Delete files that nobody saved within a day; return how many."""
    oldest = _oldest(now)
    if not _uploads(tenant).exists():
        return 0
    with _alone(tenant):
        old = [one for one in _uploads(tenant).iterdir() if one.stat().st_mtime < oldest]
        return sum(_deleted(folder) for folder in old)


def forget_all(tenant: str) -> None:
    """Delete every kept file of a tenant, whoever holds a claim on it.

    Raises
    ------
    OSError
        If the disk refuses.
    """
    if not _uploads(tenant).exists():
        return
    with _alone(tenant):
        for folder in _uploads(tenant).iterdir():
            _delete(folder)


def gone_error() -> ReadError:
    """Return what to raise for a file that is no longer kept."""
    return ReadError(
        "UPLOAD_GONE",
        "This file is no longer kept: it was saved already, or a day has passed. Drop it again.",
    )


def _keep(folder: Path, data: bytes, claim: str) -> None:
    draft = folder / f".{DATA}.{claim}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / _CLAIMS).mkdir(mode=0o700, exist_ok=True)
        if not (folder / DATA).exists():
            draft.write_bytes(data)
            draft.replace(folder / DATA)
        (folder / _CLAIMS / claim).touch()
        os.utime(folder)  # its day begins again
    except OSError:
        draft.unlink(missing_ok=True)
        _delete_unless_claimed(folder)
        raise


def _delete_unless_claimed(folder: Path) -> None:
    claims, oldest = folder / _CLAIMS, _oldest()
    held = claims.is_dir() and any(one.stat().st_mtime >= oldest for one in claims.iterdir())
    if folder.exists() and not held:
        _deleted(folder)


def _deleted(folder: Path) -> bool:
    try:
        _delete(folder)
    except OSError:  # whoever saved it has it; the next sweep tries again
        _log.exception("a kept file could not be deleted")
        return False
    return True


def _delete(folder: Path) -> None:
    """Delete under another name: what a reading child still writes goes nowhere."""
    aside = folder.with_name(f".{secrets.token_hex(8)}.gone")
    folder.rename(aside)
    shutil.rmtree(aside)


def _oldest(now: dt.datetime | None = None) -> float:
    return ((now or utc_now()) - KEPT_FOR).timestamp()


def _uploads(tenant: str) -> Path:
    return place_of(tenant, "uploads")


def _alone(tenant: str) -> FileLock:
    """Return the lock under which files of a tenant are kept, claimed and deleted."""
    return FileLock(_uploads(tenant).with_name("uploads.lock"))
