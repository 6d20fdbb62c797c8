"""A finished forecast on disk."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from clvcore.records.columns import DRIFT_FRAME
from clvcore.records.config import ForecastConfig
from clvcore.records.prediction import Prediction
from clvcore.records.run import Run
from clvcore.records.trust import Basis, CommonFactor
from clvcore.store.folder import RUN, FolderReader, new_folder, saved_folder
from clvcore.store.frames import (
    frame_from_json,
    frame_from_parquet,
    frame_to_json,
    frame_to_parquet,
    rows,
)
from clvcore.store.prediction import prediction_from_parquet, prediction_to_parquet
from clvcore.store.quality import read_quality, write_quality
from clvcore.store.state import read_state, write_state
from clvcore.store.strict_json import notices_from_json, notices_to_json, numbers
from clvcore.store.trust import about_trust, read_trust, write_trust

PREDICTION = "prediction.parquet"
_FRAMES = {
    "customers": "customers.parquet",
    "totals": "totals.parquet",
    "cohorts": "cohorts.parquet",
    "timeline": "timeline.parquet",
    "leaderboard": "backtest.parquet",
    "distribution": "distribution.parquet",
    "milestones": "milestones.parquet",
}
_DRIFT = "drift.parquet"  # of scored runs only


def save_run(
    run: Run,
    folder: Path,
    *,
    created_at: dt.datetime | None = None,
    extra: dict[str, Any] | None = None,
) -> None:
    """Write ``run`` to ``folder``, completely or not at all.

    Parameters
    ----------
    run
        A finished forecast.
    folder
        Must not exist yet, or be empty; missing parents are created.
    created_at
        Kept in the manifest; the clock is never read here.
    extra
        JSON values of the caller's own, kept in the manifest under ``extra``.

    Raises
    ------
    StoreError
        ``RUN_FOLDER_IN_USE`` if the folder holds something, ``RUN_UNWRITABLE`` if the disk
        refuses.
    """
    with new_folder(folder, RUN) as out:
        for name, file in _FRAMES.items():
            out.file(file, frame_to_parquet(getattr(run, name)))
        write_quality(run.quality, out)
        write_trust(run.trust, out)
        if run.state is not None:
            write_state(run.state, out)
        if len(run.drift):
            out.file(_DRIFT, frame_to_parquet(run.drift))
        if run.prediction is not None:
            out.file(PREDICTION, prediction_to_parquet(run.prediction))
        out.manifest(RUN, {**_about(run), "created_at": created_at, "extra": extra or {}})


def load_run(folder: Path) -> Run:
    """Read a run back, equal to the one saved.

    Raises
    ------
    StoreError
        ``RUN_MISSING`` if there is none, ``RUN_DAMAGED`` if a file is not what was written,
        ``RUN_NEWER`` if a later version of the product wrote it.
    """
    with saved_folder(folder, RUN) as saved:
        about = saved.manifest
        return Run(
            customers=_frame(saved, "customers"),
            totals=_frame(saved, "totals"),
            cohorts=_frame(saved, "cohorts"),
            timeline=_frame(saved, "timeline"),
            leaderboard=_frame(saved, "leaderboard"),
            weights=frame_from_json(about["weights"]),
            quality=read_quality(saved),
            config=ForecastConfig.from_dict(about["config"]),
            as_of=dt.date.fromisoformat(about["as_of"]),
            horizon_end=dt.date.fromisoformat(about["horizon_end"]),
            data_hash=about["data_hash"],
            model=about["model"],
            parameters={name: numbers(row) for name, row in about["parameters"].items()},
            log_likelihood=numbers(about["log_likelihood"]),
            warnings=notices_from_json(about["warnings"]),
            currency=about["currency"],
            cutoffs=numbers(about["cutoffs"]),
            trust=read_trust(saved),
            state=read_state(saved),
            distribution=_later(saved, "distribution", ("buys", "spread")),
            common=_common(about.get("common")),
            basis=basis_from_json(about.get("basis")),
            milestones=_later(saved, "milestones", ("value_3m", "value_6m", "value_12m")),
            drift=_drift(saved),
        )


def load_prediction(folder: Path) -> Prediction | None:
    """Read the forecast month by month; None for a run that was saved without it.

    Raises
    ------
    StoreError
        As ``load_run``.
    """
    with saved_folder(folder, RUN) as saved:
        if PREDICTION not in saved.manifest["files"]:
            return None
        return prediction_from_parquet(saved.file(PREDICTION), _frame(saved, "customers"))


def _frame(saved: FolderReader, name: str) -> pd.DataFrame:
    return frame_from_parquet(saved.file(_FRAMES[name]))


def _later(saved: FolderReader, name: str, columns: tuple[str, ...]) -> pd.DataFrame:
    """Read a table that runs of earlier versions do not have."""
    if _FRAMES[name] not in saved.manifest["files"]:
        return pd.DataFrame(columns=list(columns))
    return _frame(saved, name)


def _drift(saved: FolderReader) -> pd.DataFrame:
    if _DRIFT not in saved.manifest["files"]:
        return pd.DataFrame(columns=list(DRIFT_FRAME))
    return frame_from_parquet(saved.file(_DRIFT))


def _common(about: dict[str, Any] | None) -> CommonFactor | None:
    return None if about is None else CommonFactor(**numbers(about))


def basis_to_json(basis: Basis | None) -> dict[str, Any] | None:
    """Return what the manifest keeps of it."""
    return None if basis is None else asdict(basis)


def basis_from_json(about: dict[str, Any] | None) -> Basis | None:
    """Read it back; runs of earlier versions have none."""
    if about is None:
        return None
    variances = {scope: numbers(row) for scope, row in about["variances"].items()}
    levels, misses = (tuple(map(float, about[name])) for name in ("levels", "misses"))
    return Basis(**{**about, "variances": variances, "levels": levels, "misses": misses})


def _about(run: Run) -> dict[str, Any]:
    return {
        "model": run.model,
        "config": run.config.to_dict(),
        "as_of": run.as_of,
        "horizon_end": run.horizon_end,
        "data_hash": run.data_hash,
        "currency": run.currency,
        "metrics": {
            "customers": len(run.customers),
            "clv": run.customers["clv"].sum(),
            "totals": rows(run.totals),
            "leaderboard": rows(run.leaderboard.reset_index()),
        },
        "parameters": run.parameters,
        "log_likelihood": run.log_likelihood,
        "weights": frame_to_json(run.weights),
        "cutoffs": run.cutoffs,
        "warnings": notices_to_json(run.warnings),
        "trust": about_trust(run.trust),
        "common": None if run.common is None else asdict(run.common),
        "basis": basis_to_json(run.basis),
    }
