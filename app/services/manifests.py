"""What a saved forecast says of itself, read once: every page shows its verdict."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.services.home import tenant_folder
from app.services.saved_as import Version, version_of
from clvcore.store import read_manifest


def manifest_of(tenant: str, run_id: str) -> Mapping[str, Any]:
    """Return a forecast's manifest; nobody may write to it, it is shared.

    Raises
    ------
    StoreError
        As ``read_manifest``.
    """
    folder = tenant_folder(tenant, "runs") / run_id
    return _read(folder, version_of(folder))


# some 50 KB each; keyed by a folder and its version
@lru_cache(maxsize=64)
def _read(folder: Path, version: Version | None) -> Mapping[str, Any]:
    del version
    return read_manifest(folder)
