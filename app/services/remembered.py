"""What was chosen for a file, remembered for the next one with the same columns."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.storage.home import tenant_folder
from clvcore.ingest import ANYWHERE, IngestOptions, Layout, Mapping
from clvcore.ingest.presets import fitting_preset
from clvcore.records.errors import ClvError

LAYOUT = "layout.json"


@dataclass(frozen=True, kw_only=True)
class Remembered:
    """The columns, the currency and the options that were confirmed."""

    mapping: Mapping
    currency: str | None
    options: IngestOptions


def keep(
    tenant: str,
    columns: Sequence[str],
    mapping: Mapping,
    currency: str | None,
    options: IngestOptions | None = None,
) -> None:
    """Remember the choice for files with these columns, in any order.

    A last day is not remembered: it would cut the newest orders off next month's file.
    """
    lasting = replace(options or IngestOptions(), last_date=None)
    file = _file(tenant, columns)
    _write(
        file,
        {"mapping": mapping.to_dict(), "currency": currency, "options": lasting.to_dict()},
    )


def recall(tenant: str, columns: Sequence[str]) -> Remembered | None:
    """Return what was chosen last for these columns; None if nothing, or it fits no more."""
    file = _file(tenant, columns)
    if not file.exists():
        return None
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        mapping = Mapping.from_dict(content["mapping"])
        mapping.check_columns(columns)
        if mapping.preset is not None:
            fitting_preset(mapping.preset, tuple(columns))
        options = IngestOptions.from_dict(content.get("options", {}))
    except (ClvError, ValueError, TypeError, KeyError):
        return None  # written by another version: the guess is as good
    return Remembered(mapping=mapping, currency=content.get("currency"), options=options)


def keep_layout(tenant: str, found: Sequence[str], layout: Layout) -> None:
    """Remember where the table stood in a file in which the search found these columns."""
    file = _file(tenant, found, LAYOUT)
    if layout == ANYWHERE:
        file.unlink(missing_ok=True)
        return
    _write(file, layout.to_dict())


def recall_layout(tenant: str, found: Sequence[str]) -> Layout:
    """Return where the table stood in the last file of this shape; anywhere if nobody said."""
    try:
        return Layout(**json.loads(_file(tenant, found, LAYOUT).read_text(encoding="utf-8")))
    except (FileNotFoundError, ClvError, ValueError, TypeError):
        return ANYWHERE  # nobody named it, or in words of another version


def _write(file: Path, content: dict[str, Any]) -> None:
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    draft.write_text(json.dumps(content), encoding="utf-8")
    draft.replace(file)


def _file(tenant: str, columns: Sequence[str], ending: str = "json") -> Path:
    shape = hashlib.sha256(json.dumps(sorted(columns)).encode()).hexdigest()[:32]
    return tenant_folder(tenant, "mappings") / f"{shape}.{ending}"
