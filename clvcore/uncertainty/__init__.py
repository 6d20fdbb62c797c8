"""How sure a forecast is.

What makes a distribution of a fitted model is imported when it is asked for: it knows all models,
and whoever reads a run needs none.
"""

from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from clvcore.uncertainty.moments import hurdle_of, hurdle_of_published

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
    "hurdle_of",
    "hurdle_of_published",
    "hurdle_of_run",
    "level_uncertainty",
    "misses_of",
    "season_seen",
    "timeline_at",
    "totals_at",
    "totals_by",
    "totals_of",
]


def __getattr__(name: str) -> Any:
    """Import what needs the models."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from clvcore.uncertainty import moments

    return getattr(moments, name)
