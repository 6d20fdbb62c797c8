"""How much anybody may send: the lanes of the server and what is counted on each."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

MEGABYTE = 2**20
UPLOADS = "/_stcore/upload_file/"


@dataclass(frozen=True)
class Lane:
    """Addresses that begin alike, and the most that may be sent to them."""

    prefix: str
    body: int  # bytes in one request
    minute: int  # bytes from one address in a minute
    signed_in: bool = False


# the interface has limits of its own below these, said in its own words
LANES = (
    Lane(UPLOADS, body=201 * MEGABYTE, minute=1024 * MEGABYTE, signed_in=True),
    Lane("/api/", body=64 * MEGABYTE, minute=1024 * MEGABYTE),
    Lane("", body=MEGABYTE // 16, minute=4 * MEGABYTE),
)
AT_ONCE = 1024 * MEGABYTE  # in bodies that are still arriving or being answered
SOCKETS = 200  # of one address; half of what the server takes, so that nobody takes it all
ALL_SOCKETS = 400
# what is above waits in no queue: it is told when to come again, and costs next to nothing
REQUESTS = 200
# of its own the server has 11 files open when idle; the rest is for what visitors have it open:
# databases, saved forecasts, pipes to those who read and forecast
OWN_FILES = 120
FEWEST_FILES = ALL_SOCKETS + REQUESTS + OWN_FILES


def lane_of(path: str, lanes: tuple[Lane, ...] = LANES) -> Lane:
    """Return the lane of an address."""
    return next(lane for lane in lanes if path.startswith(lane.prefix))


class Budgets:
    """What each address has sent in this minute, and what all hold at this moment."""

    def __init__(
        self,
        *,
        lanes: tuple[Lane, ...] = LANES,
        at_once: int = AT_ONCE,
        sockets: int = SOCKETS,
        requests: int = REQUESTS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.lanes, self.at_once, self.sockets = lanes, at_once, sockets
        self.requests = requests
        self.held = 0
        self.answering = 0
        self.open: Counter[str] = Counter()
        self._clock = clock
        self._minute = 0
        self._sent: Counter[tuple[str, str]] = Counter()

    def spend(self, lane: Lane, address: str, size: int) -> bool:
        """Count bytes; False once the address has sent more than a minute's worth."""
        minute = int(self._clock() // 60)
        if minute != self._minute:
            self._minute = minute
            self._sent.clear()
        self._sent[lane.prefix, address] += size
        return self._sent[lane.prefix, address] <= lane.minute

    def seconds_left(self) -> int:
        """Return when the next minute begins, for ``Retry-After``."""
        return 60 - int(self._clock() % 60)

    def hold(self, size: int) -> bool:
        """Take room for bytes; False if all bodies together would need more than there is."""
        self.held += size
        return self.held <= self.at_once

    def give_back(self, size: int) -> None:
        """Return the room of a body that has been answered."""
        self.held -= size

    def begin(self) -> bool:
        """Count one more request that is being answered; False, uncounted, if there are enough."""
        if self.answering >= self.requests:
            return False
        self.answering += 1
        return True

    def end(self) -> None:
        """Count one request less."""
        self.answering -= 1

    def enter(self, address: str) -> bool:
        """Count one more open page; False if the address has too many."""
        if self.open[address] >= self.sockets or self.open.total() >= ALL_SOCKETS:
            return False
        self.open[address] += 1
        return True

    def leave(self, address: str) -> None:
        """Count one open page less."""
        self.open[address] -= 1
        if self.open[address] <= 0:
            del self.open[address]
