"""Files on their way in: kept under their content's hash, read in a child, deleted when saved."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import secrets
import shutil
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from app.services.home import tenant_folder
from app.services.parse_child import PREVIEW, QUESTION, TRANSACTIONS
from app.services.readings import Question
from app.services.sandbox import no_room_error, read_in_child
from app.services.wire import error_from_json
from clvcore.errors import ClvError, Notice, ReadError
from clvcore.ingest import IngestOptions, Mapping
from clvcore.store.strict_json import notices_from_json

LARGEST = 200 * 2**20
KEPT_FOR = dt.timedelta(hours=24)
_DATA = "upload.bin"
NO_OPTIONS = IngestOptions()
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, eq=False, kw_only=True)
class Intake:
    """What a dropped file seems to be.

    ``preview`` holds its first rows as text; ``mapping`` is None, and ``problem`` says why, when
    the columns cannot be told apart. ``options`` are those to begin with.
    """

    name: str
    content_hash: str
    columns: tuple[str, ...]
    rows: int
    preview: pd.DataFrame
    mapping: Mapping | None
    confidence: dict[str, float]
    notes: tuple[Notice, ...]
    problem: ClvError | None
    options: IngestOptions = NO_OPTIONS


def inspect_upload(tenant: str, name: str, data: bytes) -> Intake:
    """Keep the bytes and look into them.

    Raises
    ------
    ReadError
        If the file is too large, or cannot be read at all.
    """
    if len(data) > LARGEST:
        raise ReadError(
            "TOO_LARGE",
            "The file has {size} MB and at most {most} MB are read. Split it, or save it as "
            "Parquet.",
            size=round(len(data) / 2**20), most=LARGEST // 2**20,
        )  # fmt: skip
    forget_old(tenant)
    content_hash = hashlib.sha256(data).hexdigest()
    folder = tenant_folder(tenant, "uploads") / content_hash
    _keep(folder, data)
    name = display_name(name)
    done = folder / f"inspect-{_digest(name)}"
    result = read_in_child("inspect", folder / _DATA, done, name=name)
    return Intake(
        name=name,
        content_hash=content_hash,
        columns=tuple(result["columns"]),
        rows=result["rows"],
        preview=pd.read_parquet(done / PREVIEW),
        mapping=Mapping.from_dict(result["mapping"]) if result["mapping"] else None,
        confidence=result["confidence"],
        notes=notices_from_json(result["notes"]),
        problem=error_from_json(result["problem"]) if result["problem"] else None,
    )


def checked_folder(
    tenant: str,
    content_hash: str,
    mapping: Mapping,
    currency: str | None,
    options: IngestOptions = NO_OPTIONS,
) -> Path:
    """Return the folder of transactions that a kept file becomes under this mapping.

    Raises
    ------
    ReadError
        ``UPLOAD_GONE`` if the file is no longer kept.
    DataError
        If the mapping does not fit or no row can be used.
    """
    folder = _kept_folder(tenant, content_hash)
    chosen = _chosen(mapping, options)
    done = _check_folder(folder, chosen, currency)
    read_in_child("check", folder / _DATA, done, name="orders", mapping=chosen, currency=currency)
    return done / TRANSACTIONS


def question_of(
    tenant: str,
    content_hash: str,
    mapping: Mapping,
    currency: str | None,
    options: IngestOptions = NO_OPTIONS,
) -> Question | None:
    """Return what a refused check left open, with rows of the file under either answer.

    None if it asked nothing that rows can show.

    Raises
    ------
    ReadError
        ``UPLOAD_GONE`` if the file is no longer kept.
    """
    folder = _kept_folder(tenant, content_hash)
    file = _check_folder(folder, _chosen(mapping, options), currency) / QUESTION
    return Question.from_dict(json.loads(file.read_bytes())) if file.exists() else None


def forget(tenant: str, content_hash: str) -> None:
    """Delete a kept file and everything read from it."""
    if _HASH.fullmatch(content_hash):
        shutil.rmtree(tenant_folder(tenant, "uploads") / content_hash, ignore_errors=True)


def forget_old(tenant: str, *, now: dt.datetime | None = None) -> int:
    """Delete files that nobody saved within a day; return how many."""
    oldest = ((now or dt.datetime.now(dt.UTC)) - KEPT_FOR).timestamp()
    deleted = 0
    for folder in tenant_folder(tenant, "uploads").iterdir():
        with suppress(FileNotFoundError):  # another session may be sweeping too
            if folder.stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)
                deleted += 1
    return deleted


def display_name(name: str) -> str:
    """Return the last part of a file's name without anything invisible; never used as a path."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    visible = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip()
    return visible[:120] or "orders"


def _keep(folder: Path, data: bytes) -> None:
    file = folder / _DATA
    if file.exists():
        os.utime(folder)  # still in use: its day begins again
        return
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        draft = folder / f".{_DATA}.{secrets.token_hex(8)}"
        draft.write_bytes(data)
        draft.replace(file)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise no_room_error() from error


def _kept_folder(tenant: str, content_hash: str) -> Path:
    if _HASH.fullmatch(content_hash):
        folder = tenant_folder(tenant, "uploads") / content_hash
        if (folder / _DATA).exists():
            return folder
    raise ReadError(
        "UPLOAD_GONE",
        "This file is no longer kept: it was saved already, or a day has passed. Drop it again.",
    )


def _chosen(mapping: Mapping, options: IngestOptions) -> dict[str, Any]:
    return {**mapping.to_dict(), "options": options.to_dict()}


def _check_folder(folder: Path, chosen: dict[str, Any], currency: str | None) -> Path:
    return folder / f"check-{_digest(json.dumps([chosen, currency], sort_keys=True))}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
