"""What a saved forecast says of itself, read once: every page shows its verdict."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.services.cached import cached
from app.storage.home import tenant_folder
from app.storage.saved_as import Version, version_of
from clvcore.records.columns import NOT_MEASURED
from clvcore.store import read_manifest


def manifest_of(tenant: str, run_id: str) -> Mapping[str, Any]:
    """Return a forecast's manifest; nobody may write to it, it is shared.

    Raises
    ------
    StoreError
        As ``read_manifest``.
    """
    return _read(*_found(tenant, run_id))


def verdict_of(tenant: str, run_id: str) -> str:
    """Return how far a saved forecast can be trusted, without reading its tables.

    Raises
    ------
    StoreError
        As ``read_manifest``.
    """
    return _verdict(*_found(tenant, run_id))


def _found(tenant: str, run_id: str) -> tuple[Path, Version | None]:
    folder = tenant_folder(tenant, "runs") / run_id
    return folder, version_of(folder)


# keyed by a folder and its version; few, since each is thousands of small objects
@cached(8)
def _read(folder: Path, version: Version | None) -> Mapping[str, Any]:
    del version
    return read_manifest(folder)


@cached(1_000)
def _verdict(folder: Path, version: Version | None) -> str:
    del version
    return str((read_manifest(folder).get("trust") or {}).get("verdict", NOT_MEASURED))
