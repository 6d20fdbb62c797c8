"""The table of speeds says what was measured, and nothing else in the file changes."""

from __future__ import annotations

import json

from speed_table import BEGIN, END, fill, read, table
from stages import OURS, PEER


def test_a_report_becomes_a_table_between_the_marks(tmp_path):
    report = tmp_path / "speed.json"
    measured = [
        {
            "extra_info": {"customers": 10_000, "stage": "scoring", "who": who, "peak_mb": memory},
            "stats": {"median": seconds},
        }
        for who, seconds, memory in ((OURS, 0.01, 300), (PEER, 1.5, 450))
    ]
    report.write_text(json.dumps({"benchmarks": [*measured, {"extra_info": {}}]}))
    laid_out = table(read(report))
    assert "10.0 ms" in laid_out
    assert "1.50 s" in laid_out
    assert "150.0" in laid_out
    text = f"before {BEGIN} old {END} after"
    filled = fill(text, laid_out)
    assert filled.startswith(f"before {BEGIN}")
    assert filled.endswith(f"{END} after")
    assert "old" not in filled
    assert fill(filled, laid_out) == filled
