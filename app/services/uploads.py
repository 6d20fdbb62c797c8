"""Files on their way in: kept by ``kept_uploads``, read in a child."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from app.services import kept_uploads
from app.services.kept_uploads import DATA, Claim, forget_old, kept_folder, while_kept
from app.services.parse_child import PREVIEW, QUESTION, TRANSACTIONS
from app.services.readings import Question
from app.services.sandbox import read_in_child
from app.workers.wire import error_from_json
from clvcore.ingest import ANYWHERE, IngestOptions, Layout, Mapping
from clvcore.records.errors import ClvError, Notice, ReadError
from clvcore.store.strict_json import notices_from_json

LARGEST = 200 * 2**20
NO_OPTIONS = IngestOptions()


@dataclass(frozen=True, eq=False, kw_only=True)
class Intake:
    """What a dropped file seems to be.

    ``preview`` holds its first rows as text; ``mapping`` is None, and ``problem`` says why, when
    the columns cannot be told apart. ``options`` are those to begin with. ``claim`` is the share in
    the kept bytes that goes when this is saved or let go. ``header_row``, ``sheet`` and ``sheets``
    are those of the raw table, ``layout`` what was named of them; ``found`` are the columns where
    nothing was named, by which the next file of this shape is known.
    """

    name: str
    claim: Claim
    columns: tuple[str, ...]
    rows: int
    preview: pd.DataFrame
    mapping: Mapping | None
    confidence: dict[str, float]
    notes: tuple[Notice, ...]
    problem: ClvError | None
    found: tuple[str, ...]
    header_row: int | None = None
    sheets: tuple[str, ...] = ()
    sheet: str | None = None
    layout: Layout = ANYWHERE
    options: IngestOptions = NO_OPTIONS

    @property
    def content_hash(self) -> str:
        """SHA-256 of the bytes."""
        return self.claim.content_hash


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
    claim = kept_uploads.keep(tenant, data)
    try:
        return _inspected(claim, display_name(name))
    except BaseException:  # nobody will save what could not be read
        kept_uploads.let_go(tenant, claim.content_hash, claim.id)
        raise


def inspect_again(intake: Intake, layout: Layout) -> Intake:
    """Look into a kept file once more, its table where ``layout`` says.

    Raises
    ------
    ReadError
        If there is no table; ``UPLOAD_GONE`` if the file is no longer kept.
    """
    again = _inspected(intake.claim, intake.name, layout)
    return replace(again, found=intake.found)


def _inspected(claim: Claim, name: str, layout: Layout = ANYWHERE) -> Intake:
    folder = kept_folder(claim.tenant, claim.content_hash)
    done = folder / f"inspect-{_digest(json.dumps([name, layout.to_dict()]))}"
    with while_kept(folder):
        result = read_in_child("inspect", folder / DATA, done, name=name, layout=layout.to_dict())
        preview = pd.read_parquet(done / PREVIEW)
    return Intake(
        name=name,
        claim=claim,
        columns=tuple(result["columns"]),
        rows=result["rows"],
        preview=preview,
        mapping=Mapping.from_dict(result["mapping"]) if result["mapping"] else None,
        confidence=result["confidence"],
        notes=notices_from_json(result["notes"]),
        problem=error_from_json(result["problem"]) if result["problem"] else None,
        found=tuple(result["columns"]),
        header_row=result["header_row"],
        sheets=tuple(result["sheets"]),
        sheet=result["sheet"],
        layout=layout,
    )


def checked_folder(
    tenant: str,
    content_hash: str,
    mapping: Mapping,
    currency: str | None,
    options: IngestOptions = NO_OPTIONS,
    layout: Layout = ANYWHERE,
) -> Path:
    """Return the folder of transactions that a kept file becomes under this mapping.

    Raises
    ------
    ReadError
        ``UPLOAD_GONE`` if the file is no longer kept.
    DataError
        If the mapping does not fit or no row can be used.
    """
    folder = kept_folder(tenant, content_hash)
    chosen = _chosen(mapping, options)
    done = _check_folder(folder, chosen, currency, layout)
    with while_kept(folder):
        read_in_child(
            "check", folder / DATA, done, name="orders", mapping=chosen, currency=currency,
            layout=layout.to_dict(),
        )  # fmt: skip
    return done / TRANSACTIONS


def question_of(
    tenant: str,
    content_hash: str,
    mapping: Mapping,
    currency: str | None,
    options: IngestOptions = NO_OPTIONS,
    layout: Layout = ANYWHERE,
) -> Question | None:
    """Return what a refused check left open, with rows of the file under either answer.

    None if it asked nothing that rows can show.

    Raises
    ------
    ReadError
        ``UPLOAD_GONE`` if the file is no longer kept.
    """
    folder = kept_folder(tenant, content_hash)
    file = _check_folder(folder, _chosen(mapping, options), currency, layout) / QUESTION
    return Question.from_dict(json.loads(file.read_bytes())) if file.exists() else None


def display_name(name: str) -> str:
    """Return the last part of a file's name without anything invisible; never used as a path."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    visible = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip()
    return visible[:120] or "orders"


def _chosen(mapping: Mapping, options: IngestOptions) -> dict[str, Any]:
    return {**mapping.to_dict(), "options": options.to_dict()}


def _check_folder(
    folder: Path, chosen: dict[str, Any], currency: str | None, layout: Layout
) -> Path:
    asked = [chosen, currency, layout.to_dict()]
    return folder / f"check-{_digest(json.dumps(asked, sort_keys=True))}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
