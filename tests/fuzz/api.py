"""20,000 generated requests against the HTTP interface: ``make fuzz``, or with ``--cases N``.

Prints what the checks found and how many got which status; ends with 1 if any check failed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path

API_TESTS = Path(__file__).resolve().parents[1] / "app" / "api"
MOST_AT_ONCE = 400
LIMIT = "100000000/minute"


def main() -> int:
    """Run until the cases are used up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    wanted = parser.parse_args().cases
    statuses: Counter[int] = Counter()
    failures: list[str] = []
    with tempfile.TemporaryDirectory() as home, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        os.environ |= {
            "CLV_HOME": home, "CLV_WORKERS": "0", "CLV_API_RATE": LIMIT,
            "CLV_API_FAILURES": LIMIT,
        }  # fmt: skip
        for seed, found in enumerate(_rounds(wanted)):
            statuses += found.statuses
            failures += found.failures
            sys.stdout.write("".join(f"{failure}\n\n" for failure in found.failures))
            sys.stdout.write(f"round {seed}: {statuses.total()} cases, {len(failures)} failures\n")
            sys.stdout.flush()
    told = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
    sys.stdout.write(f"\n{statuses.total()} cases ({told}), {len(failures)} failures\n")
    return 1 if failures else 0


def _rounds(wanted: int):
    """Try the corners first, then generate with another seed in every round."""
    sys.path.insert(0, str(API_TESTS))
    import uvicorn
    from conftest import nothing, serving
    from fuzzing import fuzz

    from app.accounts.tenants import add_tenant
    from app.api.application import create_api
    from app.api.first import ApiFirst

    keys, done, seed = add_tenant("fuzz"), 0, 0
    with serving(ApiFirst(nothing, create_api()), uvicorn) as url:
        while done < wanted:
            examples = min(MOST_AT_ONCE, max(1, (wanted - done) // 4))
            found = fuzz(url, keys, examples=examples, corners=seed == 0, seed=seed)
            done, seed = done + found.cases, seed + 1
            yield found


if __name__ == "__main__":
    sys.exit(main())
