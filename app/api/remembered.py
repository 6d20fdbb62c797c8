"""The last forecasts of each tenant, so that the same orders are not fitted twice."""

from __future__ import annotations

import threading
from collections import OrderedDict

from app.api.fitted import Fitted

MOST_PER_TENANT = 4
MOST_CUSTOMERS = 1_000_000
MOST_ANSWERS = 4  # of one forecast
LARGEST_ANSWER = 2**20  # a larger one is rare, and quicker made again than it is sent


class Remembered:
    """Fitted forecasts by tenant and question, the least recently used forgotten first.

    With a forecast the answers made from it are remembered, by the very bytes that asked for them:
    who asks the same again, as programs do, costs next to nothing. They go when it goes.
    """

    def __init__(self, most_customers: int = MOST_CUSTOMERS) -> None:
        self._most = most_customers
        self._kept: OrderedDict[tuple[str, str], Fitted] = OrderedDict()
        self._answers: dict[tuple[str, str], OrderedDict[str, bytes]] = {}
        self._asked: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()

    def find(self, tenant: str, key: str) -> Fitted | None:
        """Return the tenant's own forecast of a question, if it is still there."""
        with self._lock:
            found = self._kept.get((tenant, key))
            if found is not None:
                self._kept.move_to_end((tenant, key))
            return found

    def keep(self, tenant: str, key: str, fitted: Fitted) -> None:
        """Keep a forecast and forget what is too much."""
        with self._lock:
            self._forget((tenant, key))
            self._kept[tenant, key] = fitted
            own = [name for name in self._kept if name[0] == tenant]
            for name in own[: max(0, len(own) - MOST_PER_TENANT)]:
                self._forget(name)
            while self._customers() > self._most:
                self._forget(next(iter(self._kept)))

    def find_answer(self, tenant: str, asked: str) -> bytes | None:
        """Return what the tenant was told when it asked the very same."""
        with self._lock:
            key = self._asked.get((tenant, asked))
            if key is None:
                return None
            self._kept.move_to_end((tenant, key))
            return self._answers[tenant, key][asked]

    def keep_answer(self, tenant: str, key: str, asked: str, answer: bytes) -> None:
        """Keep what was made of a forecast, as long as that is kept."""
        with self._lock:
            if (tenant, key) not in self._kept or len(answer) > LARGEST_ANSWER:
                return
            answers = self._answers.setdefault((tenant, key), OrderedDict())
            answers[asked] = answer
            self._asked[tenant, asked] = key
            while len(answers) > MOST_ANSWERS:
                del self._asked[tenant, answers.popitem(last=False)[0]]

    def _forget(self, name: tuple[str, str]) -> None:
        self._kept.pop(name, None)
        for asked in self._answers.pop(name, ()):
            del self._asked[name[0], asked]

    def _customers(self) -> int:
        return sum(len(fitted.customers) for fitted in self._kept.values())
