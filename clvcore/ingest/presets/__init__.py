"""Exports of known platforms: recognized by their header, understood without a question."""

from clvcore.ingest.presets.mapped import preset_mapping
from clvcore.ingest.presets.prepare import Prepared, prepare
from clvcore.ingest.presets.preset import Preset
from clvcore.ingest.presets.registry import PRESETS, fitting_preset, recognize

__all__ = [
    "PRESETS",
    "Prepared",
    "Preset",
    "fitting_preset",
    "prepare",
    "preset_mapping",
    "recognize",
]
