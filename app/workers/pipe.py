"""A two-way pipe to a process that is no child of ``multiprocessing``."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from multiprocessing.connection import Connection


def start_with_pipe(
    command: list[str], environment: dict[str, str]
) -> tuple[subprocess.Popen[bytes], Connection]:
    """Start a process in a session of its own, whose last word says where its end is."""
    ours, theirs = socket.socketpair()
    inherited = () if sys.platform == "win32" else (theirs.fileno(),)
    with theirs:
        process = subprocess.Popen(  # noqa: S603
            [*command, str(theirs.fileno())], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            env=environment, pass_fds=inherited, start_new_session=True,
        )  # fmt: skip
        assert process.stdin is not None  # noqa: S101  # asked for
        with process.stdin:
            if sys.platform == "win32":  # nothing is inherited by number there
                process.stdin.write(theirs.share(process.pid))
    return process, Connection(ours.detach())


def their_end(number: str) -> Connection:
    """Return the end of the process that was started so."""
    if sys.platform == "win32":
        return Connection(socket.fromshare(sys.stdin.buffer.read()).detach())
    os.set_inheritable(int(number), False)  # workers must not keep it open
    return Connection(int(number))
