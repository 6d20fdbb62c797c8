"""Groups that a forgotten customer was alone in: they add up to that customer, so they go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from clvcore.store.frames import frame_from_parquet, frame_to_parquet

_TOTALS, _COHORTS = "totals.parquet", "cohorts.parquet"
_OF_THE_PAST = ("coverage.parquet", "past_totals.parquet")
_NOT_GROUPS = ("all", "origin")
Bools = npt.NDArray[np.bool_]


def forget_groups(
    files: dict[str, bytes], about: dict[str, Any], before: pd.DataFrame, after: pd.DataFrame
) -> None:
    """Take out of a run's tables the segments and cohorts that nobody is left in.

    Tables of past dates also lose whatever group held one customer then: who that was is not kept.

    Parameters
    ----------
    files, about
        Of the run; both are changed.
    before, after
        Its customers with and without the forgotten one.
    """
    gone = {
        scope: set(before[scope].astype(str)) - set(after[scope].astype(str))
        for scope in ("segment", "cohort")
    }

    def is_gone(frame: pd.DataFrame) -> Bools:
        left = np.ones(len(frame), dtype=bool)
        for scope, keys in gone.items():
            left &= ~np.asarray((frame["scope"] == scope) & frame["key"].isin(keys), dtype=bool)
        return ~left

    _drop(files, _TOTALS, is_gone)
    _drop(
        files, _COHORTS, lambda frame: np.asarray(frame["cohort"].astype(str).isin(gone["cohort"]))
    )
    for name in _OF_THE_PAST:
        _drop(
            files,
            name,
            lambda frame: (
                is_gone(frame)
                | np.asarray((frame["customers"] <= 1) & ~frame["scope"].isin(_NOT_GROUPS))
            ),
        )
    for scope, keys in gone.items():
        for key in keys:
            ((about.get("basis") or {}).get("variances", {}).get(scope, {})).pop(key, None)
    about["metrics"]["totals"] = [
        row
        for row in about["metrics"].get("totals", [])
        if row["key"] not in gone.get(row["scope"], ())
    ]


def _drop(files: dict[str, bytes], name: str, gone: Callable[[pd.DataFrame], Bools]) -> None:
    if name not in files:
        return
    frame = frame_from_parquet(files[name])
    if frame.empty:
        return
    rows = gone(frame)
    if rows.any():
        files[name] = frame_to_parquet(frame[~rows].reset_index(drop=True))
