"""Heavy work steps back: whoever waits for a page or an answer is served first."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

POLITE = 5
_AUTOGROUP = Path("/proc/self/autogroup")


def step_back() -> None:
    """Lower the priority of this process and of those it will start.

    Linux may weigh whole sessions against each other instead of processes; the weight is set only
    where the session is this process's own, since the server may be in it otherwise.
    """
    if os.name == "nt":
        return
    os.nice(POLITE)
    if os.getsid(0) == os.getpid():
        with suppress(OSError):  # not Linux, or a kernel without such groups
            _AUTOGROUP.write_text(str(POLITE))
