"""How sure a forecast is."""

from clvcore.uncertainty.distribution import Hurdle, Shape
from clvcore.uncertainty.levels import customers_at, hurdle_of_run, timeline_at, totals_at
from clvcore.uncertainty.moments import hurdle_of, hurdle_of_published
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
    "build_totals",
    "common_factor",
    "customers_at",
    "factor_quantiles",
    "group_totals",
    "hurdle_of",
    "hurdle_of_published",
    "hurdle_of_run",
    "level_uncertainty",
    "season_seen",
    "timeline_at",
    "totals_at",
    "totals_by",
    "totals_of",
]
