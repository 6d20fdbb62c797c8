"""Where backups were written, so that whoever needs one is told the newest by name."""

from __future__ import annotations

import json
import secrets
import shlex
from pathlib import Path
from typing import Any

from app.storage.clock import utc_now
from app.storage.home import clv_home

SUFFIXES = (".tar.gz", ".tar.zst")
_NOTED, _MOST_NOTED = "known-backups.json", 50


def note_backup(file: Path) -> None:
    """Write down where a backup is; names of files that are gone are left out."""
    kept = [one for one in _noted() if Path(one["file"]).is_file()]
    new = {"file": str(file.resolve()), "made_at": utc_now().isoformat()}
    target = clv_home() / _NOTED
    draft = target.with_name(f".{_NOTED}.{secrets.token_hex(8)}")
    draft.write_text(json.dumps([*kept, new][-_MOST_NOTED:], indent=1), encoding="utf-8")
    draft.replace(target)


def newest_backup() -> Path | None:
    """Return the newest backup that is still where it was written, or lies in the home."""
    noted = [Path(one["file"]) for one in _noted()]
    lying = sorted(
        (file for suffix in SUFFIXES for file in clv_home().glob(f"*{suffix}")),
        key=lambda file: file.stat().st_mtime,
    )
    return next((file for file in reversed([*lying, *noted]) if file.is_file()), None)


def how_to_restore() -> str:
    """Say which command brings the newest backup back."""
    newest = newest_backup()
    if newest is None:
        return "No backup is known to this home: run 'clv restore FILE' with the newest you have"
    return f"The newest backup is {newest}: run 'clv restore {shlex.quote(str(newest))}'"


def _noted() -> list[dict[str, Any]]:
    try:
        noted = json.loads((clv_home() / _NOTED).read_text("utf-8"))
        return [one for one in noted if isinstance(one["file"], str)]
    except (OSError, ValueError, TypeError, KeyError):
        return []  # never written, or not by this program: nothing is known
