"""The names this server answers to.

A foreign name that was made to point here (DNS rebinding) would let the pages of its owner read
ours. An address in figures cannot be made to point anywhere, so a server that listens on every
address of the machine answers to all of them.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable

LOOPBACK = ("127.0.0.1", "localhost", "::1")
EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - told apart here, not listened on
_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?")


class Hosts:
    """The names that are ours: those of loopback, the one listened on, and those allowed."""

    def __init__(self, host: str = LOOPBACK[0], allowed: Iterable[str] = ()) -> None:
        self.everywhere = host in EVERY_ADDRESS
        own = [socket.gethostname()] if self.everywhere else [host]
        self.names = frozenset(_plain(name) for name in (*LOOPBACK, *own, *allowed))

    def knows(self, asked: str) -> bool:
        """Tell whether a ``Host`` header names this server, on whatever port."""
        name = name_in(asked)
        return bool(name) and (name in self.names or (self.everywhere and _is_address(name)))


def name_in(asked: str) -> str:
    """Return the name in a ``Host`` header; an empty text if it is no such header."""
    read = _HOST.fullmatch(asked)
    return _plain(read["name"]) if read else ""


def _plain(name: str) -> str:
    return name.strip("[]").rstrip(".").lower()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
