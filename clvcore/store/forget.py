"""Take one customer out of what is saved: their rows go, sums over many customers stay.

A group that they were alone in is no sum over many: see ``forgotten_groups``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.ingest.fingerprint import content_hash
from clvcore.records.columns import AMOUNT, CUSTOMER, DATE, KEPT
from clvcore.store.folder import RUN, TRANSACTIONS, saved_folder
from clvcore.store.forgotten_groups import forget_groups
from clvcore.store.frames import (
    frame_from_parquet,
    frame_to_parquet,
    table_from_parquet,
    table_to_parquet,
)
from clvcore.store.runs import basis_to_json, load_run
from clvcore.store.strict_json import to_json
from clvcore.store.swap import replaced_folder
from clvcore.uncertainty import basis_of_run

FORGOTTEN = "forgotten"
_LINES, _LEDGER, _REJECTED = "lines.parquet", "quality.json", "rejected.parquet"
_CUSTOMERS = "customers.parquet"
_BESIDE = ("distribution.parquet", "milestones.parquet")  # a row per customer, as in customers
_PREDICTION = "prediction.parquet"
Files = dict[str, bytes]
Manifest = dict[str, Any]


def forget_in_transactions(folder: Path, customer: str) -> int | None:
    """Take a customer's lines out of saved orders; their money moves to the reason ``forgotten``.

    Returns
    -------
    int or None
        Rows taken out, of lines and of rejected rows together; 0 if they were not there. None if
        they were the only customer: nothing was changed, the orders are for the caller to delete.

    Raises
    ------
    StoreError
        If the orders are missing or damaged, or the disk refuses.
    """
    return _rewrite(folder, TRANSACTIONS, lambda files, about: _lines(files, about, customer))


def forget_in_run(folder: Path, customer: str) -> int | None:
    """Take a customer out of a saved forecast; totals and groups stay as they were forecast.

    Returns
    -------
    int or None
        As ``forget_in_transactions``.

    Raises
    ------
    StoreError
        If the forecast is missing or damaged, or the disk refuses.
    """

    def change(files: Files, about: Manifest) -> int | None:
        if about.get("basis") is None:  # of an earlier version: worked out while they are in there
            about["basis"] = basis_to_json(basis_of_run(load_run(folder)))
        return _customers(files, about, customer)

    return _rewrite(folder, RUN, change)


def _rewrite(
    folder: Path, kind: str, change: Callable[[Files, Manifest], int | None]
) -> int | None:
    with saved_folder(folder, kind) as saved:
        files = {name: saved.file(name) for name in saved.manifest["files"]}
        about = json.loads(json.dumps(saved.manifest))
        taken = change(files, about)
    if taken:
        with replaced_folder(Path(folder), kind) as out:
            for name, content in files.items():
                out.file(name, content)
            out.manifest(kind, about, versions=about["versions"])
    return taken


def _lines(files: Files, about: Manifest, customer: str) -> int | None:
    lines = table_from_parquet(files[_LINES])
    theirs = pc.equal(lines[CUSTOMER], customer)
    found = int(pc.sum(theirs).as_py() or 0)
    if found == lines.num_rows:
        return None
    rejected = _rejected(files, customer)
    if found:
        counted = lines.filter(pc.and_(theirs, lines[KEPT]))
        _move_to_forgotten(files, counted)
        left = lines.filter(pc.invert(theirs))
        files[_LINES] = table_to_parquet(left)
        about["content_hash"] = content_hash(left, tuple(about["attributes"]))
        about["rows"] = left.num_rows
        about["customers"] -= 1 if counted.num_rows else 0
        about["first_day"] = pc.min(left[DATE]).as_py()
        about["last_day"] = pc.max(left[DATE]).as_py()
    return found + rejected + _warnings(files, about, customer)


def _customers(files: Files, about: Manifest, customer: str) -> int | None:
    frame = frame_from_parquet(files[_CUSTOMERS])
    left: npt.NDArray[np.bool_] = np.asarray(frame.index.astype(str) != customer)
    found = int((~left).sum())
    if found == len(frame):
        return None
    if found:
        everybody, frame = frame, frame[left]
        forget_groups(files, about, everybody, frame)
        files[_CUSTOMERS] = frame_to_parquet(frame)
        for name in _BESIDE:
            if name in files and len(rows := frame_from_parquet(files[name])):
                files[name] = frame_to_parquet(rows[left])
        if _PREDICTION in files:
            months = table_from_parquet(files[_PREDICTION])
            files[_PREDICTION] = table_to_parquet(months.filter(pa.array(left)))
        about["metrics"]["customers"] = len(frame)
        about["metrics"]["clv"] = frame["clv"].sum()
    return found + _rejected(files, customer) + _warnings(files, about, customer)


def _rejected(files: Files, customer: str) -> int:
    """Take out the rejected rows that name them in any cell; they stay counted in the ledger."""
    rows = frame_from_parquet(files[_REJECTED])
    theirs = pd.Series(False, index=rows.index)
    for name in rows.columns:
        theirs |= rows[name].astype(str).str.strip().str.normalize("NFC") == customer
    if theirs.any():
        files[_REJECTED] = frame_to_parquet(rows[~theirs])
    return int(theirs.sum())


def _move_to_forgotten(files: Files, counted: pa.Table) -> None:
    ledger = json.loads(files[_LEDGER])
    rows, amount = counted.num_rows, float(pc.sum(counted[AMOUNT]).as_py() or 0.0)
    ledger["rows_used"] -= rows
    ledger["amount_used"] -= amount
    ledger["customers_used"] -= 1 if rows else 0
    for name, more in (("rows_dropped", rows), ("amount_dropped", amount)):
        ledger[name][FORGOTTEN] = ledger[name].get(FORGOTTEN, 0) + more
    files[_LEDGER] = to_json(ledger, indent=2)


def _warnings(files: Files, about: Manifest, customer: str) -> int:
    """Take out the doubts that name them as an example; return how many."""
    ledger = json.loads(files[_LEDGER])
    taken = 0
    for holder in (ledger, about):
        notices = holder.get("warnings", [])
        left = [one for one in notices if not _names(one["values"], customer)]
        taken += len(notices) - len(left)
        if len(left) < len(notices):
            holder["warnings"] = left
    if taken:
        files[_LEDGER] = to_json(ledger, indent=2)
    return taken


def _names(value: Any, customer: str) -> bool:
    if isinstance(value, dict):
        return any(_names(inner, customer) for inner in value.values())
    if isinstance(value, list):
        return any(_names(inner, customer) for inner in value)
    whole_word = rf"(?<!\w){re.escape(customer)}(?!\w)"
    return isinstance(value, str) and re.search(whole_word, value) is not None
