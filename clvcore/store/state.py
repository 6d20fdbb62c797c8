"""What a run's forecaster has learned: ``state.json``, and files in formats of their own beside it.

Runs of format 1 kept parameters, clocks and trees apart. What pages show of them is put together
from these; scoring newer orders takes more than can be relied on there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from clvcore.records.registry import ENTRIES
from clvcore.records.state import State
from clvcore.store.folder import FolderReader, FolderWriter
from clvcore.store.strict_json import numbers, to_json

_STATE = "state.json"
_SPENDS = ("gamma_gamma", "mean_spend")
BEFORE_STATES = 0


def write_state(state: State, out: FolderWriter) -> None:
    """Write the state, and each of its files."""
    about = {
        "member": state.member, "version": state.version, "learned": state.learned,
        "files": list(state.files),
    }  # fmt: skip
    out.file(_STATE, to_json(about, indent=2))
    for name, content in state.files.items():
        out.file(name, content)


def read_state(saved: FolderReader) -> State | None:
    """Read the state ``write_state`` was given; None where a run tells nothing of it."""
    if _STATE not in saved.manifest["files"]:
        return _of_format_1(saved)
    about = json.loads(saved.file(_STATE))
    return State(**about | {"files": _files(saved, about["files"])})


def _files(saved: FolderReader, names: list[str]) -> dict[str, bytes]:
    return {name: saved.file(name) for name in names}


def _of_format_1(saved: FolderReader) -> State | None:
    about = saved.manifest
    parameters = {name: numbers(row) for name, row in about["parameters"].items()}
    parts: Mapping[str, Any] | None
    if "seasonal_mbg" in parameters:
        parts = {"clocks": about["clocks"]} if about.get("clocks") else None
    else:
        parts = _parts_of_published(about["model"], parameters)
    if parts is None:
        return None
    return State(
        member=about["model"],
        learned={**parts, "parameters": parameters},
        files=_files(saved, about.get("boosters") or []),
        version=BEFORE_STATES,
    )


def _parts_of_published(
    model: str, parameters: Mapping[str, Mapping[str, float]]
) -> dict[str, str] | None:
    spend = [name for name in _SPENDS if name in parameters]
    if model not in parameters or not spend:
        return None
    judge = ENTRIES[model].aliveness if model in ENTRIES else ""
    return {"aliveness": judge if judge in parameters else model, "spend": spend[0]}
