"""What the past proves of a run: its frames as Parquet, the rest in the manifest."""

from __future__ import annotations

from typing import Any

from clvcore.records.trust import Trust
from clvcore.store.folder import FolderReader, FolderWriter
from clvcore.store.frames import frame_from_parquet, frame_to_parquet
from clvcore.store.strict_json import notices_from_json, notices_to_json, number

_FRAMES = {
    "coverage": "coverage.parquet",
    "totals": "past_totals.parquet",
    "pit": "pit.parquet",
    "calibration": "calibration.parquet",
}


def write_trust(trust: Trust, out: FolderWriter) -> None:
    """Write the four frames."""
    for name, file in _FRAMES.items():
        out.file(file, frame_to_parquet(getattr(trust, name)))


def about_trust(trust: Trust) -> dict[str, Any]:
    """Return what the manifest keeps, so that a list of runs can say it without a frame."""
    return {
        "verdict": trust.verdict,
        "reasons": notices_to_json(trust.reasons),
        "window_days": trust.window_days,
        "is_full_length": trust.is_full_length,
        "season_seen": trust.season_seen,
        "level_uncertainty": trust.level_uncertainty,
        "r2": trust.r2,
    }


def read_trust(saved: FolderReader) -> Trust:
    """Read what was written; a run from before trust was measured has none."""
    about = saved.manifest.get("trust")
    if about is None:
        return Trust()
    frames = {name: frame_from_parquet(saved.file(file)) for name, file in _FRAMES.items()}
    return Trust(
        verdict=about["verdict"],
        reasons=notices_from_json(about["reasons"]),
        window_days=about["window_days"],
        is_full_length=about["is_full_length"],
        coverage=frames["coverage"],
        totals=frames["totals"],
        pit=frames["pit"],
        calibration=frames["calibration"],
        season_seen=number(about["season_seen"]),
        level_uncertainty=number(about["level_uncertainty"]),
        r2=number(about.get("r2")),
    )
