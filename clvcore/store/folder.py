"""A folder that is there completely or not at all, and a manifest that tells when it changed.

Files are written under another name beside the folder's place, flushed to disk and renamed. The
manifest is written last and names the SHA-256 of every file and of itself: what was changed
afterwards, by anyone or by a failing disk, is refused.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import metadata
from pathlib import Path
from typing import Any

import pyarrow as pa

from clvcore.records.errors import ClvError, StoreError
from clvcore.store.strict_json import to_json

MANIFEST = "manifest.json"
RUN, TRANSACTIONS = "run", "transactions"
# of the layout that is written; 2 is the first with the state of a run's forecaster
FORMATS = {RUN: 2, TRANSACTIONS: 1}
# What readers say of content that is not theirs; all of it means damage.
_DAMAGE = (
    ClvError, OSError, ValueError, TypeError, LookupError, AttributeError, pa.ArrowException,
)  # fmt: skip
_PACKAGES = (
    "clv", "numpy", "pandas", "scipy", "lifetimes", "xgboost", "lightgbm", "duckdb", "pyarrow",
)  # fmt: skip

_TEMPLATES = {
    (RUN, "MISSING"): (
        "RUN_MISSING", "{name} holds no saved forecast. Choose another, or run it again.",
    ),
    (RUN, "DAMAGED"): (
        "RUN_DAMAGED",
        "The forecast in {name} is not what was saved: a file is missing or was changed. Restore "
        "the folder from a copy, or run the forecast again.",
    ),
    (RUN, "NEWER"): (
        "RUN_NEWER",
        "The forecast in {name} was saved by a later version (format {found}; this one reads up "
        "to {known}). Update the program to open it.",
    ),
    (RUN, "IN_USE"): (
        "RUN_FOLDER_IN_USE",
        "{name} is not an empty folder. Nothing was overwritten; name a new folder.",
    ),
    (RUN, "UNWRITABLE"): (
        "RUN_UNWRITABLE",
        "The forecast could not be saved as {name}: {reason}. Free some space, or choose a folder "
        "you may write to.",
    ),
    (TRANSACTIONS, "MISSING"): (
        "DATA_MISSING", "{name} holds no saved orders. Choose another, or read the file again.",
    ),
    (TRANSACTIONS, "DAMAGED"): (
        "DATA_DAMAGED",
        "The orders in {name} are not what was saved: a file is missing or was changed. Restore "
        "the folder from a copy, or read the original file again.",
    ),
    (TRANSACTIONS, "NEWER"): (
        "DATA_NEWER",
        "The orders in {name} were saved by a later version (format {found}; this one reads up "
        "to {known}). Update the program to open them.",
    ),
    (TRANSACTIONS, "IN_USE"): (
        "DATA_FOLDER_IN_USE",
        "{name} is not an empty folder. Nothing was overwritten; name a new folder.",
    ),
    (TRANSACTIONS, "UNWRITABLE"): (
        "DATA_UNWRITABLE",
        "The orders could not be saved as {name}: {reason}. Free some space, or choose a folder "
        "you may write to.",
    ),
}  # fmt: skip


class FolderWriter:
    """Write files into one folder, each flushed to disk; the manifest ends it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._digests: dict[str, str] = {}

    def file(self, name: str, content: bytes) -> None:
        """Write one file and remember its digest."""
        with open(self._folder / name, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        self._digests[name] = _digest(content)

    def manifest(
        self, kind: str, about: dict[str, Any], *, versions: dict[str, str | None] | None = None
    ) -> None:
        """Write the manifest: ``about``, the versions at work and all digests, its own last.

        A manifest as ``about`` is written anew in the format it has, of the same ``versions`` if
        they are given.
        """
        head = {
            "format": about.get("format", FORMATS[kind]),
            "kind": kind,
            "versions": versions or _versions(),
            "files": self._digests,
        }
        content = {key: value for key, value in about.items() if key != "sha256"}
        plain = json.loads(to_json({**content, **head}))
        self.file(MANIFEST, to_json({**plain, "sha256": _digest(to_json(plain))}, indent=2))


class FolderReader:
    """Read the files of one folder, each checked against the manifest."""

    def __init__(self, folder: Path, kind: str) -> None:
        self._folder = Path(folder)
        self.manifest = _open_manifest(self._folder, kind)
        if self.manifest["kind"] != kind:
            raise _refusal(kind, "MISSING", self._folder)

    def file(self, name: str) -> bytes:
        """Return the content of one file; ``ValueError`` if it is not what was written here."""
        if Path(name).name != name:
            raise ValueError(name)
        content = (self._folder / name).read_bytes()
        if _digest(content) != self.manifest["files"][name]:
            raise ValueError(name)
        return content


@contextmanager
def new_folder(folder: Path, kind: str) -> Iterator[FolderWriter]:
    """Fill a folder beside its place and rename it once all of it is on the disk.

    Raises
    ------
    StoreError
        If the place is taken or the disk refuses; nothing is left behind.
    """
    target = Path(folder).resolve()
    draft: Path | None = None
    try:
        refuse_if_taken(target, kind)
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent))
        yield FolderWriter(draft)
        flush_folder(draft)
        if target.exists():
            target.rmdir()  # fails if someone filled it meanwhile
        draft.rename(target)
        try:
            flush_folder(target.parent)
        except OSError:
            shutil.rmtree(target, ignore_errors=True)  # what is refused is not there afterwards
            raise
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _refusal(kind, "UNWRITABLE", target, reason=reason) from error
    finally:
        if draft is not None and draft.exists():
            shutil.rmtree(draft, ignore_errors=True)


def put_in_place(draft: Path, folder: Path, kind: str) -> None:
    """Rename a folder that was saved under another name beside its place.

    Raises
    ------
    StoreError
        If the disk refuses; the caller knows which of the two is there.
    """
    try:
        draft.rename(folder)
        flush_folder(folder.parent)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _refusal(kind, "UNWRITABLE", folder, reason=reason) from error


def refuse_if_taken(folder: Path, kind: str) -> None:
    """Raise ``StoreError`` unless ``folder`` does not exist yet or is an empty folder."""
    target = Path(folder).resolve()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise _refusal(kind, "IN_USE", target)


@contextmanager
def saved_folder(folder: Path, kind: str) -> Iterator[FolderReader]:
    """Open a saved folder; whatever damage makes a reader say becomes one typed error.

    Raises
    ------
    StoreError
        If the folder is missing, damaged or of a later version.
    """
    with _damage_named(Path(folder), kind):
        yield FolderReader(folder, kind)


def verify_folder(folder: Path) -> None:
    """Check a run or transactions: the manifest, and every file it names.

    Raises
    ------
    StoreError
        If the folder is missing, damaged or of a later version.
    """
    try:
        kind = json.loads((Path(folder) / MANIFEST).read_bytes())["kind"]
    except _DAMAGE:
        kind = RUN
    with saved_folder(folder, TRANSACTIONS if kind == TRANSACTIONS else RUN) as saved:
        for name in saved.manifest["files"]:
            saved.file(name)


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a run or of transactions, checked against its own SHA-256.

    Raises
    ------
    StoreError
        ``RUN_MISSING``, ``RUN_DAMAGED`` or ``RUN_NEWER``.
    """
    return _open_manifest(Path(folder), RUN)


def _open_manifest(folder: Path, kind: str) -> dict[str, Any]:
    try:
        raw = (folder / MANIFEST).read_bytes()
    except OSError as error:
        raise _refusal(kind, "MISSING", folder) from error
    with _damage_named(folder, kind):
        manifest: dict[str, Any] = json.loads(raw)
        found, known = manifest["format"], FORMATS.get(str(manifest.get("kind")), FORMATS[kind])
        if found > known:
            raise _refusal(kind, "NEWER", folder, found=found, known=known)
        sealed = {key: value for key, value in manifest.items() if key != "sha256"}
        whole = manifest["sha256"] == _digest(to_json(sealed))
        # a flipped digit may read as the same float: the bytes must be those that were written
        if not whole or raw != to_json(manifest, indent=2):
            raise ValueError(MANIFEST)
    return manifest


@contextmanager
def _damage_named(folder: Path, kind: str) -> Iterator[None]:
    try:
        yield
    except StoreError:
        raise
    except _DAMAGE as error:
        raise _refusal(kind, "DAMAGED", folder) from error


def _refusal(kind: str, problem: str, folder: Path, **values: Any) -> StoreError:
    code, template = _TEMPLATES[kind, problem]
    return StoreError(code, template, name=folder.name, **values)


def flush_folder(folder: Path) -> None:
    """Make names and renames survive a power cut; only POSIX can open a folder for that."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _versions() -> dict[str, str | None]:
    return {package: _version(package) for package in _PACKAGES}


def _version(package: str) -> str | None:
    for name in (package, f"{package}-cpu"):  # XGBoost without its GPU code goes by that name
        with suppress(metadata.PackageNotFoundError):
            return metadata.version(name)
    return None  # run from a source tree that was never installed
