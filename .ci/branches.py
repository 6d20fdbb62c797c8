"""Print how many branches of each package were taken, and fail below the share that is promised.

``python .ci/branches.py coverage.json``, a report of coverage.py.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

PACKAGES = ("clvcore", "clvcore/ingest", "app/accounts", "app/api")
LEAST = 90.0


def main(report: Path) -> int:
    """Print a line a package; return 1 if one is below."""
    files = json.loads(report.read_text("utf-8"))["files"]
    low = 0
    for package in PACKAGES:
        found = [f["summary"] for name, f in files.items() if name.startswith(f"{package}/")]
        there = sum(summary["num_branches"] for summary in found)
        taken = sum(summary["covered_branches"] for summary in found)
        share = 100 * taken / there if there else 0.0
        low += share < LEAST
        mark = "" if share >= LEAST else f"  below {LEAST:g} %"
        sys.stdout.write(f"{package:<16}{taken:>6} of {there:>5} branches {share:>6.1f} %{mark}\n")
    return int(low > 0)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
