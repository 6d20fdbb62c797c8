"""Customer lifetime value with intervals you can check on your own past."""

from clvcore.actions import action_plan, value_at_stake
from clvcore.config import ForecastConfig, Segmentation
from clvcore.errors import (
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
from clvcore.ingest import Mapping, guess_mapping, read_raw, read_transactions, validate
from clvcore.pipeline import forecast
from clvcore.records import QualityReport, Run, Transactions
from clvcore.store import load_run, save_run

__all__ = [
    "ClvError",
    "ConfigError",
    "DataError",
    "EngineError",
    "ForecastConfig",
    "HistoryError",
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
    "forecast",
    "guess_mapping",
    "load_run",
    "read_raw",
    "read_transactions",
    "save_run",
    "validate",
    "value_at_stake",
]
