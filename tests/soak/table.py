"""What the soak scripts print: one line a check, and an exit code for the worst of them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

Check = tuple[str, object, bool]


def print_table(title: str, checks: Sequence[Check]) -> NoReturn:
    """Print what was measured, and end with 1 if anything is not as promised."""
    wide = max(len(name) for name, _, _ in checks)
    lines = [title] + [
        f"  {name:<{wide}}  {value!s:>12}  {'ok' if good else 'FAILED'}"
        for name, value, good in checks
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    raise SystemExit(0 if all(good for _, _, good in checks) else 1)


def share(values: Sequence[float], part: float) -> float:
    """Return the value that this part of all do not exceed."""
    return sorted(values)[round(part * (len(values) - 1))]
