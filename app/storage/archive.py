"""The file a backup is: a tar of a home's parts, and a list of their SHA-256 at its end."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from app.storage.clock import utc_now
from app.storage.copies import SUFFIXES
from clvcore.records.errors import StoreError

FORMAT = 1
DATABASE, KEY, LIST = "clv.db", "secret.key", "backup.json"
_PLACE = re.compile(
    r"tenants/[a-z0-9][a-z0-9-]{0,62}/(datasets|runs)/[0-9a-f]{32}/[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}"
)


class BackupError(StoreError):
    """A backup cannot be written, or is not one."""


def check_suffix(file: Path) -> None:
    """Raise ``BACKUP_SUFFIX`` unless the name says how the file is compressed."""
    if not file.name.endswith(SUFFIXES):
        raise BackupError(
            "BACKUP_SUFFIX",
            "{name} is not named as a backup. Let it end in .tar.gz or .tar.zst.",
            name=file.name,
        )


def damaged_error(file: Path) -> BackupError:
    """Return what to raise for a file that is not as it was written."""
    return BackupError(
        "BACKUP_DAMAGED",
        "{name} is no backup of this program, or was changed since. Take another one.",
        name=file.name,
    )


@contextmanager
def writing_archive(draft: Path, name: str) -> Iterator[tarfile.TarFile]:
    """Write a new file, compressed as ``name`` ends, and flush it to the disk."""
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


def add_member(tar: tarfile.TarFile, digests: dict[str, str], name: str, content: bytes) -> None:
    """Add one file, and its digest to ``digests``."""
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = len(content), 0o600, int(utc_now().timestamp())
    tar.addfile(member, io.BytesIO(content))
    digests[name] = hashlib.sha256(content).hexdigest()


def unpack(file: Path, draft: Path) -> dict[str, Any]:
    """Write what the file holds under ``draft``; return its list, which every file agrees with.

    Raises
    ------
    BackupError
        ``BACKUP_DAMAGED`` or ``BACKUP_NEWER``.
    """
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
        raise damaged_error(file) from e
    except OSError as e:
        # without a number it is what the decompressor says of its input, not the disk
        if e.errno is None:
            raise damaged_error(file) from e
        raise
    return {"name": file, **about}


def _member(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    name = member.name
    expected = name in (DATABASE, KEY, LIST) or _PLACE.fullmatch(name) is not None
    stream = tar.extractfile(member) if expected and member.isreg() else None
    if stream is None:  # a link, a device, or a path that leads elsewhere
        raise ValueError(name)
    return stream.read()


@contextmanager
def _reading(file: Path) -> Iterator[tarfile.TarFile]:
    with ExitStack() as stack:
        raw: IO[bytes] = stack.enter_context(open(file, "rb"))
        if file.name.endswith(".gz"):
            yield stack.enter_context(tarfile.open(fileobj=raw, mode="r|gz"))
        else:
            packed: Any = stack.enter_context(pa.CompressedInputStream(raw, "zstd"))
            yield stack.enter_context(tarfile.open(fileobj=packed, mode="r|"))
