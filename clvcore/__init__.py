"""Customer lifetime value with intervals you can check on your own past.

The public names are imported when they are first used, so that a command that needs none of them
starts at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clvcore.ingest import (
        IngestOptions,
        Mapping,
        guess_mapping,
        read_raw,
        read_transactions,
        validate,
    )
    from clvcore.records.config import ForecastConfig, Segmentation
    from clvcore.records.errors import (
        ClvError,
        ConfigError,
        DataError,
        EngineError,
        HistoryError,
        MappingError,
        ModelError,
        Notice,
        ReadError,
        StoreError,
    )
    from clvcore.records.run import Run
    from clvcore.records.transactions import QualityReport, Transactions
    from clvcore.runs.comparison import Comparison, compare
    from clvcore.runs.forecast import forecast
    from clvcore.runs.score import score
    from clvcore.store import load_run, save_run
    from clvcore.value.actions import action_plan, value_at_stake

__all__ = [
    "ClvError",
    "Comparison",
    "ConfigError",
    "DataError",
    "EngineError",
    "ForecastConfig",
    "HistoryError",
    "IngestOptions",
    "Mapping",
    "MappingError",
    "ModelError",
    "Notice",
    "QualityReport",
    "ReadError",
    "Run",
    "Segmentation",
    "StoreError",
    "Transactions",
    "action_plan",
    "compare",
    "forecast",
    "guess_mapping",
    "load_run",
    "read_raw",
    "read_transactions",
    "save_run",
    "score",
    "validate",
    "value_at_stake",
]

_ROOMS = {
    "clvcore.value.actions": ("action_plan", "value_at_stake"),
    "clvcore.runs.comparison": ("Comparison", "compare"),
    "clvcore.records.config": ("ForecastConfig", "Segmentation"),
    "clvcore.ingest": (
        "IngestOptions",
        "Mapping",
        "guess_mapping",
        "read_raw",
        "read_transactions",
        "validate",
    ),
    "clvcore.runs.forecast": ("forecast",),
    "clvcore.records.run": ("Run",),
    "clvcore.records.transactions": ("QualityReport", "Transactions"),
    "clvcore.runs.score": ("score",),
    "clvcore.store": ("load_run", "save_run"),
}
_HOME = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a public name from its room; whatever is not said otherwise is an error class."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME.get(name, "clvcore.records.errors")), name)


def __dir__() -> list[str]:
    return sorted(__all__)
