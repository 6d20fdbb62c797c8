"""How forecasts made on days in the past turned out."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, eq=False, kw_only=True)
class Backtest:
    """How forecasts made on days in the past turned out.

    Parameters
    ----------
    window_days
        Length of the scored windows.
    is_full_length
        Whether that is the horizon of the forecast; if not, its quality is not measured.
    leaderboard
        Indexed by model, columns as in ``columns.LEADERBOARD_FRAME``, averaged over origins.
    totals
        ``origin``, ``model``, ``actual`` and ``forecast`` revenue of everyone known at the origin.
    left_out
        Members that could not be fitted at the latest origin.
    """

    window_days: int
    is_full_length: bool
    leaderboard: pd.DataFrame
    totals: pd.DataFrame
    left_out: tuple[str, ...] = ()
