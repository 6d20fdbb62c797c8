"""How often ranges held, read off the table of coverage, and in words."""

from __future__ import annotations

import pandas as pd

from app.words.money import MINUS
from app.words.text import DASH, Words
from clvcore.backtest.coverage import GOOD_POINTS, JUDGED, distance

_ROUNDING = 1e-9


def whole(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the levels measured over all customers, lowest first."""
    return frame[frame["scope"] == "all"].sort_values("level").reset_index(drop=True)


def judged(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the levels a verdict looks at, over all customers."""
    shown = whole(frame)
    return shown[shown["level"].round(2).isin(JUDGED)].reset_index(drop=True)


def off_promise(frame: pd.DataFrame) -> pd.Series:
    """Return how far each share is from its promise, the way a verdict counts it."""
    return pd.Series(distance(frame), index=frame.index).round(6)


def worst(frame: pd.DataFrame) -> pd.Series:
    """Return the judged level that is furthest from its promise; too little first."""
    shown = judged(frame)
    off = off_promise(shown)
    distance = off.abs().where(off >= 0, off.abs() + _ROUNDING)
    return shown.iloc[int(distance.to_numpy().argmax())]


def points(w: Words, off: float) -> str:
    """Write a difference of two shares in percentage points, with its sign."""
    written = w.number(abs(100 * off), 1)
    zero = written == w.number(0.0, 1)
    return w("{n} pt", n=written if zero else ("+" if off > 0 else MINUS) + written)


def must_exceed(w: Words, frame: pd.DataFrame) -> str:
    """Say where more than promised had to be held; empty where there is nothing to explain."""
    shown = whole(frame)
    over = (shown["coverage"] - shown["level"]).round(6) > GOOD_POINTS
    more = shown[over & (off_promise(shown) <= GOOD_POINTS)]
    if more.empty:
        return ""
    return w(
        "At {levels} more had to be held than promised: {share} of customers bought nothing, and a "
        "range that begins at zero holds them all.",
        levels=w.listed([w.percent(level) for level in more["level"]]),
        share=w.percent(more["zeros"].iloc[0]),
    )


def chance_words(w: Words, low: float, high: float) -> str:
    """Say between what shares chance alone could have put a measured one."""
    return w.percent(low, 1) + DASH + w.percent(high, 1)
