"""The ledger of a saved folder: ``quality.json`` and the rejected rows beside it."""

from __future__ import annotations

import json

from clvcore.records.transactions import QualityReport
from clvcore.store.folder import FolderReader, FolderWriter
from clvcore.store.frames import frame_from_parquet, frame_to_parquet
from clvcore.store.strict_json import notices_from_json, notices_to_json, to_json

_LEDGER, _REJECTED = "quality.json", "rejected.parquet"


def write_quality(quality: QualityReport, out: FolderWriter) -> None:
    """Write the ledger and the rejected rows."""
    about = {**quality.to_dict(), "warnings": notices_to_json(quality.warnings)}
    out.file(_LEDGER, to_json(about, indent=2))
    out.file(_REJECTED, frame_to_parquet(quality.rejected))


def read_quality(saved: FolderReader) -> QualityReport:
    """Read the report ``write_quality`` was given."""
    about = json.loads(saved.file(_LEDGER))
    about["warnings"] = notices_from_json(about["warnings"])
    return QualityReport(**about, rejected=frame_from_parquet(saved.file(_REJECTED)))
