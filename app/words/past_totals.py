"""Past totals beside their ranges: which count, which held, and that in words."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from app.words.text import Words

OUTER = 0.95  # the level past totals are judged at


def at_level(frame: pd.DataFrame, scope: str | None = None) -> pd.DataFrame:
    """Return past totals at the level that is judged (95 %, or the widest there is), latest first.

    Parameters
    ----------
    frame
        ``clvcore.records.columns.PAST_TOTALS_FRAME``.
    scope
        Keep only this scope, such as ``all``.
    """
    known = frame if scope is None else frame[frame["scope"] == scope]
    return with_level(known, outer(frame))


def inside(totals: pd.DataFrame) -> pd.Series:
    """Tell for each past total whether it lies within its range, bounds included."""
    return (totals["lower"] <= totals["actual"]) & (totals["actual"] <= totals["upper"])


def day_of(origin: object) -> dt.date:
    """Return a past date whichever way the frame holds it."""
    return pd.Timestamp(str(origin)).date()


def totals_words(w: Words, totals: pd.DataFrame) -> str:
    """Count the past totals inside their range; no share is given, a few prove none."""
    held = int(inside(totals).sum())
    if totals.empty:
        return w("Past totals, and what happened")
    if len(totals) == 1:
        return (
            w("The one past total landed inside its range")
            if held
            else w("The one past total fell outside its range")
        )
    return w("{inside} of {n} past totals landed inside their range", inside=held, n=len(totals))


def outer(frame: pd.DataFrame) -> float:
    levels = frame["level"].round(2)
    return OUTER if (levels == OUTER).any() else float(levels.max())


def with_level(frame: pd.DataFrame, level: float) -> pd.DataFrame:
    kept = frame[frame["level"].round(2) == round(level, 2)]
    return kept.sort_values("origin", ascending=False, kind="stable").reset_index(drop=True)
