"""How sure a forecast is: the hurdle, its quantiles, totals, and what widens them.

May import: ``records`` and ``arrays``; whoever reads a run needs no models. Begin with
``distribution.py``.
"""

from clvcore.uncertainty.basis import basis_of, basis_of_run, history_days, misses_of
from clvcore.uncertainty.distribution import Hurdle, Shape
from clvcore.uncertainty.levels import customers_at, hurdle_of_run, timeline_at, totals_at
from clvcore.uncertainty.totals import (
    Future,
    build_totals,
    common_factor,
    factor_quantiles,
    group_totals,
    level_uncertainty,
    season_seen,
    totals_by,
    totals_of,
)

__all__ = [
    "Future",
    "Hurdle",
    "Shape",
    "basis_of",
    "basis_of_run",
    "build_totals",
    "common_factor",
    "customers_at",
    "factor_quantiles",
    "group_totals",
    "history_days",
    "hurdle_of_run",
    "level_uncertainty",
    "misses_of",
    "season_seen",
    "timeline_at",
    "totals_at",
    "totals_by",
    "totals_of",
]
