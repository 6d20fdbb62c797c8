"""What a process that forecasts may use: one thread a library, and most of the memory, not all.

A forecast that needs more is refused memory, says so and ends. Without a limit the system would
choose which process to kill, and it might choose the server.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
SHARE = 0.8
_CGROUP = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def limit_memory(most: int | None = None) -> None:
    """Limit what this process may write to; of what there is if no number of bytes is given."""
    if sys.platform == "win32":
        return
    import resource

    most = most or int(SHARE * memory_here())
    # not the address space: allocators reserve far more of that than they ever use
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def memory_here() -> int:
    """Return the bytes of memory of this machine, or of the container if it has fewer."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for file in _CGROUP:
        text = file.read_text("ascii").strip() if file.is_file() else ""
        found += [int(text)] if text.isdecimal() and int(text) > 0 else []
    return min(found)
