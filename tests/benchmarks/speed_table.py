"""Write what ``pytest tests/benchmarks --benchmark-json FILE`` measured into README.md.

python tests/benchmarks/speed_table.py FILE
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd
from interval_tables import markdown
from pages import STAGE as PAGES
from pages import WORDS
from stages import OURS, PEER, STAGES

README = Path(__file__).with_name("README.md")
PEERS = {stage: words for stage, (_, words, _) in STAGES.items()} | dict.fromkeys(PAGES, WORDS)
BEGIN, END = "<!-- measured -->", "<!-- end -->"


def read(file: Path) -> pd.DataFrame:
    """Return medians in seconds and peak memory, one row per size and stage."""
    report = json.loads(file.read_text(encoding="utf-8"))
    rows = [
        each["extra_info"] | {"seconds": each["stats"]["median"]}
        for each in report["benchmarks"]
        if "stage" in each["extra_info"]
    ]
    return pd.DataFrame(rows).pivot_table(
        index=["customers", "stage"], columns="who", values=["seconds", "peak_mb"]
    )


def table(measured: pd.DataFrame) -> str:
    """Lay the measurements out, stages in their own order."""
    rows = [
        [
            f"{customers:,}",
            stage,
            _seconds(measured.loc[(customers, stage), ("seconds", OURS)]),
            _seconds(measured.loc[(customers, stage), ("seconds", PEER)]),
            PEERS[stage],
            "{:.1f}".format(
                measured.loc[(customers, stage), ("seconds", PEER)]
                / measured.loc[(customers, stage), ("seconds", OURS)]
            ),
            f"{measured.loc[(customers, stage), ('peak_mb', OURS)]:,.0f}",
            f"{measured.loc[(customers, stage), ('peak_mb', PEER)]:,.0f}",
        ]
        for customers in sorted(set(measured.index.get_level_values(0)))
        for stage in PEERS
        if (customers, stage) in measured.index
    ]
    headings = ["customers", "stage", "clvcore", "peer", "who", "times", "MB", "MB peer"]
    return markdown(headings, rows, words=2)


def fill(text: str, measured: str) -> str:
    """Put the table between its marks."""
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n\n{measured.strip()}\n\n{END}{rest.split(END)[1]}"


def _seconds(value: float) -> str:
    return f"{value * 1e3:,.1f} ms" if value < 1 else f"{value:,.2f} s"


if __name__ == "__main__":
    measured = table(read(Path(sys.argv[1])))
    README.write_text(fill(README.read_text(encoding="utf-8"), measured), encoding="utf-8")
    sys.stdout.write(f"{measured}\n")
